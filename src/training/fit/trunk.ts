import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import type * as tfl from '@tensorflow/tfjs-layers';
import { EMBEDDING } from '../corpus/teacher.js';
import type { Batch, FeederSettings } from '../feed/distillation-feeder.js';
import { Feeder } from '../feed/feeder.js';
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
import { initializeKernels } from '../network/weights.js';
import type { OnProgress } from '../progress.js';
import { Adam } from './adam.js';
import { distillationRate } from './learning-rate.js';
import { type LoopOptions, runLoop } from './loop.js';

export interface TrunkSettings {
  readonly cache: string;
  readonly seed: number;
  readonly steps: number;
  /** Steps from one checkpoint, and one measurement of dev, to the next. */
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

const DEV_BATCH = 64;
const WARM_UP_STEPS = 300;

/** Folder of a trunk's run. */
export function trunkRun({ cache, seed }: Pick<TrunkSettings, 'cache' | 'seed'>): string {
  return join(cache, `trunk-${seed}`);
}

/**
 * Distils the teacher's embeddings into the trunk (front half, compression, body), in the folder `trunk-<seed>` of `cache` ({@link trunkRun}).
 *
 * @throws WakegateError WG_DATA_INVALID where the folder holds a run with other settings
 */
export async function trainTrunk(
  settings: TrunkSettings,
  options: LoopOptions & { readonly shape?: NetworkShape } = {},
): Promise<void> {
  const { shape = SHAPE, onProgress } = options;
  const run = trunkRun(settings);
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
  const start = (change: Partial<FeederSettings>) =>
    startFeeder({ ...feederSettings, ...change }, onProgress);

  const front = buildFront(shape, frames);
  const body = buildBody(shape, steps);
  const compression = buildCompression(shape);
  compression.apply(tf.zeros([1, 1, 1, shape.frontChannels]));
  const layers = [...front.layers, ...body.layers, compression];
  initializeKernels(layers, settings.seed);
  const optimizer = new Adam(trainableVariables(layers));
  const network = { front, body, compression, frames, shape, settings };

  /** The same dev windows at every checkpoint. */
  const explainedOf = async (clean: boolean, moments: Standardization) => {
    const feeder = await start({ split: 'dev', clean, batch: DEV_BATCH });
    try {
      return await explained(feeder, { ...network, ...moments });
    } finally {
      await feeder.stop();
    }
  };
  let moments: Standardization;

  await runLoop(
    {
      run,
      settings: { ...settings, shape },
      layers,
      steps: settings.steps,
      checkpointEvery: settings.checkpointEvery,
      reportEvery: 100,
      decayAt: (step) => (step < 2000 ? 0.9 : 0.99),
      optimizerAt: () => optimizer,
      initialize: async () => {},
      openLeg: async (from) => {
        const feeder = await start({ seed: settings.seed + 1000 * from });
        moments = feeder.ready;
        await writeStandardization(run, moments);
        return {
          train: async (step) => {
            const batch = await feeder.next();
            return tf.tidy(() => {
              const { batch: n, embeddingsPerWindow } = settings;
              const x = standardized(batch.frames, [n, frames, 1, shape.coefficients], moments.mfcc);
              const y = standardized(
                batch.targets,
                [n, embeddingsPerWindow, 1, EMBEDDING],
                moments.embedding,
              );
              return optimizer.minimize(
                () => {
                  const z = compression.apply(front.apply(x, { training: true })) as tf.Tensor;
                  const embeddings = body.apply(z, { training: true }) as tf.Tensor;
                  const error = tf.mean(tf.square(tf.sub(embeddings, y)));
                  return tf.add(error, tf.mul(settings.beta, tf.mean(z))) as tf.Scalar;
                },
                distillationRate(step, settings, WARM_UP_STEPS),
              );
            });
          },
          close: () => feeder.stop(),
        };
      },
      measure: async () => {
        const [clean, noisy] = [await explainedOf(true, moments), await explainedOf(false, moments)];
        return { cleanR2: clean.r2, noisyR2: noisy.r2, nonZero: clean.nonZero };
      },
    },
    options,
  );
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

interface Standardization {
  readonly mfcc: Moments;
  readonly embedding: Moments;
}
type DistillationFeeder = Feeder<Standardization, Batch>;

function startFeeder(settings: FeederSettings, onProgress?: OnProgress): Promise<DistillationFeeder> {
  return Feeder.start(new URL('../feed/distillation-feeder.js', import.meta.url), settings, onProgress);
}

/** Keeps what the heads and the packs standardize by. */
async function writeStandardization(run: string, { mfcc, embedding }: Standardization): Promise<void> {
  const plain = ({ mean, deviation }: Moments) => ({
    mean: Array.from(mean),
    deviation: Array.from(deviation),
  });
  const standardization = { mfcc: plain(mfcc), embedding: plain(embedding) };
  await writeFile(join(run, 'standardization.json'), JSON.stringify(standardization));
}
