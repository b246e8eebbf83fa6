import { SAMPLE_RATE } from '../../audio/index.js';

const SAMPLES_PER_MS = SAMPLE_RATE / 1000;
/** Timestamps are whole milliseconds, and chunks are not. */
const TOLERANCE_MS = 2;
/** A sender whose clock jumps with every chunk: those before are forgotten. */
const MOST_ANCHORS = 256;

/** Times on a sender's clock, of samples that it has sent. */
export class SenderTime {
  /** Where its clock was set, or set again: oldest first. */
  readonly #anchors: { readonly sample: number; readonly ms: number }[] = [];

  /** @param sample number at 16 kHz, of the first sample of a chunk with this timestamp */
  add(sample: number, ms: number): void {
    const expected = this.at(sample);
    if (expected !== null && Math.abs(ms - expected) <= TOLERANCE_MS) return;
    this.#anchors.push({ sample, ms });
    if (this.#anchors.length > MOST_ANCHORS) this.#anchors.shift();
  }

  /** In whole ms; null where the sender has not said any time. */
  at(sample: number): number | null {
    const anchor = this.#anchors.findLast((one) => one.sample <= sample) ?? this.#anchors.at(0);
    return anchor === undefined ? null : Math.round(anchor.ms + (sample - anchor.sample) / SAMPLES_PER_MS);
  }
}
