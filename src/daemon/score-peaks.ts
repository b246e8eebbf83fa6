import type { Config } from '../config/index.js';
import type { ModelPack } from '../model/index.js';
import type { Detection, Listener, ListenerEvents } from '../pipeline.js';
import { forecastOf } from '../protocol/forecast.js';
import type { Capture, KeywordPeaks, ScorePeak, ThresholdForecast } from '../protocol/index.js';
import type { CaptureFolder } from '../service.js';
import type { DaemonInput } from './input.js';
import type { DaemonKeywords } from './keywords.js';
import type { KeptPeak, PeakRing } from './peak-ring.js';
import { type Peak, PeakTracker } from './peak-tracker.js';
import type { SwitchingListener } from './switching-listener.js';

export interface ScorePeaksOptions {
  readonly config: Pick<Config, 'secondLook'>;
  readonly ring: PeakRing;
  readonly listener: SwitchingListener;
  readonly input: Pick<DaemonInput, 'wallMs'>;
  readonly keywords: DaemonKeywords;
  readonly captures: Pick<CaptureFolder, 'list'>;
}

/** No threshold that is of use is lower: below it, the second look of packs is not asked either. */
const FLOOR = 0.3;
/** A capture and a peak of the same keyword that are no further apart are of the same word. */
const SAME_WORD_MS = 1500;

/**
 * Keeps how sure the detector was of what it heard, detected or not, and says what other thresholds would have done. It works only
 * while the gate is open.
 */
export class ScorePeaks {
  readonly #options: ScorePeaksOptions;
  #tracker!: PeakTracker;
  #listener!: Listener;
  #pack!: ModelPack;

  constructor(options: ScorePeaksOptions) {
    this.#options = options;
    this.#follow();
    options.listener.on('detection', this.#onDetection).on('changed', () => {
      this.#end();
      this.#follow();
    });
  }

  /** To be called now and then. */
  beat(nowMs: number): void {
    this.#options.ring.beat(nowMs);
  }

  /** Writes all peaks down. */
  async close(): Promise<void> {
    this.#end();
    await this.#options.ring.write();
  }

  /** @throws WakegateError WG_UNKNOWN_NAME; WG_STATE_UNUSABLE where captures cannot be read */
  async of(name: string): Promise<KeywordPeaks> {
    const { keywords, listener, config, ring, captures } = this.#options;
    const { threshold } = keywords.named(name);
    const { pack } = listener.current;
    const look = config.secondLook === 'on' ? pack.secondLook?.keywords[name] : undefined;
    const clips = (await captures.list()).filter(
      ({ keyword, model }) => keyword === name && model === pack.name,
    );
    const open = this.#tracker.open().map((peak) => this.#kept(peak));
    const kept = [...ring.list(), ...open].filter(
      ({ keyword, model }) => keyword === name && model === pack.name,
    );
    const peaks = kept.map((peak) => asScorePeak(peak, clipOf(peak.heardMs, clips))).reverse();
    return {
      keyword: name,
      threshold,
      ask: look ? look.ask : null,
      rearmRatio: pack.detector.rearmRatio,
      floor: FLOOR,
      since: new Date(ring.sinceMs).toISOString(),
      peaks,
      captured: clips.map(
        (clip) => peaks.find(({ capture }) => capture === clip.id) ?? ofCapture(clip, threshold),
      ),
    };
  }

  /** @throws WakegateError as {@link of} does */
  async forecast(name: string, threshold: number, nowMs = Date.now()): Promise<ThresholdForecast> {
    return forecastOf(await this.of(name), threshold, nowMs);
  }

  #follow(): void {
    const { listener, keywords, ring } = this.#options;
    const { pack } = listener.current;
    const names = pack.keywords.map(({ name }) => name);
    this.#tracker = new PeakTracker({
      keywords: names,
      refractoryMs: pack.detector.refractoryMs,
      rearmRatio: pack.detector.rearmRatio,
      spacing: pack.back.positionSteps * listener.current.listener.stepSamples,
      floor: FLOOR,
      patienceOf: (k) => {
        const { enabled, patience } = keywords.list(pack)[k];
        return enabled ? patience : 0;
      },
      onPeak: (peak) => ring.add(this.#kept(peak)),
    });
    this.#pack = pack;
    this.#listener = listener.current.listener;
    this.#listener.on('position', this.#onPosition).on('secondLook', this.#onLook);
  }

  #end(): void {
    this.#listener.off('position', this.#onPosition).off('secondLook', this.#onLook);
    this.#tracker.close();
  }

  readonly #onPosition = ({ sample, scores }: ListenerEvents['position'][0]): void =>
    this.#tracker.scored(sample, scores);

  readonly #onLook = (verdict: ListenerEvents['secondLook'][0]): void => this.#tracker.looked(verdict);

  readonly #onDetection = (detection: Detection): void => this.#tracker.detected(detection);

  #kept({ keyword, sample, posterior, second, joined, detected, valley }: Peak): KeptPeak {
    const { input, keywords } = this.#options;
    return {
      heardMs: Math.round(input.wallMs(sample)),
      model: this.#pack.name,
      keyword,
      posterior: rounded(posterior),
      second: second === null ? null : rounded(second),
      score: rounded(joined ?? posterior),
      threshold: keywords.list(this.#pack).find(({ name }) => name === keyword)!.threshold,
      detected,
      valley: rounded(valley),
    };
  }
}

/** As fine as thresholds are. */
function rounded(probability: number): number {
  return Math.round(probability * 1e6) / 1e6;
}

function clipOf(heardMs: number, clips: readonly Capture[]): Capture | undefined {
  return clips.find(({ heardAt }) => Math.abs(Date.parse(heardAt) - heardMs) < SAME_WORD_MS);
}

function asScorePeak({ heardMs, model: _, keyword: __, ...peak }: KeptPeak, clip?: Capture): ScorePeak {
  const { id: capture = null, label = null } = clip ?? {};
  return { heardAt: new Date(heardMs).toISOString(), ...peak, capture, label };
}

/** Of what was captured before its peak was kept, or is kept no more. */
function ofCapture({ id, kind, score, look, heardAt, label }: Capture, threshold: number): ScorePeak {
  return {
    heardAt,
    posterior: look?.posterior ?? score,
    second: look?.second ?? null,
    score: look?.score ?? score,
    threshold,
    detected: kind === 'detection',
    valley: 0,
    capture: id,
    label,
  };
}
