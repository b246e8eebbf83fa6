import { openBackend } from '../../src/classifier/index.js';
import type { ModelPack, SecondLookModel } from '../../src/model/index.js';
import { savedModel } from '../../src/training/pack/back-model.js';

const FEATURES = { sampleRate: 16_000, windowSamples: 512, hopSamples: 160, bands: 8 };
const FRAMES = 20;

/**
 * A second look that always gives the same posteriors, "none" first: for tests of what is done with them. Loads TensorFlow.js into this
 * thread.
 */
export async function constantSecondLook(posteriors: readonly number[]): Promise<SecondLookModel> {
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
    ...saved,
    features: FEATURES,
    frames: FRAMES,
    mean: Array(bands).fill(5),
    deviation: Array(bands).fill(2),
    macs: FRAMES * bands * posteriors.length,
    weight: 1,
    keywords: {},
  };
}

/** `pack` with a second look, which is asked from posteriors of `ask` on. */
export function withSecondLook(pack: ModelPack, secondLook: SecondLookModel, ask: number): ModelPack {
  const keywords = Object.fromEntries(pack.keywords.map(({ name }) => [name, { ask, bias: 0 }]));
  return { ...pack, secondLook: { ...secondLook, keywords } };
}
