import { WORD_MS } from '../classifier/detector.js';
import type { SecondLookVerdict } from '../classifier/second-look-stage.js';
import type { Detection } from '../pipeline.js';

/** The surest moment of something that was heard. */
export interface Peak {
  readonly keyword: string;
  /** Sample number at the end of the surest position; of a detection, its own. */
  readonly sample: number;
  readonly posterior: number;
  /** Of the second look that was surest, and what it gave when joined; null without one. */
  readonly second: number | null;
  readonly joined: number | null;
  readonly detected: boolean;
  /** Lowest posterior since the peak before; 0 where none was judged for a while. */
  readonly valley: number;
}

export interface PeakTrackerOptions {
  /** As the scores of positions are ordered. */
  readonly keywords: readonly string[];
  readonly refractoryMs: number;
  /** Share of its peak below which a score has fallen again. */
  readonly rearmRatio: number;
  /** Samples from one position to the next, while the gate is open. */
  readonly spacing: number;
  /** Posterior from which on something is a peak. */
  readonly floor: number;
  /** Positions in a row that a detection of a keyword takes now; of a keyword that is off, 0. */
  readonly patienceOf: (keyword: number) => number;
  /** Called with each peak once nothing can change it any more. */
  readonly onPeak: (peak: Peak) => void;
}

const RATE_PER_MS = 16;
const WORD_SAMPLES = WORD_MS * RATE_PER_MS;
/** Positions that are remembered for keywords that take several. */
const MOST_PATIENCE = 16;

type Open = { -readonly [Key in keyof Peak]: Peak[Key] };

/**
 * Finds the peaks in the scores of one stream, as the detector would count detections: of each keyword one until its score has fallen
 * and the refractory time is over, and none where another keyword was detected at the same word. Allocates only where a peak begins.
 */
export class PeakTracker {
  readonly #options: PeakTrackerOptions;
  readonly #refractorySamples: number;
  /** [MOST_PATIENCE, keywords] */
  readonly #recent: Float32Array;
  #row = 0;
  #lastSample = Number.NEGATIVE_INFINITY;
  readonly #open: (Open | null)[];
  /** Of each keyword, the lowest posterior since its newest peak. */
  readonly #valleys: Float32Array;
  /** The newest detections, of any keyword. */
  #detections: { readonly keyword: string; readonly sample: number }[] = [];

  constructor(options: PeakTrackerOptions) {
    this.#options = options;
    this.#refractorySamples = options.refractoryMs * RATE_PER_MS;
    this.#recent = new Float32Array(MOST_PATIENCE * options.keywords.length);
    this.#open = options.keywords.map(() => null);
    this.#valleys = new Float32Array(options.keywords.length);
  }

  /** Takes the smoothed posteriors of all keywords at one position. */
  scored(sample: number, scores: Float32Array): void {
    const { keywords, floor, patienceOf, rearmRatio, spacing } = this.#options;
    // As the detector starts over where positions are missing.
    if (sample - this.#lastSample > spacing) {
      this.#recent.fill(0);
      this.#valleys.fill(0);
    }
    this.#lastSample = sample;
    this.#row = (this.#row + 1) % MOST_PATIENCE;
    this.#recent.set(scores, this.#row * keywords.length);
    for (let k = 0; k < keywords.length; k++) {
      const open = this.#open[k];
      if (scores[k] < this.#valleys[k]) this.#valleys[k] = scores[k];
      if (open && sample - open.sample >= this.#refractorySamples) {
        if (this.#valleys[k] < rearmRatio * open.posterior) this.#end(k);
      }
      if (scores[k] < floor) continue;
      const patience = Math.min(patienceOf(k), MOST_PATIENCE);
      if (patience === 0) continue;
      const posterior = this.#lowest(k, patience);
      if (posterior < floor) continue;
      const peak = this.#peakOf(k, sample);
      if (posterior <= peak.posterior) continue;
      peak.posterior = posterior;
      this.#valleys[k] = posterior;
      if (!peak.detected) peak.sample = sample;
    }
  }

  looked({ keyword, sample, second, score }: SecondLookVerdict): void {
    const k = this.#options.keywords.indexOf(keyword);
    if (k < 0) return;
    const peak = this.#peakOf(k, sample);
    if (peak.joined !== null && score <= peak.joined) return;
    peak.second = second;
    peak.joined = score;
  }

  detected({
    keyword,
    sample,
    score,
    secondLook,
  }: Pick<Detection, 'keyword' | 'sample' | 'score' | 'secondLook'>): void {
    const k = this.#options.keywords.indexOf(keyword);
    if (k < 0) return; // of a pack that was listened with before, whose answers are still to come
    if (this.#open[k]?.detected) this.#end(k); // another word
    const peak = this.#peakOf(k, sample);
    peak.posterior = Math.max(peak.posterior, secondLook?.posterior ?? score);
    if (secondLook) {
      peak.second = secondLook.second;
      peak.joined = score;
    }
    peak.detected = true;
    peak.sample = sample;
    this.#detections = this.#detections.filter((one) => sample - one.sample < 2 * this.#refractorySamples);
    this.#detections.push({ keyword, sample });
  }

  /** Peaks so far that something may change still. */
  open(): Peak[] {
    return this.#open.filter((peak) => peak !== null && !this.#isAnother(peak)) as Peak[];
  }

  /** Ends all peaks, since nothing more comes. */
  close(): void {
    for (let k = 0; k < this.#open.length; k++) if (this.#open[k]) this.#end(k);
  }

  #peakOf(k: number, sample: number): Open {
    const open = this.#open[k];
    if (open) return open;
    const keyword = this.#options.keywords[k];
    const peak: Open = {
      keyword,
      sample,
      posterior: 0,
      second: null,
      joined: null,
      detected: false,
      valley: this.#valleys[k],
    };
    this.#valleys[k] = Number.POSITIVE_INFINITY;
    this.#open[k] = peak;
    return peak;
  }

  #end(k: number): void {
    const peak = this.#open[k]!;
    this.#open[k] = null;
    if (!this.#isAnother(peak)) this.#options.onPeak(peak);
  }

  /** Whether it is a word that was detected as another keyword. */
  #isAnother({ keyword, sample, detected }: Peak): boolean {
    if (detected) return false;
    return this.#detections.some(
      (one) => one.keyword !== keyword && Math.abs(one.sample - sample) < WORD_SAMPLES,
    );
  }

  /** Of the last positions of a keyword. */
  #lowest(k: number, positions: number): number {
    const { length } = this.#options.keywords;
    let lowest = 1;
    for (let back = 0; back < positions; back++) {
      const row = (this.#row - back + MOST_PATIENCE) % MOST_PATIENCE;
      lowest = Math.min(lowest, this.#recent[row * length + k]);
    }
    return lowest;
  }
}
