import * as tfl from '@tensorflow/tfjs-layers';
import { WakegateError } from '../../errors.js';
import { SPEECH_EMBEDDING_LEVELS } from '../../features/index.js';
import type { Moments } from './moments.js';
import type { OnnxWeight } from './onnx-weights.js';
import type { WeightMap } from './weights.js';

/**
 * Google's speech embedding (Lin et al. 2020, arXiv 2002.01322) as standard layers: pairs of a convolution over bands and one over time,
 * each followed by a leaky ReLU that is cut off below, and pools between them. Only what it computes is here: its weights are fetched.
 *
 * No layer pads over time, so a longer window gives more embeddings, one every 8 frames, each as if it were computed alone.
 */
interface Convolution {
  readonly taps: number;
  readonly bands: number;
  readonly filters: number;
  /** The pool after it: over how many frames and bands. */
  readonly pool?: readonly [frames: number, bands: number];
}

const across = (filters: number): Convolution => ({ taps: 1, bands: 3, filters });
const along = (filters: number, pool?: readonly [number, number]): Convolution => ({
  taps: 3,
  bands: 1,
  filters,
  ...(pool && { pool }),
});

const CONVOLUTIONS: readonly Convolution[] = [
  { taps: 3, bands: 3, filters: 24 },
  across(24),
  along(24, [2, 2]),
  across(48),
  along(48),
  across(48),
  along(48, [1, 2]),
  across(72),
  along(72),
  across(72),
  along(72, [2, 2]),
  across(96),
  along(96),
  across(96),
  along(96, [1, 2]),
  across(96),
  along(96),
  across(96),
  along(96, [2, 2]),
  along(96),
];

const SLOPE = 0.2;
/** The least that an activation can be. */
const CUT_OFF = -0.4;

/** It hears levels as they are: standardizing them changes nothing. */
export const SPEECH_EMBEDDING_MOMENTS: Moments = {
  mean: Array(SPEECH_EMBEDDING_LEVELS.bands).fill(0),
  deviation: Array(SPEECH_EMBEDDING_LEVELS.bands).fill(1),
};

/** Frames that so many embeddings see. */
export function speechEmbeddingFrames(embeddings: number): number {
  return CONVOLUTIONS.reduceRight((above, { taps, pool }) => above * (pool?.[0] ?? 1) + taps - 1, embeddings);
}

/** [batch, frames, 32, 1] -> [batch, embeddings, 1, 96], and how many multiply-accumulates that takes. */
export function applySpeechEmbedding(input: tfl.SymbolicTensor): {
  readonly output: tfl.SymbolicTensor;
  readonly macs: number;
} {
  const L = tfl.layers;
  let x = input;
  let macs = 0;
  CONVOLUTIONS.forEach(({ taps, bands, filters, pool }, i) => {
    const name = nameOf(i);
    const inputs = x.shape[3]!;
    const last = i === CONVOLUTIONS.length - 1;
    if (bands > 1) {
      const padding: [[number, number], [number, number]] = [
        [0, 0],
        [1, 1],
      ];
      x = L.zeroPadding2d({ name: `${name}_pad`, padding }).apply(x) as tfl.SymbolicTensor;
    }
    const convolution = L.conv2d({
      name,
      filters,
      kernelSize: [taps, bands],
      padding: 'valid',
      useBias: !last,
    });
    x = convolution.apply(x) as tfl.SymbolicTensor;
    macs += x.shape[1]! * x.shape[2]! * taps * bands * inputs * filters;
    if (last) return;
    x = L.leakyReLU({ name: `${name}_relu`, alpha: SLOPE }).apply(x) as tfl.SymbolicTensor;
    // A constant of the same shape: there is no layer that cuts off below.
    const least = L.depthwiseConv2d({ name: `${name}_least`, kernelSize: [1, 1] }).apply(x);
    x = L.maximum({ name: `${name}_cut` }).apply([x, least as tfl.SymbolicTensor]) as tfl.SymbolicTensor;
    if (pool) {
      const size: [number, number] = [pool[0], pool[1]];
      x = L.maxPooling2d({ name: `${name}_pool`, poolSize: size, strides: size }).apply(
        x,
      ) as tfl.SymbolicTensor;
    }
  });
  return { output: x, macs };
}

/** The embedding as a model of its own. */
export function buildSpeechEmbedding(frames: number): tfl.LayersModel {
  const input = tfl.input({ shape: [frames, SPEECH_EMBEDDING_LEVELS.bands, 1], name: 'levels' });
  const { output } = applySpeechEmbedding(input);
  const model = tfl.model({ inputs: input, outputs: output, name: 'speech_embedding' });
  for (const layer of model.layers) layer.trainable = false;
  return model;
}

/**
 * Its weights, by the names of the layers here, from those of the ONNX file.
 *
 * @throws WakegateError WG_DATA_INVALID where the file holds another network
 */
export function speechEmbeddingWeights(onnx: ReadonlyMap<string, OnnxWeight>): WeightMap {
  const weights: WeightMap = new Map();
  let inputs = 1;
  CONVOLUTIONS.forEach(({ taps, bands, filters }, i) => {
    const name = nameOf(i);
    const last = i === CONVOLUTIONS.length - 1;
    const scope = `model/conv2d${i === 0 ? '' : `_${i}`}/Conv2D`;
    const kernel = onnx.get(last ? `${scope}/ReadVariableOp:0` : `${scope}_weights_fused_bn`);
    if (!kernel || String(kernel.dims) !== String([filters, inputs, taps, bands])) throw otherNetwork(scope);
    // From [filters, inputs, taps, bands] to [taps, bands, inputs, filters].
    const values = new Float32Array(kernel.values.length);
    for (let t = 0, to = 0; t < taps; t++) {
      for (let b = 0; b < bands; b++) {
        for (let c = 0; c < inputs; c++) {
          for (let f = 0; f < filters; f++)
            values[to++] = kernel.values[((f * inputs + c) * taps + t) * bands + b];
        }
      }
    }
    weights.set(`${name}/kernel`, { shape: [taps, bands, inputs, filters], values });
    inputs = filters;
    if (last) return;
    const bias = onnx.get(`${scope}_bias_fused_bn`);
    if (!bias || bias.dims[0] !== filters) throw otherNetwork(scope);
    weights.set(`${name}/bias`, { shape: [filters], values: bias.values });
    const least = `${name}_least`;
    weights.set(`${least}/depthwise_kernel`, {
      shape: [1, 1, filters, 1],
      values: new Float32Array(filters),
    });
    weights.set(`${least}/bias`, { shape: [filters], values: new Float32Array(filters).fill(CUT_OFF) });
  });
  return weights;
}

function nameOf(index: number): string {
  return `heard${index + 1}`;
}

function otherNetwork(where: string): WakegateError {
  return new WakegateError(
    'WG_DATA_INVALID',
    `the ONNX file is not Google's speech embedding (layer ${where} differs): fetch it with "npm run teacher"`,
  );
}
