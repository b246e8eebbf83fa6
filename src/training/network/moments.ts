import * as tf from '@tensorflow/tfjs-core';

/** Mean and standard deviation of each of some numbers. */
export interface Moments {
  readonly mean: ArrayLike<number>;
  readonly deviation: ArrayLike<number>;
}

/** `values` as a tensor of `shape`, whose last axis is standardized. */
export function standardized(values: Float32Array, shape: number[], { mean, deviation }: Moments): tf.Tensor {
  return tf.tidy(() => {
    const centred = tf.sub(tf.tensor(values, shape), tf.tensor1d(Array.from(mean)));
    return tf.div(centred, tf.tensor1d(Array.from(deviation)));
  });
}
