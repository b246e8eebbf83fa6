import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { nativeBackend } from './native-kernels.js';

export const EPSILON = 1e-3;
const MOMENTUM = 0.98;

/**
 * Batch normalization over all axes but the last (Ioffe and Szegedy 2015). TensorFlow.js composes it, and its gradient,
 * of some thirty small operations, which is two thirds of a training step here; this layer calls TensorFlow's fused
 * kernels where the backend has them, and else computes the same in closed form.
 */
export class BatchNorm extends tfl.layers.Layer {
  static readonly className = 'WakegateBatchNorm';
  #gamma!: tfl.LayerVariable;
  #beta!: tfl.LayerVariable;
  #mean!: tfl.LayerVariable;
  #variance!: tfl.LayerVariable;

  override build(inputShape: tfl.Shape): void {
    const shape = [inputShape[inputShape.length - 1]!];
    this.#gamma = this.addWeight('gamma', shape, 'float32', tfl.initializers.ones());
    this.#beta = this.addWeight('beta', shape, 'float32', tfl.initializers.zeros());
    this.#mean = this.addWeight('mean', shape, 'float32', tfl.initializers.zeros(), undefined, false);
    this.#variance = this.addWeight('variance', shape, 'float32', tfl.initializers.ones(), undefined, false);
    super.build(inputShape);
  }

  override computeOutputShape(inputShape: tfl.Shape): tfl.Shape {
    return inputShape;
  }

  override call(inputs: tf.Tensor | tf.Tensor[], kwargs: { training?: boolean }): tf.Tensor {
    const x = (Array.isArray(inputs) ? inputs[0] : inputs) as tf.Tensor4D;
    const gamma = this.#gamma.read() as tf.Tensor1D;
    const beta = this.#beta.read() as tf.Tensor1D;
    return tf.tidy(() => {
      if (!kwargs.training) {
        const mean = this.#mean.read() as tf.Tensor1D;
        return tf.batchNorm4d(x, mean, this.#variance.read() as tf.Tensor1D, beta, gamma, EPSILON);
      }
      return normalizeBatch(x, gamma, beta, (mean, variance) => {
        moveTowards(this.#mean, mean);
        moveTowards(this.#variance, variance);
      });
    });
  }
}
tf.serialization.registerClass(BatchNorm);

function moveTowards(average: tfl.LayerVariable, value: tf.Tensor): void {
  tf.tidy(() => {
    average.write(tf.add(tf.mul(average.read(), MOMENTUM), tf.mul(value, 1 - MOMENTUM)));
  });
}

function normalizeBatch(
  x: tf.Tensor4D,
  gamma: tf.Tensor1D,
  beta: tf.Tensor1D,
  observe: (mean: tf.Tensor, variance: tf.Tensor) => void,
): tf.Tensor {
  const native = nativeKernels();
  const op = tf.customGrad((...args) => {
    const [x, gamma, beta] = args.slice(0, 3) as tf.Tensor[];
    const save = args[3] as unknown as (tensors: tf.Tensor[]) => void;
    if (native) {
      const { value, mean, variance, reserved } = native.forward(x, gamma, beta);
      observe(mean, variance);
      save([x, gamma, ...reserved]);
      return { value, gradFunc: (dy, saved) => native.backward(dy, saved) };
    }
    const axes = [0, 1, 2];
    const mean = tf.mean(x, axes);
    const centred = tf.sub(x, mean);
    const variance = tf.mean(tf.square(centred), axes);
    // The average is of the unbiased variance, as in TensorFlow's fused kernel.
    const count = x.size / x.shape[3]!;
    observe(mean, tf.mul(variance, count / Math.max(1, count - 1)));
    const scale = tf.rsqrt(tf.add(variance, EPSILON));
    const unit = tf.mul(centred, scale);
    save([unit, tf.mul(scale, gamma)]);
    return {
      value: tf.add(tf.mul(unit, gamma), beta),
      gradFunc: (dy, saved) => {
        const [unit, slope] = saved as tf.Tensor[];
        const meanDy = tf.mean(dy, axes);
        const meanDyUnit = tf.mean(tf.mul(dy, unit), axes);
        const count = unit.size / unit.shape[3]!;
        const dx = tf.mul(slope, tf.sub(tf.sub(dy, meanDy), tf.mul(unit, meanDyUnit)));
        return [dx, tf.mul(meanDyUnit, count), tf.mul(meanDy, count)];
      },
    };
  });
  return op(x, gamma, beta);
}

function nativeKernels() {
  const backend = nativeBackend();
  if (backend === null) return null;
  const { binding } = backend;
  const attributes = [
    { name: 'T', type: binding.TF_ATTR_TYPE, value: binding.TF_FLOAT },
    { name: 'U', type: binding.TF_ATTR_TYPE, value: binding.TF_FLOAT },
    { name: 'epsilon', type: binding.TF_ATTR_FLOAT, value: EPSILON },
    { name: 'data_format', type: binding.TF_ATTR_STRING, value: 'NHWC' },
    { name: 'is_training', type: binding.TF_ATTR_BOOL, value: true },
  ];
  return {
    forward(x: tf.Tensor, gamma: tf.Tensor, beta: tf.Tensor) {
      const none = tf.tensor1d([]);
      const averaging = { name: 'exponential_avg_factor', type: binding.TF_ATTR_FLOAT, value: 1 };
      const outputs = backend.executeMultipleOutputs(
        'FusedBatchNormV3',
        [...attributes, averaging],
        [x, gamma, beta, none, none],
        6,
      );
      const [value, mean, variance, ...reserved] = outputs;
      return { value, mean, variance, reserved };
    },
    backward(dy: tf.Tensor, saved: tf.Tensor[]): tf.Tensor[] {
      return backend
        .executeMultipleOutputs('FusedBatchNormGradV3', attributes, [dy, ...saved], 5)
        .slice(0, 3);
    },
  };
}
