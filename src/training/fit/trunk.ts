import { appendFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import type * as tfl from '@tensorflow/tfjs-layers';
import { EMBEDDING } from '../corpus/teacher.js';
import type { Batch, FeederSettings } from '../feed/distillation-feeder.js';
import { Feeder } from '../feed/feeder.js';
import { drawLearningCurve } from '../figures/learning-curve.js';
import { trainableVariables } from '../network/keyword-network.js';
import { type Moments, standardized } from '../network/moments.js';
import {
  buildBody,
  buildCompression,
  buildFront,
  type NetworkShape,
  SHAPE,
  spans,
} from '../network/network.js';
import { averageWeights, initializeKernels, setWeights, weightsOf } from '../network/weights.js';
import { Adam } from './adam.js';
import { Checkpoints } from './checkpoint.js';

export interface TrunkSettings {
  readonly cache: string;
  readonly seed: number;
  readonly steps: number;
  /** After so many steps a checkpoint is kept, and dev is measured. */
  readonly checkpointEvery: number;
  readonly batch: number;
  readonly embeddingsPerWindow: number;
  readonly learningRate: number;
  /** Weight of the mean compressed activation in the loss. */
  readonly beta: number;
}

export const TRUNK: TrunkSettings = {
  cache: '.cache',
  seed: 1,
  steps: 15_000,
  checkpointEvery: 1000,
  batch: 48,
  embeddingsPerWindow: 34,
  learningRate: 2e-3,
  beta: 0.05,
};

const AVERAGE_EVERY = 10;
const DEV_BATCH = 64;

/**
 * Distils the teacher's embeddings into the trunk (front half, compression, body), in the folder `trunk-<seed>` of `cache`, and goes
 * on from there when it was broken off.
 *
 * @param until the step at which to leave off, to go on another time: one with a checkpoint
 * @throws WakegateError WG_DATA_INVALID where the folder holds a run with other settings
 */
export async function trainTrunk(
  settings: TrunkSettings,
  shape: NetworkShape = SHAPE,
  until = settings.steps,
): Promise<void> {
  const directory = join(settings.cache, `trunk-${settings.seed}`);
  const steps = spans.stepsForEmbeddings(shape, settings.embeddingsPerWindow);
  const frames = spans.framesForFrontSteps(shape, steps);
  const feederSettings: FeederSettings = {
    split: 'train',
    cache: settings.cache,
    seed: settings.seed,
    batch: settings.batch,
    frames,
    embeddings: settings.embeddingsPerWindow,
    firstEmbeddingFrame: spans.framesForFrontSteps(shape, spans.stepsForEmbeddings(shape, 1)) - 1,
    clean: false,
  };

  const parts: tfl.LayersModel[] = [buildFront(shape, frames), buildBody(shape, steps)];
  const [front, body] = parts;
  const compression = buildCompression(shape);
  compression.apply(tf.zeros([1, 1, 1, shape.frontChannels]));
  const layers = [...front.layers, ...body.layers, compression];
  initializeKernels(layers, settings.seed);
  const optimizer = new Adam(trainableVariables(layers));
  const checkpoints = new Checkpoints(directory, { ...settings, shape }, layers);
  const stood = await checkpoints.restore(() => optimizer);
  if (stood) console.error(`trunk: resumed at step ${stood.step}`);
  let { step, loss, averaged } = stood ?? { step: 0, loss: 0, averaged: weightsOf(layers) };

  /** Batches follow from the seed and the step of the last checkpoint. */
  const startTrain = () => startFeeder({ ...feederSettings, seed: settings.seed + 1000 * step });
  let train = await startTrain();
  const { mfcc, embedding } = train.ready;
  await writeFile(
    join(directory, 'standardization.json'),
    JSON.stringify({ mfcc: plain(mfcc), embedding: plain(embedding) }),
  );

  /** The same dev windows at every checkpoint. */
  const evaluated = async (clean: boolean) => {
    const feeder = await startFeeder({ ...feederSettings, split: 'dev', clean, batch: DEV_BATCH });
    const figures = await explained(feeder, {
      front,
      body,
      compression,
      frames,
      shape,
      settings,
      mfcc,
      embedding,
    });
    await feeder.stop();
    return figures;
  };
  const clock = { start: Date.now(), step };
  while (step < until) {
    const batch = await train.next();
    const warmUp = Math.min(1, (step + 1) / 300);
    const cosine = 0.5 * (1 + Math.cos((Math.PI * step) / settings.steps));
    const learningRate = settings.learningRate * warmUp * Math.max(cosine, 0.01);
    const value = tf.tidy(() => {
      const x = standardized(batch.frames, [settings.batch, frames, 1, shape.coefficients], mfcc);
      const y = standardized(
        batch.targets,
        [settings.batch, settings.embeddingsPerWindow, 1, EMBEDDING],
        embedding,
      );
      return optimizer.minimize(() => {
        const z = compression.apply(front.apply(x, { training: true })) as tf.Tensor;
        const error = tf.mean(tf.square(tf.sub(body.apply(z, { training: true }) as tf.Tensor, y)));
        return tf.add(error, tf.mul(settings.beta, tf.mean(z))) as tf.Scalar;
      }, learningRate);
    });
    step++;
    loss += (value - loss) / Math.min(step, 100);
    if (step % AVERAGE_EVERY === 0) averaged = averageWeights(averaged, layers, step < 2000 ? 0.9 : 0.99);
    if (step % 100 === 0) {
      const perStep = (Date.now() - clock.start) / (step - clock.step);
      const minutes = Math.round((perStep * (settings.steps - step)) / 60_000);
      console.error(`trunk: step ${step}/${settings.steps} loss ${loss.toFixed(4)}, ${minutes} min left`);
    }
    if (step % settings.checkpointEvery === 0 || step === settings.steps) {
      await checkpoints.save({ step, loss, averaged, extra: new Map() }, optimizer);
      const current = weightsOf(layers);
      setWeights(layers, averaged);
      const [clean, noisy] = [await evaluated(true), await evaluated(false)];
      setWeights(layers, current);
      const line = { step, loss, cleanR2: clean.r2, noisyR2: noisy.r2, nonZero: clean.nonZero };
      console.error(
        `trunk: dev R2 clean ${clean.r2.toFixed(4)} noisy ${noisy.r2.toFixed(4)}, non-zero ${clean.nonZero.toFixed(3)}`,
      );
      await appendFile(join(directory, 'curve.jsonl'), `${JSON.stringify(line)}\n`);
      await drawLearningCurve(directory);
      if (step < until) {
        await train.stop();
        train = await startTrain();
      }
    }
  }
  await train.stop();
}

interface Evaluated {
  readonly front: tfl.LayersModel;
  readonly body: tfl.LayersModel;
  readonly compression: ReturnType<typeof buildCompression>;
  readonly frames: number;
  readonly shape: NetworkShape;
  readonly settings: TrunkSettings;
  readonly mfcc: Moments;
  readonly embedding: Moments;
}

/** Share of the standardized embeddings' variance that the student explains, and share of activations not zero. */
async function explained(
  feeder: DistillationFeeder,
  at: Evaluated,
): Promise<{ r2: number; nonZero: number }> {
  let [error, nonZero, spread] = [0, 0, 0];
  const batches = 12;
  for (let i = 0; i < batches; i++) {
    const batch = await feeder.next();
    tf.tidy(() => {
      const x = standardized(batch.frames, [DEV_BATCH, at.frames, 1, at.shape.coefficients], at.mfcc);
      const y = standardized(
        batch.targets,
        [DEV_BATCH, at.settings.embeddingsPerWindow, 1, EMBEDDING],
        at.embedding,
      );
      const z = at.compression.apply(at.front.apply(x)) as tf.Tensor;
      error += tf.mean(tf.squaredDifference(at.body.apply(z) as tf.Tensor, y)).dataSync()[0];
      spread += tf.mean(tf.moments(y, [0, 1, 2]).variance).dataSync()[0];
      nonZero += tf.mean(tf.cast(tf.greater(z, 0), 'float32')).dataSync()[0];
    });
  }
  return { r2: 1 - error / spread, nonZero: nonZero / batches };
}

function plain({ mean, deviation }: Moments) {
  return { mean: Array.from(mean), deviation: Array.from(deviation) };
}

interface Standardization {
  readonly mfcc: Moments;
  readonly embedding: Moments;
}
type DistillationFeeder = Feeder<Standardization, Batch>;

function startFeeder(settings: FeederSettings): Promise<DistillationFeeder> {
  return Feeder.start(new URL('../feed/distillation-feeder.js', import.meta.url), settings);
}
