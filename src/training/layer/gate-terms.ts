import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { WakegateError } from '../../errors.js';
import { GatedCompression, stepsKept } from './gated-compression.js';

/** The terms that a GC layer adds to a loss, as outputs of a model that `compile` and `fit` can work with. */

interface Masked {
  readonly mask?: tf.Tensor | null;
}

/** The gate's highest score in an example: [batch, ...] -> [batch, 1]. Whether the gate opens at all, at a threshold. */
export class HighestScore extends tfl.layers.Layer {
  static readonly className = 'WakegateHighestScore';
  override supportsMasking = true;

  override computeOutputShape(inputShape: tfl.Shape): tfl.Shape {
    return [inputShape[0], 1];
  }

  override computeMask(): tf.Tensor {
    return NO_MASK;
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    // The scores of padded steps are zero, so that none is ever the highest.
    return tf.tidy(() => tf.max(perExample(Array.isArray(inputs) ? inputs[0] : inputs), 1, true));
  }
}
tf.serialization.registerClass(HighestScore);

/** The mean of z over an example, padding aside: [batch, ...] -> [batch, 1]. */
export class MeanActivation extends tfl.layers.Layer {
  static readonly className = 'WakegateMeanActivation';
  override supportsMasking = true;

  override computeOutputShape(inputShape: tfl.Shape): tfl.Shape {
    return [inputShape[0], 1];
  }

  override computeMask(): tf.Tensor {
    return NO_MASK;
  }

  override call(inputs: tf.Tensor | tf.Tensor[], { mask }: Masked = {}): tf.Tensor {
    const z = Array.isArray(inputs) ? inputs[0] : inputs;
    return tf.tidy(() => {
      const mean = tf.mean(perExample(z), 1, true);
      const kept = stepsKept(z, mask);
      return kept === null ? mean : tf.div(mean, tf.maximum(tf.mean(kept, 1, true), 1e-6));
    });
  }
}
tf.serialization.registerClass(MeanActivation);

/** TensorFlow.js takes null for it, and its types do not. */
const NO_MASK = null as unknown as tf.Tensor;

function perExample(x: tf.Tensor): tf.Tensor {
  return tf.reshape(x, [x.shape[0], -1]);
}

type LossFunction = (truth: tf.Tensor, predicted: tf.Tensor) => tf.Tensor;
/** A loss as `compile` takes it. */
export type TaskLoss = string | LossFunction;

/**
 * The losses of a model made by `gatedCompression`, in the order of its outputs, for `compile`: those of the task,
 * alpha x cross-entropy of the gate, and beta x mean z over positives. alpha and beta are those of the GC layer.
 *
 * @param task the loss that the model had before; one for each output, where it had several
 * @throws WakegateError WG_LAYER_UNSUITABLE where the model has no GC layer with these outputs
 */
export function gatedLosses(model: tfl.LayersModel, task: TaskLoss | readonly TaskLoss[]): LossFunction[] {
  const { alpha, beta } = gateOf(model);
  const losses: readonly TaskLoss[] = Array.isArray(task) ? task : [task as TaskLoss];
  // `compile` takes names and functions side by side, but its types do not say so.
  return [...losses, gateLoss(alpha), activationLoss(beta)] as LossFunction[];
}

function gateLoss(alpha: number): LossFunction {
  return (positive, score) => tf.mul(alpha, tfl.metrics.binaryCrossentropy(positive, score));
}

function activationLoss(beta: number): LossFunction {
  return (positive, activation) => {
    const positives = tf.maximum(tf.sum(positive), 1);
    return tf.mul(beta, tf.div(tf.sum(tf.mul(positive, activation)), positives));
  };
}

/**
 * The targets that go with {@link gatedLosses}: the labels, and twice whether an example is positive.
 *
 * @param labels of the task: [n, classes] one-hot, or [n] or [n, 1] class numbers; where the model had several outputs,
 *   those of each, of which the first says what is positive
 * @param negative the classes that are of no interest ("none", "background"), which the gate is to stop
 */
export function gatedTargets(
  labels: tf.Tensor | readonly tf.Tensor[],
  { negative }: { readonly negative: number | readonly number[] },
): tf.Tensor[] {
  const all = labels instanceof tf.Tensor ? [labels] : [...labels];
  const positive = tf.tidy(() => {
    const [first] = all;
    const hasClasses = first.rank === 2 && first.shape[1]! > 1;
    const classes = hasClasses ? tf.argMax(first, 1) : tf.cast(tf.reshape(first, [-1]), 'int32');
    const isNegative = [negative].flat().map((of) => tf.cast(tf.equal(classes, of), 'float32'));
    return tf.reshape(tf.sub(1, tf.addN(isNegative)), [-1, 1]);
  });
  return [...all, positive, positive];
}

/** The GC layer of a model. @throws WakegateError WG_LAYER_UNSUITABLE where there is none, or more than one */
export function gateOf(model: tfl.LayersModel): GatedCompression {
  const gates = model.layers.filter((layer) => layer instanceof GatedCompression);
  if (gates.length === 1) return gates[0];
  throw new WakegateError(
    'WG_LAYER_UNSUITABLE',
    `model ${model.name} has ${gates.length} GatedCompression layers where one is needed: put one in with gatedCompression()`,
  );
}
