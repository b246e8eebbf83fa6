import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';

export interface HalvingConvolutionConfig {
  readonly name: string;
  readonly filters: number;
  readonly taps: number;
}

/**
 * A convolution over time with a stride of 2, no padding and no bias, as `conv2d` would compute it: [n, time, 1, channels] -> [n,
 * (time - taps) / 2 + 1, 1, filters]. An even number of taps is computed on pairs of rows with a stride of 1, which takes half as
 * long with its gradient, and a gradient of the input only where something learns before it.
 */
export class HalvingConvolution extends tfl.layers.Layer {
  static readonly className = 'WakegateHalvingConvolution';
  readonly #filters: number;
  readonly #taps: number;
  #kernel!: tfl.LayerVariable;

  constructor({ name, filters, taps }: HalvingConvolutionConfig) {
    super({ name });
    this.#filters = filters;
    this.#taps = taps;
  }

  override build(inputShape: tfl.Shape): void {
    const shape = [this.#taps, 1, inputShape[3]!, this.#filters];
    this.#kernel = this.addWeight('kernel', shape, 'float32', tfl.initializers.heNormal({}));
    super.build(inputShape);
  }

  override computeOutputShape(inputShape: tfl.Shape | tfl.Shape[]): tfl.Shape {
    const [n, time] = inputShape as tfl.Shape;
    return [n, time === null ? null : Math.floor((time - this.#taps) / 2) + 1, 1, this.#filters];
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    const x = (Array.isArray(inputs) ? inputs[0] : inputs) as tf.Tensor4D;
    const kernel = this.#kernel.read() as tf.Tensor4D;
    return tf.tidy(() => {
      if (this.#taps % 2 === 1) return tf.conv2d(x, kernel, [2, 1], 'valid');
      const [n, time, , channels] = x.shape;
      const pairs = time >> 1;
      const even = time % 2 === 0 ? x : tf.slice(x, [0, 0, 0, 0], [n, 2 * pairs, 1, channels]);
      return tf.conv2d(
        tf.reshape(even, [n, pairs, 1, 2 * channels]) as tf.Tensor4D,
        tf.reshape(kernel, [this.#taps / 2, 1, 2 * channels, this.#filters]) as tf.Tensor4D,
        1,
        'valid',
      );
    });
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), filters: this.#filters, taps: this.#taps };
  }
}
tf.serialization.registerClass(HalvingConvolution);
