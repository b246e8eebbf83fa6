import { SAMPLE_RATE } from '../audio/index.js';
import { SampleRing } from '../audio/sample-ring.js';
import type { Capture } from '../protocol/index.js';

/** Around what the classifier heard. */
const BEFORE_SAMPLES = 2 * SAMPLE_RATE;
const AFTER_SAMPLES = SAMPLE_RATE;
/** The classifier's answer may come this much later than the sound, since it may have to wake up. */
const LATEST_ANSWER_SAMPLES = 5 * SAMPLE_RATE;

/** Something that was heard. */
export interface Heard {
  readonly keyword: string;
  readonly score: number;
  /** Sample number at its end. */
  readonly sample: number;
  /** The surest second look at it, where there was one. */
  readonly look?: NonNullable<Capture['look']>;
}

/** A second look that did not confirm a keyword. */
export interface Refused {
  readonly keyword: string;
  readonly look: NonNullable<Capture['look']>;
}

export interface Clip extends Heard {
  readonly kind: Capture['kind'];
  /** 16 kHz mono. */
  readonly samples: Int16Array;
}

export interface CaptureRecorderOptions {
  /** Of the window that the classifier hears. */
  readonly windowSamples: number;
  /** Smoothed posterior from which on it was a near miss. */
  readonly floor: number;
  readonly onClip: (clip: Clip) => void;
}

/**
 * Cuts clips out of a stream: what triggered a detection, with two seconds before it and one after it, and near
 * misses. Holds the newest sound in a ring, whose memory goes when the recorder does.
 */
export class CaptureRecorder {
  readonly #options: CaptureRecorderOptions;
  readonly #ring: SampleRing;
  /** Detections and misses of which some sound is still to come. */
  #due: (Heard & { readonly kind: Capture['kind'] })[] = [];
  /** The highest score since the gate opened, while nothing was detected; its clip once all of it has come. */
  #best: (Heard & { clip: Clip | null }) | null = null;
  /** By keyword, the surest since the last word. */
  readonly #refused = new Map<string, Refused['look']>();
  /** Where the newest of what is kept ends. */
  #lastKept = Number.NEGATIVE_INFINITY;

  constructor(options: CaptureRecorderOptions) {
    this.#options = options;
    const clipSamples = BEFORE_SAMPLES + options.windowSamples + AFTER_SAMPLES;
    this.#ring = new SampleRing(clipSamples + LATEST_ANSWER_SAMPLES);
  }

  /** @param startSample number of the first sample; a clip never reaches over a gap */
  push(samples: Int16Array, startSample: number): void {
    if (startSample !== this.#ring.nextSample) {
      this.flush();
      this.#ring.skip(startSample - this.#ring.nextSample);
    }
    this.#ring.write(samples);
    if (this.#due.length > 0) this.#cutDue((sample) => sample + AFTER_SAMPLES <= this.#ring.nextSample);
    const best = this.#best;
    if (best && !best.clip && best.sample + AFTER_SAMPLES <= this.#ring.nextSample) {
      best.clip = this.#cut({ ...best, kind: 'near-miss' });
    }
  }

  detected(heard: Heard): void {
    this.#best = null;
    this.#refused.clear();
    this.#lastKept = heard.sample;
    this.#due.push({ ...heard, kind: 'detection' });
  }

  /** Takes the score of the likeliest keyword at a position. */
  scored(heard: Heard): void {
    const { floor, windowSamples } = this.#options;
    // The rest of a word that is kept already is not another one.
    if (heard.score < floor || heard.sample - windowSamples < this.#lastKept) return;
    if (this.#best === null || heard.score > this.#best.score) this.#best = { ...heard, clip: null };
  }

  /** A second look did not agree: what it was asked about may become a near miss. */
  refused({ keyword, look }: Refused): void {
    const before = this.#refused.get(keyword);
    if (before === undefined || look.score > before.score) this.#refused.set(keyword, look);
  }

  /** The gate has closed, and all answers have come: a near miss will not become a detection any more. */
  missed(): void {
    const best = this.#best;
    this.#best = null;
    if (best) this.#lastKept = best.sample;
    const look = best && this.#refused.get(best.keyword);
    this.#refused.clear();
    if (best?.clip) this.#options.onClip({ ...best.clip, ...(look && { look }) });
    else if (best) this.#due.push({ ...best, kind: 'near-miss', ...(look && { look }) });
  }

  /** Cuts what is due from the sound so far, since no more comes for now. */
  flush(): void {
    this.#cutDue(() => true);
  }

  #cutDue(isDue: (sample: number) => boolean): void {
    const due = this.#due.filter(({ sample }) => isDue(sample));
    this.#due = this.#due.filter(({ sample }) => !isDue(sample));
    for (const heard of due) {
      const clip = this.#cut(heard);
      if (clip.samples.length > 0) this.#options.onClip(clip);
    }
  }

  #cut({ kind, keyword, score, sample, look }: Heard & { readonly kind: Capture['kind'] }): Clip {
    const from = sample - this.#options.windowSamples - BEFORE_SAMPLES;
    const samples = this.#ring.copy(from, sample + AFTER_SAMPLES);
    return { kind, keyword, score, sample, samples, ...(look && { look }) };
  }
}
