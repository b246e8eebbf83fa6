import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openBackend } from '../../src/classifier/index.js';
import type { LayersModel, ModelPack, SecondLookModel } from '../../src/model/index.js';
import { savedModel } from '../../src/training/pack/back-model.js';
import { makeTinyPack } from './tiny-pack.js';

const FEATURES = { sampleRate: 16_000, windowSamples: 512, hopSamples: 160, bands: 8 };
const FRAMES = 20;

/**
 * A second look that always gives the same posteriors, "none" first: for tests of what is done with them. Loads TensorFlow.js into this
 * thread.
 */
export async function constantSecondLook(
  folder: string,
  posteriors: readonly number[],
): Promise<SecondLookModel> {
  const { tf, layers } = await openBackend('wasm');
  const { activation, conv2d, reshape } = layers.layers;
  const { bands } = FEATURES;
  const model = layers.sequential({
    name: 'second',
    layers: [
      conv2d({
        name: 'conv',
        inputShape: [FRAMES, bands, 1],
        filters: posteriors.length,
        kernelSize: [FRAMES, bands],
      }),
      reshape({ name: 'row', targetShape: [posteriors.length] }),
      activation({ name: 'posteriors', activation: 'softmax' }),
    ],
  });
  tf.tidy(() => {
    const kernel = tf.zeros([FRAMES, bands, 1, posteriors.length]);
    model.setWeights([kernel, tf.tensor1d(posteriors.map(Math.log))]);
  });
  const saved = await savedModel(model);
  model.dispose();
  return {
    ...(await inFile(folder, saved)),
    features: FEATURES,
    frames: FRAMES,
    mean: Array(bands).fill(5),
    deviation: Array(bands).fill(2),
    macs: FRAMES * bands * posteriors.length,
    weight: 1,
    keywords: {},
  };
}

/** A model with its weights in a file of `folder`, as a pack holds that of the second look. */
export async function inFile(folder: string, { topology, weightSpecs, weights }: LayersModel) {
  const weightsSha256 = createHash('sha256').update(weights).digest('hex');
  const weightsFile = join(folder, `${weightsSha256}.bin`);
  await writeFile(weightsFile, weights);
  return { topology, weightSpecs, weightsFile, weightsSha256 };
}

/** `pack` with a second look, which is asked from posteriors of `ask` on. */
export function withSecondLook(pack: ModelPack, secondLook: SecondLookModel, ask: number): ModelPack {
  const keywords = Object.fromEntries(pack.keywords.map(({ name }) => [name, { ask, bias: 0 }]));
  return { ...pack, secondLook: { ...secondLook, keywords } };
}

/** A tiny pack that detects something in any speech, but for its second look. */
export async function eagerPack(folder: string): Promise<ModelPack> {
  const pack = await makeTinyPack(folder);
  return {
    ...pack,
    gate: { ...pack.gate, threshold: 0 },
    keywords: pack.keywords.map((keyword) => ({ ...keyword, threshold: 0.3, patience: 1 })),
  };
}
