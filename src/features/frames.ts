import type { FeatureSettings } from '../model/pack.js';
import { Mfcc } from './mfcc.js';

/**
 * A stream of samples as a stream of MFCC frames, one per hop. Frame n covers the samples from n * hop on, after a
 * lead-in: the stream starts as if digital silence had come before, so that the first frame ends with the first hop.
 */
export class FrameStream {
  readonly coefficients: number;
  readonly hopSamples: number;
  /** Multiplications per frame. */
  readonly macsPerFrame: number;
  readonly #mfcc: Mfcc;
  readonly #window: number;
  /** The newest samples; its first `#filled` are in use. */
  readonly #held: Int16Array;
  #filled = 0;

  constructor(settings: FeatureSettings) {
    this.#mfcc = new Mfcc(settings);
    this.hopSamples = settings.hopSamples;
    this.macsPerFrame = this.#mfcc.macs;
    this.#window = settings.windowSamples;
    this.#held = new Int16Array(this.#window);
    this.coefficients = settings.coefficients;
    this.reset();
  }

  /** Forgets all that was heard: from here on as a new stream. */
  reset(): void {
    this.#held.fill(0);
    this.#filled = this.#window - this.hopSamples;
  }

  /** Frames that the next `samples` samples would complete. */
  framesFor(samples: number): number {
    return Math.floor((this.#filled - (this.#window - this.hopSamples) + samples) / this.hopSamples);
  }

  /**
   * Takes samples from `from` on until `frames` is full or the samples end.
   * @param frames receives [n, coefficients], n as many as fit
   * @returns number of frames written; samples taken are told by {@link taken}
   */
  push(samples: Int16Array, from: number, frames: Float32Array): number {
    const held = this.#held;
    const capacity = Math.floor(frames.length / this.coefficients);
    let at = from;
    let count = 0;
    while (count < capacity) {
      const wanted = this.#window - this.#filled;
      const available = samples.length - at;
      const taken = available < wanted ? available : wanted;
      for (let i = 0; i < taken; i++) held[this.#filled + i] = samples[at + i];
      this.#filled += taken;
      at += taken;
      if (this.#filled < this.#window) break;
      this.#mfcc.compute(held, 0, frames, count * this.coefficients);
      count++;
      held.copyWithin(0, this.hopSamples);
      this.#filled = this.#window - this.hopSamples;
    }
    this.taken = at - from;
    return count;
  }

  /** Samples that the last {@link push} took. */
  taken = 0;
}
