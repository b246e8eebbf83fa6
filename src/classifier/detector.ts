import { WakegateError } from '../errors.js';
import type { DetectorSettings, KeywordSettings } from '../model/pack.js';

/** A keyword was heard. */
export interface Detection {
  readonly keyword: string;
  /** Its place in the pack's keywords. */
  readonly keywordIndex: number;
  /** Smoothed posterior at the moment it was detected. */
  readonly score: number;
  /** Sample number at the end of the position that completed it. */
  readonly sample: number;
}

/**
 * No two words end closer together than this, in ms. A second keyword that rises within it is the same utterance,
 * confused; one that rises later is another word, however long the first keyword's own refractory time is.
 */
export const WORD_MS = 400;

/** From this share of its threshold on, the mean of a keyword's posteriors may be on its way to it: one position of four is sure. */
const NEAR = 0.2;

/**
 * Turns the posteriors of one stream into detections, one per utterance. A keyword is detected when the mean
 * of its posteriors over the last positions has been at its threshold or over for `patience` positions in a
 * row, unless its own last detection is within the refractory time, that of another keyword within
 * {@link WORD_MS}, or its mean has not been below threshold x rearmRatio since. Nothing is allocated but the
 * detections themselves.
 */
export class Detector {
  /** Highest smoothed posterior of each keyword since the start or the last `reset`. */
  readonly maxScores: Float32Array;
  /** Smoothed posterior of each keyword at the newest position. */
  readonly scores: Float32Array;
  /** Whether a keyword may be about to be detected: its next positions are worth having soon. */
  near = false;

  readonly #names: readonly string[];
  readonly #thresholds: Float64Array;
  readonly #patience: Int32Array;
  /** Scores from which on a keyword is a candidate for a second look, where that is lower than its threshold; null without one. */
  readonly #asks: Float64Array | null;
  /** 1 where a keyword is listened for; its scores are kept in any case. */
  readonly #enabled: Uint8Array;
  readonly #smoothingPositions: number;
  readonly #refractorySamples: number;
  /** {@link WORD_MS} in samples, or the refractory time where that is shorter. */
  readonly #wordSamples: number;
  readonly #rearmRatio: number;

  /** [smoothingPositions, keywords], the next row to be overwritten at `#nextRow`. */
  readonly #recent: Float32Array;
  #nextRow = 0;
  /** Positions in a row at the threshold or over, per keyword. */
  readonly #run: Int32Array;
  /** 1 where a detection may come, per keyword. */
  readonly #armed: Uint8Array;
  #lastSample = Number.NEGATIVE_INFINITY;
  /** Sample number of the newest detection, of any keyword and per keyword. */
  #lastDetection = Number.NEGATIVE_INFINITY;
  readonly #lastDetections: Float64Array;

  /**
   * @param sampleRate of the sample numbers that `push` is given, in Hz
   * @param asks by name, the scores from which on `push` gives candidates for a second look, which count only once they are passed to
   *   {@link accept}; null where there is none
   */
  constructor(
    keywords: readonly KeywordSettings[],
    settings: DetectorSettings,
    sampleRate = 16_000,
    asks: Readonly<Record<string, { readonly ask: number } | undefined>> | null = null,
  ) {
    this.#names = keywords.map(({ name }) => name);
    this.#thresholds = Float64Array.from(keywords, ({ threshold }) => threshold);
    this.#asks = asks && Float64Array.from(keywords, ({ name }) => asks[name]?.ask ?? 1);
    this.#patience = Int32Array.from(keywords, ({ patience }) => patience);
    this.#enabled = Uint8Array.from(keywords, ({ enabled }) => (enabled === false ? 0 : 1));
    this.#smoothingPositions = settings.smoothingPositions;
    this.#refractorySamples = (settings.refractoryMs * sampleRate) / 1000;
    this.#wordSamples = Math.min(this.#refractorySamples, (WORD_MS * sampleRate) / 1000);
    this.#rearmRatio = settings.rearmRatio;
    this.#lastDetections = new Float64Array(keywords.length).fill(Number.NEGATIVE_INFINITY);
    this.maxScores = new Float32Array(keywords.length);
    this.scores = new Float32Array(keywords.length);
    this.#recent = new Float32Array(settings.smoothingPositions * keywords.length);
    this.#run = new Int32Array(keywords.length);
    this.#armed = new Uint8Array(keywords.length).fill(1);
  }

  /**
   * Takes the posteriors of one position. One that is not newer than the last is ignored, since handoffs
   * overlap; one that comes after more than the refractory time starts over, as after {@link gap}.
   *
   * @param sample sample number at the position's end
   * @param posteriors rows of [none, keyword 0, keyword 1, ...]
   * @param offset where the position's row begins
   */
  push(sample: number, posteriors: Float32Array, offset: number): Detection | null {
    if (sample <= this.#lastSample) return null;
    if (sample - this.#lastSample > this.#refractorySamples) this.gap();
    this.#lastSample = sample;

    const keywords = this.#names.length;
    const row = this.#nextRow * keywords;
    for (let k = 0; k < keywords; k++) this.#recent[row + k] = posteriors[offset + 1 + k];
    this.#nextRow = (this.#nextRow + 1) % this.#smoothingPositions;

    const resting = sample - this.#lastDetection < this.#wordSamples;
    this.near = false;
    let winner = -1;
    let winnerScore = 0;
    let winnerRatio = 0;
    for (let k = 0; k < keywords; k++) {
      const score = this.#smoothed(k);
      this.scores[k] = score;
      if (score > this.maxScores[k]) this.maxScores[k] = score;
      const asked = this.#asks ? this.#asks[k] : 1;
      const ratio = score / Math.min(asked, this.#thresholds[k]);
      const repeated = sample - this.#lastDetections[k] < this.#refractorySamples;
      if (ratio < this.#rearmRatio) this.#armed[k] = 1;
      // Confused with the keyword before, however long it stays high.
      else if (resting && !repeated && ratio >= 1) this.#armed[k] = 0;
      this.#run[k] = ratio >= 1 ? this.#run[k] + 1 : 0;
      const ready = this.#enabled[k] === 1 && this.#armed[k] === 1 && !resting && !repeated;
      if (ready && score >= NEAR * this.#thresholds[k]) this.near = true;
      const detected = ready && this.#run[k] >= this.#patience[k];
      if (detected && ratio > winnerRatio) {
        winner = k;
        winnerScore = score;
        winnerRatio = ratio;
      }
    }
    if (winner < 0) return null;
    const detection = { keyword: this.#names[winner], keywordIndex: winner, score: winnerScore, sample };
    if (!this.#asks) this.accept(detection);
    return detection;
  }

  /** Has a candidate count as a detection: no other follows within the refractory time, nor before its keyword is armed again. */
  accept({ keywordIndex, sample }: Detection): void {
    // All of them: what is high next to the winner is the same utterance. Those that are low are armed at the
    // next position.
    this.#armed.fill(0);
    this.#lastDetection = sample;
    this.#lastDetections[keywordIndex] = sample;
  }

  thresholdOf(keywordIndex: number): number {
    return this.#thresholds[keywordIndex];
  }

  /**
   * Says that positions are missing, as while the gate was closed: what comes is averaged with zeros, for
   * what was stopped held no keyword, and every keyword is armed. The refractory times continue.
   */
  gap(): void {
    this.near = false;
    this.#recent.fill(0);
    this.#run.fill(0);
    this.#armed.fill(1);
  }

  /**
   * Moves a keyword's threshold; the next position is judged by it.
   *
   * @throws WakegateError `WG_USAGE` for a keyword that is not in the pack, or a threshold outside (0, 1]
   */
  setThreshold(name: string, value: number): void {
    const keyword = this.#indexOf(name);
    if (!(value > 0 && value <= 1)) {
      throw new WakegateError(
        'WG_USAGE',
        `${value} is no threshold for "${name}": give a number over 0 and up to 1.`,
      );
    }
    this.#thresholds[keyword] = value;
  }

  /**
   * Sets how many positions in a row a keyword takes.
   *
   * @throws WakegateError `WG_USAGE` for a keyword that is not in the pack, or no whole number from 1 on
   */
  setPatience(name: string, positions: number): void {
    const keyword = this.#indexOf(name);
    if (!(Number.isInteger(positions) && positions >= 1)) {
      throw new WakegateError(
        'WG_USAGE',
        `${positions} is no patience for "${name}": give a whole number from 1 on.`,
      );
    }
    this.#patience[keyword] = positions;
  }

  /**
   * Says whether a keyword is listened for.
   *
   * @throws WakegateError `WG_USAGE` for a keyword that is not in the pack
   */
  setEnabled(name: string, enabled: boolean): void {
    this.#enabled[this.#indexOf(name)] = enabled ? 1 : 0;
  }

  /** Forgets all that was heard, as for a new stream; thresholds stay as they were set. */
  reset(): void {
    this.gap();
    this.#nextRow = 0;
    this.maxScores.fill(0);
    this.scores.fill(0);
    this.#lastSample = Number.NEGATIVE_INFINITY;
    this.#lastDetection = Number.NEGATIVE_INFINITY;
    this.#lastDetections.fill(Number.NEGATIVE_INFINITY);
  }

  #indexOf(name: string): number {
    const keyword = this.#names.indexOf(name);
    if (keyword >= 0) return keyword;
    throw new WakegateError(
      'WG_USAGE',
      `There is no keyword "${name}" in this model pack: choose one of ${this.#names.join(', ')}.`,
    );
  }

  /** Summed again each time: a running sum would drift, and there are few positions. */
  #smoothed(keyword: number): number {
    const keywords = this.#names.length;
    let sum = 0;
    for (let i = keyword; i < this.#recent.length; i += keywords) sum += this.#recent[i];
    return sum / this.#smoothingPositions;
  }
}
