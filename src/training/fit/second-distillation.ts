import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { EMBEDDING } from '../corpus/teacher.js';
import type { RecordingSet } from '../feed/background.js';
import { Feeder } from '../feed/feeder.js';
import type { SecondBatch, SecondFeederSettings, SecondMoments } from '../feed/second-feeder.js';
import { trainableVariables } from '../network/keyword-network.js';
import { standardized } from '../network/moments.js';
import {
  buildSecondBody,
  framesForEmbeddings,
  SECOND_FEATURES,
  SECOND_SHAPE,
  type SecondShape,
} from '../network/second-network.js';
import { initializeKernels, readWeightMap, setWeights } from '../network/weights.js';
import { Adam } from './adam.js';
import { distillationRate } from './learning-rate.js';
import { type LoopOptions, runLoop } from './loop.js';

export interface SecondDistillationSettings {
  readonly sets: readonly RecordingSet[];
  readonly run: string;
  readonly seed: number;
  readonly steps: number;
  readonly checkpointEvery: number;
  readonly batch: number;
  readonly embeddingsPerWindow: number;
  readonly learningRate: number;
  /** Folder of a network to continue from, such as `restartSecondFromPack` writes; null for a new one. */
  readonly init: string | null;
}

export const SECOND_DISTILLATION: Omit<SecondDistillationSettings, 'sets'> = {
  run: '.cache/second-trunk',
  seed: 7,
  steps: 6000,
  checkpointEvery: 500,
  batch: 32,
  embeddingsPerWindow: 24,
  learningRate: 2e-3,
  init: null,
};

const DEV_BATCHES = 8;
const WARM_UP_STEPS = 200;

/**
 * Distils the teacher's embeddings into the network of the second look.
 *
 * @throws WakegateError WG_DATA_INVALID where the folder holds a run with other settings
 */
export async function distilSecond(
  settings: SecondDistillationSettings,
  options: LoopOptions & { readonly shape?: SecondShape } = {},
): Promise<void> {
  const { shape = SECOND_SHAPE, onProgress } = options;
  const { sets, ...kept } = settings;
  const { batch, embeddingsPerWindow: embeddings } = settings;
  const frames = framesForEmbeddings(shape, embeddings);
  const body = buildSecondBody(shape, frames);
  initializeKernels(body.layers, settings.seed);
  const optimizer = new Adam(trainableVariables(body.layers));
  const start = (change: Partial<SecondFeederSettings>): Promise<SecondFeeder> => {
    const framesOfOne = framesForEmbeddings(shape, 1);
    const all = { split: 'train', sets, seed: 1, batch, embeddings, frames, framesOfOne, clean: false };
    return Feeder.start(
      new URL('../feed/second-feeder.js', import.meta.url),
      { ...all, ...change },
      onProgress,
    );
  };
  let moments: SecondMoments;
  const tensorsOf = ({ levels, targets }: SecondBatch) => {
    const { bands } = SECOND_FEATURES;
    const x = standardized(levels, [batch, frames, 1, bands], moments.levels);
    const y = standardized(targets, [batch, embeddings, 1, EMBEDDING], moments.embedding);
    return { x: tf.reshape(x, [batch, frames, bands, 1]), y };
  };
  /** The same dev windows at every checkpoint: the share of the standardized embeddings' variance that is explained. */
  const explained = async (clean: boolean) => {
    const feeder = await start({ split: 'dev', clean });
    let [error, spread] = [0, 0];
    for (let i = 0; i < DEV_BATCHES; i++) {
      const made = await feeder.next();
      tf.tidy(() => {
        const { x, y } = tensorsOf(made);
        error += tf.mean(tf.squaredDifference(body.apply(x) as tf.Tensor, y)).dataSync()[0];
        spread += tf.mean(tf.moments(y, [0, 1, 2]).variance).dataSync()[0];
      });
    }
    await feeder.stop();
    return 1 - error / spread;
  };

  await runLoop(
    {
      run: settings.run,
      settings: { ...kept, shape },
      layers: body.layers,
      steps: settings.steps,
      checkpointEvery: settings.checkpointEvery,
      reportEvery: 50,
      decayAt: (step) => (step < 1500 ? 0.9 : 0.98),
      optimizerAt: () => optimizer,
      initialize: async () => {
        const { init } = settings;
        if (init !== null) setWeights(body.layers, await readWeightMap(join(init, 'averaged.bin')));
      },
      openLeg: async (from) => {
        const feeder = await start({ seed: settings.seed + 1000 * from });
        moments = await keptMoments(settings, feeder.ready);
        return {
          train: async (step) => {
            const made = await feeder.next();
            return tf.tidy(() => {
              const { x, y } = tensorsOf(made);
              return optimizer.minimize(
                () => {
                  const given = body.apply(x, { training: true }) as tf.Tensor;
                  return tf.mean(tf.squaredDifference(given, y)) as tf.Scalar;
                },
                distillationRate(step, settings, WARM_UP_STEPS),
              );
            });
          },
          close: () => feeder.stop(),
        };
      },
      measure: async () => ({ cleanR2: await explained(true), noisyR2: await explained(false) }),
    },
    options,
  );
}

/** Those of the network that it continues from, or of the first start, so that a run that is interrupted has the same. */
async function keptMoments(
  { run, init }: Pick<SecondDistillationSettings, 'run' | 'init'>,
  fresh: SecondMoments,
): Promise<SecondMoments> {
  const path = join(run, 'moments.json');
  const text = await readFile(path, 'utf8').catch(() => null);
  if (text !== null) return JSON.parse(text) as SecondMoments;
  const moments =
    init === null ? fresh : (JSON.parse(await readFile(join(init, 'moments.json'), 'utf8')) as SecondMoments);
  await mkdir(run, { recursive: true });
  await writeFile(path, JSON.stringify(moments));
  return moments;
}

type SecondFeeder = Feeder<SecondMoments, SecondBatch>;
