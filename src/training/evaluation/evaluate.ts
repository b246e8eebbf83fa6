import { SAMPLE_RATE } from '../../audio/index.js';
import { Classifier } from '../../classifier/index.js';
import { WakegateError } from '../../errors.js';
import type { ModelPack } from '../../model/index.js';
import type { Clip } from '../corpus/corpus.js';
import { wordRegion } from '../corpus/word-region.js';
import { atSnr } from '../feed/add-noise.js';
import { Random } from '../random.js';
import { type BalancedAccuracy, balancedAccuracy, type Recall } from './balanced-accuracy.js';
import { type DetPoint, detCurve } from './det.js';
import { type GatePoint, gateCurve } from './gate-curve.js';
import { handoffWindows } from './gate-trace.js';
import { countInterval, type Interval, rateInterval, ratioInterval } from './intervals.js';
import { type HeardInClip, listenToClip } from './listen-to-clip.js';

/** A count of so many, as a rate with its 95 % interval. */
export interface Rate {
  readonly events: number;
  readonly of: number;
  readonly rate: number;
  readonly interval: Interval;
}

/** A ratio of sums over clips, with its 95 % interval by bootstrap over the clips; null of a single clip. */
export interface Ratio {
  readonly clips: number;
  readonly rate: number;
  readonly interval: Interval | null;
}

type ByName<T> = Readonly<Record<string, T>>;

/** Figures of a pack, from the pipeline that the daemon runs. Conditions are `clean`, `10 dB`, ... */
export interface Evaluation {
  readonly pack: string;
  /** Clips with no detection of their keyword, by condition and for all keywords together. */
  readonly falseRejects: ByName<Rate>;
  readonly falseRejectsByKeyword: ByName<ByName<Rate>>;
  readonly falseRejectsByCorpus: ByName<ByName<Rate>>;
  /** Clips with a detection of another keyword than theirs. */
  readonly confused: ByName<Rate>;
  /** Clips in which the gate never opened. */
  readonly falseStops: ByName<Rate>;
  /** Detections in recordings without a keyword, by kind: `of` is hours, `rate` per hour. */
  readonly falseAccepts: ByName<Rate>;
  readonly falseAcceptsByKeyword: ByName<Rate>;
  readonly falseAcceptsByCorpus: ByName<Rate>;
  /** Clips of other words with a detection. */
  readonly otherWords: Rate | null;
  /**
   * Over each keyword, other words and silence, which is noise, second by second: a clip is what is detected in it first. Null where
   * one of these is not there.
   */
  readonly balancedAccuracy: BalancedAccuracy | null;
  /** Share of steps stopped, by kind and by corpus of recording; `steps` of them. */
  readonly stopped: ByName<Ratio & { readonly steps: number }>;
  readonly stoppedByCorpus: ByName<Ratio & { readonly steps: number }>;
  /** 1 - bytes handed over / bytes of dense float32, over the clean keyword clips. */
  readonly compression: Ratio & { readonly bytes: number; readonly denseBytes: number };
  /** Share of zeros in the window of each keyword clip at which the gate's score was highest. */
  readonly sparsity: Ratio;
  /** From the end of the word, as its energy has it, to the end of the position that completed the detection. */
  readonly latencyMs: { readonly of: number; readonly median: number; readonly percentile95: number } | null;
  /** CPU milliseconds a second of sound, by stage, over recordings without a keyword, as measured on this machine. */
  readonly cpuMsPerSecond: ByName<number>;
  /** By condition, for all keywords together; and of each keyword alone, clean. */
  readonly det: ByName<readonly DetPoint[]>;
  readonly detByKeyword: ByName<readonly DetPoint[]>;
  readonly gateCurve: readonly GatePoint[];
}

export interface EvaluateOptions {
  readonly backend: 'auto' | 'node' | 'wasm';
  readonly levelGate: 'on' | 'off';
  /** Levels at which noise is added to the keyword clips, in dB below their active parts. */
  readonly snrDb: readonly number[];
  /** Is told of every clip that has been listened to. */
  readonly onProgress?: (done: number, of: number) => void;
}

interface Heard extends HeardInClip {
  readonly clip: Clip;
}

const KINDS = ['speech', 'noise', 'music'] as const;

/**
 * Runs every clip through a stream of its own, as `wakegate detect` does.
 *
 * @throws WakegateError WG_DATA_INVALID where there is nothing to measure, or no noise to add
 */
export async function evaluate(
  pack: ModelPack,
  clips: readonly Clip[],
  options: EvaluateOptions,
): Promise<Evaluation> {
  const names = pack.keywords.map(({ name }) => name);
  const words = clips.filter(({ kind }) => kind === 'word');
  const positives = words.filter(({ label }) => names.includes(label));
  const others = words.filter(({ label }) => !names.includes(label));
  checkMeasurable(pack, positives, clips, options);

  const work = new Work(pack, options, clips.length + positives.length * options.snrDb.length);
  const conditions: Record<string, Heard[]> = { clean: await work.listen(positives) };
  const noises = clips.filter(({ kind }) => kind === 'noise').map(({ samples }) => samples);
  for (const snrDb of options.snrDb) {
    const random = new Random(1000 + snrDb);
    const noisy = positives.map((clip) => ({ ...clip, samples: atSnr(clip.samples, noises, snrDb, random) }));
    conditions[`${snrDb} dB`] = await work.listen(noisy);
  }
  const heardOthers = await work.listen(others);
  const byKind: Record<string, Heard[]> = {};
  for (const kind of KINDS) {
    const own = clips.filter((clip) => clip.kind === kind);
    if (own.length > 0) byKind[kind] = await work.listen(own);
  }
  await work.end();

  const negatives = Object.values(byKind).flat();
  const keywordsHeard = names.filter((name) => positives.some(({ label }) => label === name));
  const missed = ({ clip, keywords }: Heard) => !keywords.includes(clip.label);
  const each = <T>(make: (heard: Heard[]) => T) => mapped(conditions, make);
  const missedIn = (heard: readonly Heard[], of: (clip: Clip) => string) =>
    mapped(grouped(heard, of), (some) => rateOf(some, missed));
  return {
    pack: pack.name,
    falseRejects: each((heard) => rateOf(heard, missed)),
    falseRejectsByKeyword: turned(each((heard) => missedIn(heard, ({ label }) => label))),
    falseRejectsByCorpus: turned(each((heard) => missedIn(heard, ({ corpus }) => corpus))),
    confused: each((heard) =>
      rateOf(heard, ({ clip, keywords }) => keywords.some((keyword) => keyword !== clip.label)),
    ),
    falseStops: each((heard) => rateOf(heard, ({ account }) => account.openings === 0)),
    falseAccepts: {
      ...mapped(byKind, (heard) => perHour(heard)),
      ...(negatives.length > 0 ? { all: perHour(negatives) } : {}),
    },
    falseAcceptsByKeyword:
      negatives.length > 0 ? Object.fromEntries(names.map((name) => [name, perHour(negatives, name)])) : {},
    falseAcceptsByCorpus: mapped(
      grouped(negatives, ({ corpus }) => corpus),
      (heard) => perHour(heard),
    ),
    otherWords: heardOthers.length > 0 ? rateOf(heardOthers, ({ keywords }) => keywords.length > 0) : null,
    balancedAccuracy: classified(
      mapped(
        grouped(conditions.clean, ({ label }) => label),
        (heard) => recallOf(heard, ({ clip, keywords }) => keywords[0] === clip.label),
      ),
      recallOf(heardOthers, ({ keywords }) => keywords.length === 0),
      quietSeconds(byKind.noise ?? []),
    ),
    stopped: mapped(byKind, stopRate),
    stoppedByCorpus: mapped(
      grouped(negatives, ({ corpus }) => corpus),
      stopRate,
    ),
    compression: compression(conditions.clean),
    sparsity: sparsity(pack, positives),
    latencyMs: latency(conditions.clean),
    cpuMsPerSecond: cpuPerSecond(negatives.length > 0 ? negatives : conditions.clean),
    det: negatives.length > 0 ? each((heard) => detCurve(pack, heard, negatives)) : {},
    detByKeyword:
      negatives.length > 0
        ? Object.fromEntries(
            keywordsHeard.map((name) => [name, detCurve(pack, conditions.clean, negatives, name)]),
          )
        : {},
    gateCurve: gateCurve(
      pack,
      Object.values(conditions).flatMap((heard) => heard.map(({ account }) => account.maxScore)),
      mapped(byKind, (heard) => heard.map(({ clip }) => clip)),
    ),
  };
}

function checkMeasurable(
  pack: ModelPack,
  positives: readonly Clip[],
  clips: readonly Clip[],
  { snrDb }: EvaluateOptions,
): void {
  if (positives.length === 0) {
    const labels = [...new Set(clips.filter(({ kind }) => kind === 'word').map(({ label }) => label))];
    throw new WakegateError(
      'WG_DATA_INVALID',
      `no recording is labelled with a keyword of ${pack.name} (${pack.keywords.map(({ name }) => name).join(', ')}); ` +
        `there are words labelled ${labels.slice(0, 20).join(', ') || 'nothing at all'}`,
    );
  }
  if (snrDb.length > 0 && !clips.some(({ kind }) => kind === 'noise')) {
    throw new WakegateError(
      'WG_DATA_INVALID',
      'there is no recording of kind noise to add: add some to the manifest, or measure without noise',
    );
  }
}

/** One classifier for all clips, and a count of those that were listened to. */
class Work {
  readonly #pack: ModelPack;
  readonly #classifier: Classifier;
  readonly #options: EvaluateOptions;
  readonly #of: number;
  #done = 0;

  constructor(pack: ModelPack, options: EvaluateOptions, of: number) {
    this.#pack = pack;
    this.#classifier = new Classifier({ pack, backend: options.backend });
    this.#options = options;
    this.#of = of;
  }

  async listen(clips: readonly Clip[]): Promise<Heard[]> {
    const heard: Heard[] = [];
    for (const clip of clips) {
      const { levelGate, onProgress } = this.#options;
      heard.push({ clip, ...(await listenToClip(clip.samples, this.#pack, this.#classifier, levelGate)) });
      onProgress?.(++this.#done, this.#of);
    }
    return heard;
  }

  end(): Promise<void> {
    return this.#classifier.close();
  }
}

function rateOf(heard: readonly Heard[], isEvent: (heard: Heard) => boolean): Rate {
  const events = heard.filter(isEvent).length;
  const of = heard.length;
  return { events, of, rate: events / of, interval: rateInterval(events, of) };
}

function recallOf(heard: readonly Heard[], isRight: (heard: Heard) => boolean): Recall {
  return { right: heard.filter(isRight).length, of: heard.length };
}

/** Seconds in which nothing was detected. */
function quietSeconds(heard: readonly Heard[]): Recall {
  const seconds = heard.map(({ clip }) => Math.floor(clip.samples.length / SAMPLE_RATE));
  const loud = heard.map(
    ({ detections }) => new Set(detections.map(({ sample }) => Math.floor(sample / SAMPLE_RATE))),
  );
  return { right: sum(seconds) - sum(loud.map(({ size }) => size)), of: sum(seconds) };
}

function classified(keywords: ByName<Recall>, others: Recall, silence: Recall): BalancedAccuracy | null {
  if (others.of === 0 || silence.of === 0) return null;
  return balancedAccuracy({ ...keywords, 'other words': others, silence });
}

function perHour(heard: readonly Heard[], only?: string): Rate {
  const hours = heard.reduce((sum, { clip }) => sum + clip.samples.length, 0) / SAMPLE_RATE / 3600;
  const events = heard
    .flatMap(({ keywords }) => keywords)
    .filter((name) => only === undefined || name === only).length;
  return { events, of: hours, rate: events / hours, interval: countInterval(events, hours) };
}

function ratioOf(parts: readonly { readonly part: number; readonly whole: number }[]): Ratio {
  const [part, whole] = [sum(parts.map((of) => of.part)), sum(parts.map((of) => of.whole))];
  return { clips: parts.length, rate: whole === 0 ? 0 : part / whole, interval: ratioInterval(parts) };
}

function stopRate(heard: readonly Heard[]): Ratio & { steps: number } {
  const parts = heard.map(({ account }) => ({ part: account.steps - account.passed, whole: account.steps }));
  return { ...ratioOf(parts), steps: sum(parts.map(({ whole }) => whole)) };
}

function compression(heard: readonly Heard[]): Evaluation['compression'] {
  const handoffs = heard.map(({ account }) => account.handoffs);
  return {
    ...ratioOf(handoffs.map(({ bytes, denseBytes }) => ({ part: denseBytes - bytes, whole: denseBytes }))),
    bytes: sum(handoffs.map(({ bytes }) => bytes)),
    denseBytes: sum(handoffs.map(({ denseBytes }) => denseBytes)),
  };
}

function sparsity(pack: ModelPack, positives: readonly Clip[]): Ratio {
  return ratioOf(
    [...handoffWindows(pack, positives)].map((levels) => ({
      part: levels.filter((level) => level === 0).length,
      whole: levels.length,
    })),
  );
}

function latency(heard: readonly Heard[]): Evaluation['latencyMs'] {
  const ms = heard
    .flatMap(({ clip, detections }) => {
      const own = detections.find(({ keyword }) => keyword === clip.label);
      return own ? [(own.sample - wordRegion(clip.samples).end) / (SAMPLE_RATE / 1000)] : [];
    })
    .sort((a, b) => a - b);
  if (ms.length === 0) return null;
  const at = (share: number) => Math.round(ms[Math.min(ms.length - 1, Math.floor(share * ms.length))]);
  return { of: ms.length, median: at(0.5), percentile95: at(0.95) };
}

function cpuPerSecond(heard: readonly Heard[]): Record<string, number> {
  const seconds = sum(heard.map(({ clip }) => clip.samples.length)) / SAMPLE_RATE;
  const stages = ['features', 'gate', 'handoff', 'classifier'] as const;
  return Object.fromEntries(
    stages.map((stage) => [stage, sum(heard.map(({ cpuMs }) => cpuMs[stage])) / seconds]),
  );
}

function sum(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0);
}

function mapped<T, U>(record: Readonly<Record<string, T>>, make: (value: T) => U): Record<string, U> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, make(value)]));
}

function grouped(heard: readonly Heard[], of: (clip: Clip) => string): Record<string, Heard[]> {
  const groups: Record<string, Heard[]> = {};
  for (const one of heard) (groups[of(one.clip)] ??= []).push(one);
  return groups;
}

/** Outer and inner names the other way round. */
function turned<T>(
  record: Readonly<Record<string, Readonly<Record<string, T>>>>,
): Record<string, Record<string, T>> {
  const out: Record<string, Record<string, T>> = {};
  for (const [outer, inner] of Object.entries(record)) {
    for (const [name, value] of Object.entries(inner)) (out[name] ??= {})[outer] = value;
  }
  return out;
}
