import * as tf from '@tensorflow/tfjs-core';
import type { KeywordBatch, WindowCounts } from '../feed/keyword-feeder.js';
import type { KeywordNetwork } from '../network/keyword-network.js';
import type { WeightMap } from '../network/weights.js';
import { Random } from '../random.js';

const POOL = 2000;

/** The negative windows that the network was most wrong about, oldest replaced first. */
export class HardNegatives {
  readonly #count: number;
  readonly #windowLength: number;
  #random = new Random(0);
  /** Oldest first. */
  #pool: Float32Array[] = [];

  constructor(count: number, windowLength: number) {
    this.#count = count;
    this.#windowLength = windowLength;
  }

  /** Restarts the random draws from `seed`. */
  reseed(seed: number): void {
    this.#random = new Random(seed);
  }

  save(): WeightMap {
    const values = new Float32Array(this.#pool.length * this.#windowLength);
    this.#pool.forEach((window, i) => {
      values.set(window, i * this.#windowLength);
    });
    return new Map([['hard', { shape: [this.#pool.length, this.#windowLength], values }]]);
  }

  restore(saved: WeightMap): void {
    const { shape, values } = saved.get('hard')!;
    this.#pool = Array.from({ length: shape[0] }, (_, i) =>
      values.slice(i * this.#windowLength, (i + 1) * this.#windowLength),
    );
  }

  get size(): number {
    return this.#pool.length;
  }

  /** [count, frames, 20], or nothing while the pool is too small. */
  draw(): Float32Array {
    if (this.#pool.length < 2 * this.#count) return new Float32Array(0);
    const windows = new Float32Array(this.#count * this.#windowLength);
    for (let i = 0; i < this.#count; i++) windows.set(this.#random.pick(this.#pool), i * this.#windowLength);
    return windows;
  }

  /** Keeps the negative windows of the batch whose keyword posterior or gate score is high somewhere. */
  mine(network: KeywordNetwork, batch: KeywordBatch, { keyword }: WindowCounts): void {
    const negatives = batch.frames.subarray(keyword * this.#windowLength);
    const count = negatives.length / this.#windowLength;
    const [posterior, opening] = tf.tidy(() => {
      const { logits, gate } = network.forward(network.standardize(negatives, count), false);
      const none = tf.slice(tf.softmax(logits), [0, 0, 0, 0], [count, logits.shape[1]!, 1, 1]);
      const open = tf.max(tf.sigmoid(gate), [1, 2, 3]);
      return [tf.sub(1, tf.min(none, [1, 2, 3])).dataSync(), open.dataSync()];
    });
    const worst = (scores: ArrayLike<number>, floor: number, share: number) =>
      Array.from({ length: count }, (_, index) => index)
        .filter((index) => scores[index] >= floor)
        .sort((a, b) => scores[b] - scores[a])
        .slice(0, Math.ceil(count * share));
    for (const index of new Set([...worst(posterior, 0.02, 1 / 8), ...worst(opening, 0.5, 1 / 16)])) {
      this.#pool.push(negatives.slice(index * this.#windowLength, (index + 1) * this.#windowLength));
    }
    this.#pool = this.#pool.slice(-POOL);
  }
}
