import { SAMPLE_RATE } from './sample-rate.js';

/**
 * Sample number -> wall time. A source anchors it when audio starts to flow and after each gap; between anchors
 * time is counted in samples, so that it does not jitter with the arrival of chunks.
 */
export class SampleClock {
  #sample = 0;
  #wallMs = Number.NaN;

  /** Says that sample number `sample` was taken at `wallMs` (milliseconds since the epoch). */
  anchor(sample: number, wallMs: number): void {
    this.#sample = sample;
    this.#wallMs = wallMs;
  }

  /** Wall time of a sample in milliseconds since the epoch; NaN before the first anchor. */
  wallMs(sample: number): number {
    return this.#wallMs + ((sample - this.#sample) * 1000) / SAMPLE_RATE;
  }
}
