/**
 * Folding: what a trained network does besides its convolutions, put into their kernels and biases, so that the
 * always-on path runs convolutions and nothing else. Kernels are [taps, inputs, outputs], or [taps, channels] where
 * the layer is depthwise. Sums are taken in double precision.
 */

export interface Convolution {
  readonly kernel: Float32Array;
  /** [outputs] */
  readonly bias: Float32Array;
}

/** As trained, each [outputs]; `variance` without the epsilon. */
export interface BatchNorm {
  readonly gamma: Float32Array;
  readonly beta: Float32Array;
  readonly mean: Float32Array;
  readonly variance: Float32Array;
}

/**
 * A convolution without bias, followed by batch normalization, as one convolution:
 *
 *     y = gamma (K x - mean) / sqrt(variance + epsilon) + beta
 *     K' = K s, bias' = beta - mean s, with s = gamma / sqrt(variance + epsilon), each per output
 *
 * The output is the last axis of both kinds of kernel, so one loop serves both.
 */
export function foldBatchNorm(kernel: Float32Array, norm: BatchNorm, epsilon: number): Convolution {
  const outputs = norm.gamma.length;
  const scale = Float64Array.from(norm.gamma, (gamma, o) => gamma / Math.sqrt(norm.variance[o] + epsilon));
  return {
    kernel: kernel.map((weight, index) => weight * scale[index % outputs]),
    bias: norm.beta.map((beta, o) => beta - norm.mean[o] * scale[o]),
  };
}

/**
 * Standardization of the input, (x - mean) / sqrt(variance) per input, put into the convolution that reads it:
 *
 *     K'[t, i, o] = K[t, i, o] / sqrt(variance[i])
 *     bias'[o] = bias[o] - sum over t, i of K'[t, i, o] mean[i]
 *
 * Right only for a convolution without padding: a padded zero would be a standardized zero.
 */
export function foldStandardization(
  layer: Convolution,
  kind: 'conv' | 'depthwise',
  mean: Float32Array,
  variance: Float32Array,
): Convolution {
  const outputs = layer.bias.length;
  const inputs = mean.length;
  const inputOf = (index: number) =>
    kind === 'conv' ? Math.floor(index / outputs) % inputs : index % inputs;

  const kernel = new Float32Array(layer.kernel.length);
  const bias = Float64Array.from(layer.bias);
  for (let index = 0; index < kernel.length; index++) {
    const input = inputOf(index);
    const weight = layer.kernel[index] / Math.sqrt(variance[input]);
    kernel[index] = weight;
    bias[index % outputs] -= weight * mean[input];
  }
  return { kernel, bias: Float32Array.from(bias) };
}
