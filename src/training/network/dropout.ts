import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { Random } from '../random.js';

/**
 * Dropout (Srivastava et al. 2014) whose masks follow from a seed, call by call. TensorFlow.js draws other masks in every run or, with
 * a seed, the same mask at every step.
 */
export class SeededDropout extends tfl.layers.Layer {
  static readonly className = 'WakegateDropout';
  readonly #rate: number;
  #random = new Random(0);

  constructor(config: { readonly name: string; readonly rate: number }) {
    super({ name: config.name });
    this.#rate = config.rate;
  }

  /** Restarts the masks from `seed`. */
  reseed(seed: number): void {
    this.#random = new Random(seed);
  }

  override computeOutputShape(inputShape: tfl.Shape): tfl.Shape {
    return inputShape;
  }

  override call(inputs: tf.Tensor | tf.Tensor[], kwargs: { training?: boolean }): tf.Tensor {
    const x = Array.isArray(inputs) ? inputs[0] : inputs;
    if (!kwargs.training) return x;
    const kept = 1 / (1 - this.#rate);
    const mask = new Float32Array(x.size);
    for (let i = 0; i < mask.length; i++) mask[i] = this.#random.chance(this.#rate) ? 0 : kept;
    return tf.mul(x, tf.tensor(mask, x.shape));
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), rate: this.#rate };
  }
}
tf.serialization.registerClass(SeededDropout);
