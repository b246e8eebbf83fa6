import type * as TensorFlow from '@tensorflow/tfjs-core';

/** The numbers of the tensor that `compute` gives. `tidy` itself would look for tensors in each of them, which takes longer than the rest. */
export function valuesOf(tf: typeof TensorFlow, compute: () => TensorFlow.Tensor): Float32Array {
  const tensor = tf.tidy(compute);
  const values = tensor.dataSync() as Float32Array;
  tensor.dispose();
  return values;
}
