import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { stepsKept } from './gated-compression.js';

/**
 * A mask lives in the run of one model, and is lost where a model is cut in two. Here it becomes a tensor in the one, and a
 * mask again in the other.
 */

/** The mask of [batch, time, ...] as 1 for a step and 0 for padding, [batch, time]; all 1 without a mask. */
export class StepMask extends tfl.layers.Layer {
  static readonly className = 'WakegateStepMask';
  override supportsMasking = true;

  override computeOutputShape(inputShape: tfl.Shape): tfl.Shape {
    return inputShape.slice(0, 2);
  }

  override computeMask(): tf.Tensor {
    // TensorFlow.js takes null for no mask, and its types do not.
    return null as unknown as tf.Tensor;
  }

  override call(inputs: tf.Tensor | tf.Tensor[], { mask }: { mask?: tf.Tensor | null } = {}): tf.Tensor {
    const x = Array.isArray(inputs) ? inputs[0] : inputs;
    return tf.tidy(() => stepsKept(x, mask) ?? tf.ones(x.shape.slice(0, 2)));
  }
}
tf.serialization.registerClass(StepMask);

/** [x, steps as {@link StepMask} gives them] -> x, with that mask. */
export class WithStepMask extends tfl.layers.Layer {
  static readonly className = 'WakegateWithStepMask';
  override supportsMasking = true;

  override computeOutputShape(inputShapes: tfl.Shape[]): tfl.Shape {
    return inputShapes[0];
  }

  override computeMask(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return tf.cast((inputs as tf.Tensor[])[1], 'bool');
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return (inputs as tf.Tensor[])[0];
  }
}
tf.serialization.registerClass(WithStepMask);
