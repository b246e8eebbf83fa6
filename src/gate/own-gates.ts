import { LEVEL_VALUE } from '../model/own-keyword.js';
import type { OwnKeyword } from '../model/own-keyword-types.js';

/**
 * The gates of the user's own keywords: each is a sum over the compressed activations of the last steps. Most activations are zero, and
 * cost nothing. Nothing is allocated after construction.
 */
export class OwnGates {
  readonly #channels: number;
  readonly #count: number;
  readonly #taps: number;
  /** [taps, channels, keywords], oldest tap first; shorter gates begin with zeros. */
  readonly #weights: Float32Array;
  readonly #biases: Float32Array;
  readonly #sums: Float32Array;
  /** Channels of each of the last steps that are not zero, and what they count: rings of [taps, channels]. */
  readonly #active: Uint16Array;
  readonly #values: Float32Array;
  readonly #counts: Uint16Array;
  #row = 0;

  constructor(own: readonly OwnKeyword[], channels: number) {
    this.#channels = channels;
    this.#count = own.length;
    this.#taps = own.reduce((most, { gate }) => Math.max(most, gate.taps), 1);
    this.#weights = new Float32Array(this.#taps * channels * own.length);
    for (const [k, { gate }] of own.entries()) {
      const skipped = (this.#taps - gate.taps) * channels;
      for (const [i, weight] of gate.weights.entries())
        this.#weights[(skipped + i) * own.length + k] = weight;
    }
    this.#biases = Float32Array.from(own, ({ gate }) => gate.bias);
    this.#sums = new Float32Array(own.length);
    this.#active = new Uint16Array(this.#taps * channels);
    this.#values = new Float32Array(this.#taps * channels);
    this.#counts = new Uint16Array(this.#taps);
  }

  /** Takes the levels of one step, which begin at `levels[at]`. */
  push(levels: Uint8Array, at: number): void {
    this.#row = (this.#row + 1) % this.#taps;
    const first = this.#row * this.#channels;
    let count = 0;
    for (let c = 0; c < this.#channels; c++) {
      const level = levels[at + c];
      if (level === 0) continue;
      this.#active[first + count] = c;
      this.#values[first + count++] = LEVEL_VALUE[level];
    }
    this.#counts[this.#row] = count;
  }

  /** Multiply-accumulates of a score, at most. */
  get macs(): number {
    return this.#weights.length;
  }

  /** Starts over with the steps of a ring of levels, [steps, channels], whose newest is `row`. */
  reset(ring: Uint8Array, row: number): void {
    const steps = ring.length / this.#channels;
    for (let back = Math.min(steps, this.#taps) - 1; back >= 0; back--) {
      this.push(ring, ((row - back + steps) % steps) * this.#channels);
    }
  }

  /** Logit of the keyword whose gate is most open at the newest step. */
  logit(): number {
    const { length } = this.#sums;
    this.#sums.set(this.#biases);
    for (let tap = 0; tap < this.#taps; tap++) {
      const row = (this.#row + 1 + tap) % this.#taps;
      const first = row * this.#channels;
      const end = first + this.#counts[row];
      for (let i = first; i < end; i++) {
        const value = this.#values[i];
        const at = (tap * this.#channels + this.#active[i]) * length;
        for (let k = 0; k < length; k++) this.#sums[k] += value * this.#weights[at + k];
      }
    }
    let highest = Number.NEGATIVE_INFINITY;
    for (let k = 0; k < this.#count; k++) if (this.#sums[k] > highest) highest = this.#sums[k];
    return highest;
  }
}
