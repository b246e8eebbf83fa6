import type { Sequential } from '@tensorflow/tfjs-layers';
import { type Backend, openBackend } from '../../src/classifier/index.js';
import {
  type LayersModel,
  type ModelPack,
  type PackDescription,
  quantizeToFloat16,
  readPack,
  type Tensor,
  writePack,
} from '../../src/model/index.js';

/**
 * A model pack of a few kilobytes, with every kind of layer in it and weights from a seed: for tests that need a
 * pack and not a good one. A step is two frames, 640 samples.
 */
export const TINY: PackDescription = {
  name: 'tiny',
  description: 'Untrained layers of every kind, for tests',
  licence: 'Apache-2.0',
  made: { by: 'test/support/tiny-pack.ts' },
  keywords: [
    { name: 'one', threshold: 0.5, patience: 1 },
    { name: 'two', threshold: 0.6, patience: 2 },
  ],
  features: { sampleRate: 16_000, windowSamples: 512, hopSamples: 320, melBands: 26, coefficients: 20 },
  front: {
    batchNormEpsilon: 1e-3,
    layers: [
      layer('conv1', 'conv', { taps: 5, stride: 2, inputs: 20, outputs: 8, relu: true, batchNorm: true }),
      layer('depthwise2', 'depthwise', { taps: 3, inputs: 8, outputs: 8, relu: true, batchNorm: true }),
      layer('pointwise2', 'conv', {
        taps: 1,
        inputs: 8,
        outputs: 8,
        relu: true,
        batchNorm: true,
        shortcutFrom: 'depthwise2',
      }),
      layer('project3', 'conv', { taps: 1, inputs: 8, outputs: 8 }),
    ],
  },
  gate: {
    layers: [
      layer('gate1', 'conv', { taps: 4, stride: 2, inputs: 8, outputs: 4, relu: true }),
      layer('gate2', 'conv', { taps: 4, inputs: 4, outputs: 1 }),
    ],
    threshold: 0.5,
    smoothingScores: 1,
    hangoverSteps: 5,
    curve: [{ threshold: 0.5, falseStopRate: 0.01, stopRate: 0.9 }],
  },
  compression: {
    channels: 8,
    levelStep: 0.25,
    maxLevel: 32,
    zeroPrior: Array(8).fill([230, 120, 60]).flat(),
  },
  handoff: { windowSteps: 20, hopSteps: 4 },
  back: { macs: 9 * 4 * 8 * 8 + 2 * 8 * 8 * 3, positions: 2, positionSteps: 2 },
  detector: { smoothingPositions: 2, refractoryMs: 1000, rearmRatio: 0.8 },
};

type LayerDescription = PackDescription['front']['layers'][number];

function layer(
  name: string,
  kind: LayerDescription['kind'],
  rest: Partial<LayerDescription> & Pick<LayerDescription, 'taps' | 'inputs' | 'outputs'>,
): LayerDescription {
  return { name, kind, stride: 1, relu: false, shortcutFrom: null, batchNorm: false, ...rest };
}

/** Writes the tiny pack to `directory` and reads it back. Loads TensorFlow.js into this thread. */
export async function makeTinyPack(directory: string): Promise<ModelPack> {
  await writePack(directory, TINY, tinyTensors(), await tinyBack());
  return readPack(directory);
}

/** The front half's tensors, unfolded, by the names that {@link TINY} wants. */
export function tinyTensors(): Map<string, Tensor> {
  const random = uniform(1);
  const tensors = new Map<string, Tensor>();
  const add = (name: string, shape: number[], low: number, high: number) => {
    const length = shape.reduce((product, axis) => product * axis, 1);
    tensors.set(name, { shape, values: Float32Array.from({ length }, () => random(low, high)) });
  };
  add('input/mean', [20], -5, 20);
  add('input/variance', [20], 1, 50);
  for (const { name, kind, taps, inputs, outputs, batchNorm } of [
    ...TINY.front.layers,
    ...TINY.gate.layers,
  ]) {
    const spread = Math.sqrt(3 / (kind === 'conv' ? taps * inputs : taps));
    add(`${name}/kernel`, kind === 'conv' ? [taps, inputs, outputs] : [taps, inputs], -spread, spread);
    if (batchNorm) {
      add(`${name}/gamma`, [outputs], 0.7, 1.3);
      add(`${name}/beta`, [outputs], -0.3, 0.3);
      add(`${name}/mean`, [outputs], -0.5, 0.5);
      add(`${name}/variance`, [outputs], 0.5, 1.5);
    } else {
      add(`${name}/bias`, [outputs], -0.3, 0.3);
    }
  }
  add('compression/theta', [8], 0, 0.5);
  return tensors;
}

/** The back half, [20, 1, 8] -> [2, 3]. */
async function tinyBack(): Promise<LayersModel> {
  const backend = await openBackend('wasm');
  const { tf, layers } = backend;
  const { activation, conv2d, reshape } = layers.layers;
  // Named, since the library numbers what has no name, and the pack would differ the second time it is made.
  const model = layers.sequential({
    name: 'tiny',
    layers: [
      conv2d({
        name: 'conv1',
        inputShape: [20, 1, 8],
        filters: 8,
        kernelSize: [4, 1],
        strides: [2, 1],
        activation: 'relu',
      }),
      conv2d({ name: 'conv2', filters: 3, kernelSize: [8, 1] }), // [9, 1, 8] -> [2, 1, 3]
      reshape({ name: 'positions', targetShape: [2, 3] }),
      activation({ name: 'posteriors', activation: 'softmax' }),
    ],
  });
  const random = uniform(2);
  tf.tidy(() => {
    const shapes = model.getWeights().map((weight) => weight.shape);
    model.setWeights(
      shapes.map((shape) =>
        tf.tensor(
          Float32Array.from({ length: tf.util.sizeFromShape(shape) }, () => random(-0.4, 0.4)),
          shape,
        ),
      ),
    );
  });
  const saved = quantizeToFloat16(await artifacts(backend, model));
  model.dispose();
  return saved;
}

async function artifacts({ tf }: Backend, model: Sequential): Promise<LayersModel> {
  let saved: LayersModel | undefined;
  await model.save(
    tf.io.withSaveHandler(async ({ modelTopology, weightSpecs, weightData }) => {
      const weights = new Uint8Array(tf.io.CompositeArrayBuffer.join(weightData));
      saved = { topology: modelTopology as object, weightSpecs: weightSpecs!, weights };
      return { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: 'JSON' } };
    }),
  );
  return saved!;
}

/** A reproducible source of uniform numbers: 32-bit xorshift. */
function uniform(seed: number): (low: number, high: number) => number {
  let state = seed * 0x9e3779b9;
  return (low, high) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return low + ((state >>> 0) / 2 ** 32) * (high - low);
  };
}
