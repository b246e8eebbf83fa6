import * as tf from '@tensorflow/tfjs-core';
import type { WindowCounts } from '../feed/keyword-feeder.js';
import { GATE_SMOOTHING_SCORES } from '../network/decision.js';
import type { Forward } from '../network/keyword-network.js';

/** Weights of the parts of the loss. The keyword head's part counts 1. */
export interface LossWeights {
  readonly gate: number;
  /** Weight of the keyword windows within the gate's part. */
  readonly positiveGate: number;
  readonly distillation: number;
  /** Weight of the mean compressed activation of keyword windows. */
  readonly beta: number;
}

/** The last gate scores of a window, of which one must open the gate for its keyword: 0.96 s. */
const GATE_POSITIONS = 12;

/**
 * A keyword window must have the keyword at some of its positions, and only it or "none" at the others. Any other window must have
 * "none" at all positions, and the worst one counts as much as all together. The gate likewise ({@link gateLoss}). Scene windows must keep the teacher's
 * embeddings.
 */
export function headsLoss(
  { compressed, gate, embeddings, logits }: Forward,
  labels: Int32Array,
  targets: tf.Tensor,
  counts: WindowCounts,
  weights: LossWeights,
): tf.Scalar {
  const [windows, positions, , classes] = logits.shape;
  const keywords = counts.keyword;
  const negatives = windows - keywords;
  const flat = (x: tf.Tensor, begin: number, size: number) =>
    tf.slice(x, [begin, 0, 0, 0], [size, x.shape[1]!, 1, x.shape[3]!]);

  const logPosterior = tf.reshape(tf.logSoftmax(logits), [windows, positions, classes]);
  const ofKeywords = tf.slice(logPosterior, [0, 0, 0], [keywords, positions, classes]);
  const label = tf.expandDims(tf.oneHot(tf.tensor1d(labels, 'int32'), classes), 1);
  const logRight = tf.sum(tf.mul(ofKeywords, label), 2);
  const hit = tf.neg(tf.mean(softMaximum(logRight, 4)));
  const noneOrRight = tf.maximum(
    label,
    tf.reshape(tf.oneHot(tf.scalar(0, 'int32'), classes), [1, 1, classes]),
  );
  const confusion = tf.neg(tf.mean(tf.log(tf.add(1e-6, tf.sum(tf.mul(tf.exp(ofKeywords), noneOrRight), 2)))));

  const logNone = tf.reshape(tf.slice(logPosterior, [keywords, 0, 0], [negatives, positions, 1]), [
    negatives,
    positions,
  ]);
  const surprise = tf.neg(logNone);
  const falseAlarm = tf.add(tf.mul(0.5, tf.mean(surprise)), tf.mul(0.5, tf.mean(softMaximum(surprise, 2))));

  const sceneStart = keywords + counts.other + counts.noise;
  const taught = tf.mean(tf.squaredDifference(flat(embeddings, sceneStart, counts.scene), targets));
  const activity = tf.mean(flat(compressed, 0, keywords));

  return tf.addN([
    hit,
    tf.mul(0.5, confusion),
    falseAlarm,
    tf.mul(weights.gate, gateLoss(gate, keywords, weights.positiveGate)),
    tf.mul(weights.distillation, taught),
    tf.mul(weights.beta, activity),
  ]) as tf.Scalar;
}

/**
 * One of the last scores of a keyword window must open the gate. In any other window it must stay shut, and the worst score counts as
 * much as all together.
 *
 * @param gate [windows, scores, 1, 1], logits, keyword windows first
 */
export function gateLoss(gate: tf.Tensor, keywords: number, positiveWeight: number): tf.Scalar {
  const windows = gate.shape[0];
  const negatives = windows - keywords;
  const gateLogits = tf.reshape(gate, [windows, gate.shape[1]!]);
  const logOpen = logMeanOfRuns(tf.neg(tf.softplus(tf.neg(gateLogits))));
  const scores = logOpen.shape[1]!;
  const late = tf.slice(logOpen, [0, scores - GATE_POSITIONS], [keywords, GATE_POSITIONS]);
  const opens = tf.neg(tf.mean(softMaximum(late, 3)));
  const logShut = logMeanOfRuns(tf.neg(tf.softplus(gateLogits)));
  const stays = tf.neg(tf.slice(logShut, [keywords, 0], [negatives, scores]));
  const shut = tf.add(tf.mul(0.5, tf.mean(stays)), tf.mul(0.5, tf.mean(softMaximum(stays, 2))));
  return tf.add(tf.mul(positiveWeight, opens), shut) as tf.Scalar;
}

/** Logarithms of gate scores, [n, m] -> logarithms of the smoothed scores, [n, m - GATE_SMOOTHING_SCORES + 1]. */
function logMeanOfRuns(x: tf.Tensor): tf.Tensor {
  const [n, m] = x.shape as [number, number];
  const count = GATE_SMOOTHING_SCORES;
  const shifted = Array.from({ length: count }, (_, i) => tf.slice(x, [0, i], [n, m - count + 1]));
  return tf.sub(tf.logSumExp(tf.stack(shifted), 0), Math.log(count));
}

/** log(mean(exp(sharpness * x))) / sharpness over the last axis: between the mean and the maximum. */
function softMaximum(x: tf.Tensor, sharpness: number): tf.Tensor {
  const count = x.shape[x.shape.length - 1]!;
  return tf.div(tf.sub(tf.logSumExp(tf.mul(x, sharpness), -1), Math.log(count)), sharpness);
}
