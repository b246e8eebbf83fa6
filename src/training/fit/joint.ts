import { appendFile, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { readCorpus } from '../corpus/corpus.js';
import type { Fold } from '../corpus/folds.js';
import { EMBEDDING } from '../corpus/teacher.js';
import { Feeder } from '../feed/feeder.js';
import type { KeywordBatch, KeywordFeederSettings, PoolSizes, WindowCounts } from '../feed/keyword-feeder.js';
import { type Forward, Network, trainableVariables } from '../network/keyword-network.js';
import { type Moments, standardized } from '../network/moments.js';
import { type NetworkShape, SHAPE, spans } from '../network/network.js';
import { averageWeights, readWeightMap, setWeights } from '../network/weights.js';
import { Adam } from './adam.js';
import { Checkpoints } from './checkpoint.js';
import { HardNegatives } from './hard-negatives.js';
import { DevSet } from './whole-clip.js';

export interface JointSettings {
  readonly cache: string;
  /** Folder of the trunk's checkpoint, and where this run keeps its own. */
  readonly trunk: string;
  readonly run: string;
  /** Weights of an earlier run to go on from, instead of the trunk's and new heads. */
  readonly init: string | null;
  readonly seed: number;
  readonly keywords: readonly string[];
  /** Clips by synthesized voices of each keyword, and of each word near to one; 0 for none. */
  readonly voices: { readonly keyword: number; readonly near: number };
  /** The part of the corpus that is held out, to count false accepts on; null for none. */
  readonly fold: Fold | null;
  readonly steps: number;
  /** After so many steps a checkpoint is kept, and dev is measured. */
  readonly checkpointEvery: number;
  /** Steps at the start in which only the heads move. */
  readonly headSteps: number;
  readonly learningRate: number;
  readonly counts: WindowCounts;
  readonly pools: PoolSizes;
  /** Hard negatives in a batch; mined every so many steps, from so many batches. */
  readonly hard: number;
  readonly mining: { readonly every: number; readonly batches: number };
  readonly weights: {
    readonly gate: number;
    readonly positiveGate: number;
    readonly distillation: number;
    readonly beta: number;
  };
}

export const WAKE_WORDS = [
  'alexa',
  'computer',
  'jarvis',
  'smart_mirror',
  'snowboy',
  'view_glass',
  'athena',
  'amelia',
] as const;

export const JOINT: JointSettings = {
  cache: '.cache',
  trunk: '.cache/trunk-1',
  run: '.cache/joint-1',
  init: null,
  seed: 1,
  keywords: WAKE_WORDS,
  voices: { keyword: 100, near: 16 },
  fold: null,
  steps: 5000,
  checkpointEvery: 1000,
  headSteps: 300,
  learningRate: 1e-3,
  counts: { keyword: 40, other: 24, noise: 28, scene: 48 },
  pools: { keyword: 40, scene: 48, noise: 24 },
  hard: 32,
  mining: { every: 250, batches: 16 },
  weights: { gate: 0.5, positiveGate: 3, distillation: 0.3, beta: 0.1 },
};

const EMBEDDINGS = 24;
/** Of the gate's scores in a window, the last that may answer for its keyword: 0.96 s. */
const GATE_POSITIONS = 12;

/**
 * Trains gate head and keyword head on a distilled trunk, then all of it together, with hard negatives that are mined
 * as it goes. Keeps checkpoints, an average of the weights and the dev figures in `run`, and goes on from there when it was broken off.
 *
 * @param until the step at which to leave off, to go on another time: one with a checkpoint
 * @throws WakegateError WG_DATA_INVALID where `run` holds a run with other settings
 */
export async function trainJoint(
  settings: JointSettings,
  shape: NetworkShape = SHAPE,
  until = settings.steps,
): Promise<void> {
  const { mfcc, embedding } = JSON.parse(
    await readFile(join(settings.trunk, 'standardization.json'), 'utf8'),
  ) as Record<string, Moments>;
  const name = basename(settings.run);
  const network = new Network(shape, settings.keywords, mfcc, settings.seed);
  const frames = spans.framesForFrontSteps(shape, spans.stepsForEmbeddings(shape, EMBEDDINGS));
  const hard = new HardNegatives(settings.hard, frames * shape.coefficients);
  const heads = new Adam(trainableVariables(network.headLayers));
  const whole = new Adam(trainableVariables(network.layers));
  const isHeadOnly = (step: number) => step <= settings.headSteps;
  const optimizerAt = (step: number) => (isHeadOnly(step) ? heads : whole);

  const checkpoints = new Checkpoints(settings.run, { ...settings, shape }, network.layers);
  const stood = await checkpoints.restore(optimizerAt);
  if (stood) {
    hard.restore(stood.extra);
    console.error(`${name}: resumed at step ${stood.step}`);
  } else if (settings.init) {
    network.setWeights(await readWeightMap(settings.init));
  } else {
    setWeights(network.trunkLayers, await readWeightMap(join(settings.trunk, 'averaged.bin')));
  }
  let { step, loss, averaged } = stood ?? { step: 0, loss: 0, averaged: network.weights() };

  const feederSettings: Omit<KeywordFeederSettings, 'fromStep'> = {
    cache: settings.cache,
    seed: settings.seed,
    keywords: settings.keywords,
    voices: settings.voices,
    fold: settings.fold,
    frames,
    embeddings: EMBEDDINGS,
    firstEmbeddingFrame: spans.framesForFrontSteps(shape, spans.stepsForEmbeddings(shape, 1)) - 1,
    counts: settings.counts,
    pools: settings.pools,
  };
  const dev = new DevSet(await readCorpus('dev', settings.cache), settings.keywords);

  /** From one checkpoint to the next. */
  const trainTo = async (end: number) => {
    const feeder = await Feeder.start<string, KeywordBatch>(
      new URL('../feed/keyword-feeder.js', import.meta.url),
      {
        ...feederSettings,
        fromStep: step,
      },
    );
    network.reseed(settings.seed + step);
    hard.reseed(settings.seed + step);
    const clock = { start: Date.now(), step };
    while (step < end) {
      const batch = await feeder.next();
      step++;
      if (step % settings.mining.every === 0) {
        for (let i = 0; i < settings.mining.batches; i++)
          hard.mine(network, await feeder.next(), settings.counts);
      }
      const hardFrames = hard.draw();
      const value = tf.tidy(() => {
        const inputs = new Float32Array(batch.frames.length + hardFrames.length);
        inputs.set(batch.frames);
        inputs.set(hardFrames, batch.frames.length);
        const windows = inputs.length / (frames * shape.coefficients);
        const x = network.standardize(inputs, windows);
        const targets = standardized(
          batch.targets,
          [settings.counts.scene, EMBEDDINGS, 1, EMBEDDING],
          embedding,
        );
        return optimizerAt(step).minimize(
          () => jointLoss(network.forward(x, true, !isHeadOnly(step)), batch.labels, targets, settings),
          learningRate(step, settings),
        );
      });
      loss += (value - loss) / Math.min(step, 100);
      if (step % 10 === 0) averaged = averageWeights(averaged, network.layers, step < 1000 ? 0.9 : 0.98);
      if (step % 50 === 0) {
        const perStep = (Date.now() - clock.start) / (step - clock.step);
        const minutes = Math.round((perStep * (settings.steps - step)) / 60_000);
        console.error(
          `${name}: step ${step}/${settings.steps} loss ${loss.toFixed(4)}, ${hard.size} hard negatives, ${minutes} min left`,
        );
      }
    }
    await feeder.stop();
  };

  while (step < until) {
    await trainTo(Math.min(settings.steps, step + settings.checkpointEvery));
    await checkpoints.save({ step, loss, averaged, extra: hard.save() }, optimizerAt(step));
    const current = network.weights();
    network.setWeights(averaged);
    const figures = dev.figures(network);
    network.setWeights(current);
    console.error(`${name}: ${JSON.stringify(figures)}`);
    await appendFile(join(settings.run, 'curve.jsonl'), `${JSON.stringify({ step, loss, ...figures })}\n`);
  }
}

/** Warm-up over 150 steps from the start, and from where the trunk joins in; then a cosine down to a hundredth. */
function learningRate(step: number, { headSteps, steps, learningRate }: JointSettings): number {
  const headOnly = step <= headSteps;
  const since = step - (headOnly ? 0 : headSteps);
  const cosine = headOnly ? 1 : 0.5 * (1 + Math.cos((Math.PI * since) / (steps - headSteps)));
  return learningRate * Math.max(0.01, cosine) * Math.min(1, since / 150);
}

/**
 * Keyword windows: the keyword at some of the positions, and nothing but it or "none" at any. Other windows: "none" at
 * all positions, the worst one counting as much as all together. The gate likewise. Scene windows keep what the
 * teacher taught.
 */
function jointLoss(
  { compressed, gate, embeddings, logits }: Forward,
  labels: Int32Array,
  targets: tf.Tensor,
  settings: JointSettings,
): tf.Scalar {
  const { counts, weights } = settings;
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

  const gateLogits = tf.reshape(gate, [windows, gate.shape[1]!]);
  const logOpen = logMeanOfNeighbours(tf.neg(tf.softplus(tf.neg(gateLogits))));
  const scores = logOpen.shape[1]!;
  const late = tf.slice(logOpen, [0, scores - GATE_POSITIONS], [keywords, GATE_POSITIONS]);
  const opens = tf.neg(tf.mean(softMaximum(late, 3)));
  const logShut = logMeanOfNeighbours(tf.neg(tf.softplus(gateLogits)));
  const stays = tf.neg(tf.slice(logShut, [keywords, 0], [negatives, scores]));
  const shut = tf.add(tf.mul(0.5, tf.mean(stays)), tf.mul(0.5, tf.mean(softMaximum(stays, 2))));

  const sceneStart = keywords + counts.other + counts.noise;
  const taught = tf.mean(tf.squaredDifference(flat(embeddings, sceneStart, counts.scene), targets));
  const activity = tf.mean(flat(compressed, 0, keywords));

  return tf.addN([
    hit,
    tf.mul(0.5, confusion),
    falseAlarm,
    tf.mul(weights.gate, tf.add(tf.mul(weights.positiveGate, opens), shut)),
    tf.mul(weights.distillation, taught),
    tf.mul(weights.beta, activity),
  ]) as tf.Scalar;
}

/** Logarithms [n, m] of probabilities -> those of the means of each and the one before it, [n, m - 1]. */
function logMeanOfNeighbours(x: tf.Tensor): tf.Tensor {
  const [n, m] = x.shape as [number, number];
  const pairs = tf.stack([tf.slice(x, [0, 0], [n, m - 1]), tf.slice(x, [0, 1], [n, m - 1])]);
  return tf.sub(tf.logSumExp(pairs, 0), Math.LN2);
}

/** log(mean(exp(sharpness * x))) / sharpness over the last axis: between the mean and the maximum. */
function softMaximum(x: tf.Tensor, sharpness: number): tf.Tensor {
  const count = x.shape[x.shape.length - 1]!;
  return tf.div(tf.sub(tf.logSumExp(tf.mul(x, sharpness), -1), Math.log(count)), sharpness);
}
