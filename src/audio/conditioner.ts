import { WakegateError } from '../errors.js';
import { SAMPLE_RATE } from './source.js';

export interface ConditionerOptions {
  /** -40 to 40; by default 0. */
  readonly gainDb?: number;
  /** Corner of the high-pass filter, in Hz, up to 500; by default 0, for none. */
  readonly highPassHz?: number;
}

/**
 * Gain, and a high-pass filter of second order against DC and hum (Butterworth: the bilinear transform of
 * s^2 / (s^2 + sqrt(2) s + 1)). One stream each; what goes over full scale is clipped.
 */
export class Conditioner {
  readonly #gain: number;
  readonly #filters: boolean;
  /** y = b (x - 2 x1 + x2) - a1 y1 - a2 y2 */
  readonly #b: number;
  readonly #a1: number;
  readonly #a2: number;
  #x1 = 0;
  #x2 = 0;
  #y1 = 0;
  #y2 = 0;

  /** @throws WakegateError WG_USAGE for a gain or a corner that cannot be */
  constructor({ gainDb = 0, highPassHz = 0 }: ConditionerOptions = {}) {
    if (!(Math.abs(gainDb) <= 40)) {
      throw new WakegateError('WG_USAGE', `a gain of ${gainDb} dB is not possible: give -40 to 40`);
    }
    if (!(highPassHz >= 0 && highPassHz <= 500)) {
      throw new WakegateError(
        'WG_USAGE',
        `a high-pass filter at ${highPassHz} Hz is not possible: give 0 to 500`,
      );
    }
    this.#gain = 10 ** (gainDb / 20);
    this.#filters = highPassHz > 0;
    const k = Math.tan((Math.PI * highPassHz) / SAMPLE_RATE);
    const norm = 1 / (1 + Math.SQRT2 * k + k * k);
    this.#b = norm;
    this.#a1 = 2 * (k * k - 1) * norm;
    this.#a2 = (1 - Math.SQRT2 * k + k * k) * norm;
  }

  /** Works in place. @param samples the next ones of the stream, at 16 kHz */
  apply(samples: Int16Array): void {
    if (this.#gain === 1 && !this.#filters) return;
    for (let i = 0; i < samples.length; i++) {
      const x = samples[i];
      const y = this.#filters ? this.#filter(x) : x;
      samples[i] = Math.max(-32_768, Math.min(32_767, Math.round(this.#gain * y)));
    }
  }

  #filter(x: number): number {
    const y = this.#b * (x - 2 * this.#x1 + this.#x2) - this.#a1 * this.#y1 - this.#a2 * this.#y2;
    this.#x2 = this.#x1;
    this.#x1 = x;
    this.#y2 = this.#y1;
    this.#y1 = y;
    return y;
  }
}
