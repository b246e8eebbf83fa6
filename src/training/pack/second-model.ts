import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import type { SecondLookLevels } from '../../features/index.js';
import type { LayersModel } from '../../model/index.js';
import {
  bodyChannels,
  type DistilledShape,
  framesForEmbeddings,
  isSpeechEmbedding,
  levelsOf,
  type SecondShape,
} from '../network/second-network.js';
import { applySpeechEmbedding } from '../network/speech-embedding.js';
import { setWeights, type Weight, type WeightMap } from '../network/weights.js';
import { type Folded, foldNorm, plain, savedModel } from './back-model.js';

/** The second look's network as a pack holds it. */
export interface ExportedSecond {
  readonly model: LayersModel;
  readonly features: SecondLookLevels;
  readonly frames: number;
  readonly macs: number;
}

/**
 * Body and keyword head as one standard layers-model for one position: batch normalization folded into the convolutions, dropout left
 * out, softmax at the end; weights as float16.
 *
 * Input [batch, frames, bands, 1], standardized; output [batch, keywords + 1].
 */
export async function exportSecond(
  shape: SecondShape,
  weights: WeightMap,
  keywords: number,
): Promise<ExportedSecond> {
  const L = tfl.layers;
  const set: { layer: tfl.layers.Layer; weights: Weight[] }[] = [];
  let macs = 0;
  const convolution = (
    x: tfl.SymbolicTensor,
    name: string,
    { kernel, bias }: Folded,
    options: { relu: boolean; strides?: readonly [number, number] },
  ) => {
    const [taps, bands, inputs, filters] = kernel.shape;
    const layer = L.conv2d({
      name,
      filters,
      kernelSize: [taps, bands],
      strides: options.strides ? [...options.strides] : [1, 1],
      padding: 'valid',
      activation: options.relu ? 'relu' : 'linear',
    });
    const y = layer.apply(x) as tfl.SymbolicTensor;
    set.push({ layer, weights: [kernel, bias] });
    macs += y.shape[1]! * y.shape[2]! * taps * bands * inputs * filters;
    return y;
  };

  const distilledBody = (input: tfl.SymbolicTensor, shape: DistilledShape) => {
    let x = input;
    shape.stem.forEach(({ strides }, i) => {
      const name = `stem${i + 1}`;
      x = convolution(x, name, foldNorm(weights, name), { relu: true, strides });
    });
    x = L.reshape({ name: 'rows', targetShape: [x.shape[1]!, 1, bodyChannels(shape)] }).apply(
      x,
    ) as tfl.SymbolicTensor;
    shape.bodyTaps.forEach((taps, i) => {
      const name = `body${i + 1}`;
      const y = convolution(x, name, foldNorm(weights, name), { relu: false });
      const shortcut = L.cropping2D({
        name: `${name}_crop`,
        cropping: [
          [(taps - 1) / 2, (taps - 1) / 2],
          [0, 0],
        ],
      }).apply(x) as tfl.SymbolicTensor;
      const sum = L.add({ name: `${name}_add` }).apply([y, shortcut]);
      x = L.reLU({ name: `${name}_relu` }).apply(sum) as tfl.SymbolicTensor;
    });
    x = convolution(x, 'expand', foldNorm(weights, 'expand'), { relu: true });
    x = convolution(x, 'embedding', plain(weights, 'embedding'), { relu: false });
    return x;
  };

  const features = levelsOf(shape);
  const frames = framesForEmbeddings(shape, shape.headEmbeddings);
  const input = tfl.input({ shape: [frames, features.bands, 1], name: 'levels' });
  let x: tfl.SymbolicTensor = input;
  if (isSpeechEmbedding(shape)) {
    const heard = applySpeechEmbedding(input);
    x = heard.output;
    macs += heard.macs;
  } else x = distilledBody(x, shape);
  x = convolution(x, 'head1', foldNorm(weights, 'head1'), { relu: true });
  x = convolution(x, 'head2', foldNorm(weights, 'head2'), { relu: true });
  x = convolution(x, 'head3', plain(weights, 'head3'), { relu: false });
  const row = L.reshape({ name: 'row', targetShape: [keywords + 1] }).apply(x) as tfl.SymbolicTensor;
  const output = L.softmax({ name: 'posteriors', axis: -1 }).apply(row) as tfl.SymbolicTensor;
  const model = tfl.model({ inputs: input, outputs: output, name: 'second' });
  for (const { layer, weights } of set) {
    tf.tidy(() => layer.setWeights(weights.map(({ values, shape }) => tf.tensor(values, shape))));
  }
  if (isSpeechEmbedding(shape))
    setWeights(
      model.layers.filter(({ name }) => name.startsWith('heard')),
      weights,
    );
  return { model: await savedModel(model), features, frames, macs };
}
