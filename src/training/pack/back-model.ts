import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { type LayersModel, quantizeToFloat16 } from '../../model/index.js';
import { EPSILON } from '../network/batch-norm.js';
import { type NetworkShape, spans } from '../network/network.js';
import type { Weight, WeightMap } from '../network/weights.js';

/** A back half as a pack holds it. */
export interface ExportedBack {
  readonly model: LayersModel;
  readonly macs: number;
  readonly positions: number;
}

/**
 * Body and keyword head as one standard layers-model for inference: batch normalization folded into the convolutions,
 * dropout left out, softmax at the end; weights as float16.
 *
 * Input [batch, windowSteps, 1, channels]; output [batch, positions, keywords + 1].
 */
export async function exportBack(
  shape: NetworkShape,
  weights: WeightMap,
  keywords: number,
  windowSteps: number,
): Promise<ExportedBack> {
  const L = tfl.layers;
  const set: { layer: tfl.layers.Layer; weights: Weight[] }[] = [];
  let macs = 0;

  const convolution = (
    x: tfl.SymbolicTensor,
    name: string,
    folded: Folded,
    stride: number,
    relu: boolean,
  ) => {
    const [taps, , inputs, filters] = folded.kernel.shape;
    const layer = L.conv2d({
      name,
      filters,
      kernelSize: [taps, 1],
      strides: [stride, 1],
      padding: 'valid',
      activation: relu ? 'relu' : 'linear',
    });
    const y = layer.apply(x) as tfl.SymbolicTensor;
    set.push({ layer, weights: [folded.kernel, folded.bias] });
    macs += y.shape[1]! * taps * inputs * filters;
    return y;
  };
  const folded = (name: string) => foldNorm(weights, name);

  const input = tfl.input({ shape: [windowSteps, 1, shape.frontChannels], name: 'handoff' });
  let x = convolution(input, 'body', folded('body'), 2, true);
  shape.bodyTaps.forEach((taps, i) => {
    const name = `body${i + 1}`;
    let y = x;
    if (taps > 1) {
      const depthwise = L.depthwiseConv2d({
        name: `${name}_depthwise`,
        kernelSize: [taps, 1],
        padding: 'valid',
        useBias: false,
      });
      y = depthwise.apply(x) as tfl.SymbolicTensor;
      set.push({ layer: depthwise, weights: [weights.get(`${name}_depthwise/depthwise_kernel`)!] });
      macs += y.shape[1]! * taps * shape.bodyChannels;
      x = L.cropping2D({
        name: `${name}_crop`,
        cropping: [
          [taps - 1, 0],
          [0, 0],
        ],
      }).apply(x) as tfl.SymbolicTensor;
    }
    y = convolution(y, `${name}_pointwise`, folded(`${name}_pointwise`), 1, false);
    x = L.reLU({ name: `${name}_relu` }).apply(
      L.add({ name: `${name}_add` }).apply([y, x]),
    ) as tfl.SymbolicTensor;
  });
  x = convolution(x, 'expand', folded('expand'), 1, true);
  x = convolution(x, 'embedding', plain(weights, 'embedding'), 1, false);
  x = convolution(x, 'head1', folded('head1'), 1, true);
  x = convolution(x, 'head2', folded('head2'), 1, true);
  x = convolution(x, 'head3', plain(weights, 'head3'), 1, false);
  const positions = x.shape[1]!;
  const rows = L.reshape({ name: 'rows', targetShape: [positions, keywords + 1] }).apply(
    x,
  ) as tfl.SymbolicTensor;
  const output = L.softmax({ name: 'posteriors', axis: -1 }).apply(rows) as tfl.SymbolicTensor;
  const model = tfl.model({ inputs: input, outputs: output, name: 'back' });
  for (const { layer, weights } of set) {
    tf.tidy(() => layer.setWeights(weights.map(({ values, shape }) => tf.tensor(values, shape))));
  }

  return { model: await savedModel(model), macs, positions };
}

/** A model as a pack holds it: topology, and weights as float16. */
export async function savedModel(model: tfl.LayersModel): Promise<LayersModel> {
  let saved: LayersModel | undefined;
  await model.save(
    tf.io.withSaveHandler(async ({ modelTopology, weightSpecs, weightData }) => {
      const bytes = tf.io.CompositeArrayBuffer.join(weightData!);
      saved = {
        topology: modelTopology as object,
        weightSpecs: weightSpecs!,
        weights: new Uint8Array(bytes),
      };
      return { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: 'JSON' } };
    }),
  );
  return quantizeToFloat16(saved!);
}

/** Steps in a handoff that gives so many positions. */
export function windowStepsFor(shape: NetworkShape, positions: number): number {
  return spans.stepsForEmbeddings(shape, positions + shape.headEmbeddings - 1);
}

/** A convolution with its batch normalization in it. */
export interface Folded {
  readonly kernel: Weight;
  readonly bias: Weight;
}

/** Kernel and bias of a convolution that a batch normalization follows: kernel * gamma / sqrt(variance + epsilon), and the bias that goes with it. */
export function foldNorm(weights: WeightMap, name: string): Folded {
  const kernel = weights.get(`${name}/kernel`)!;
  const [gamma, beta, mean, variance] = ['gamma', 'beta', 'mean', 'variance'].map(
    (what) => weights.get(`${name}_norm/${what}`)!.values,
  );
  const scale = gamma.map((g, o) => g / Math.sqrt(variance[o] + EPSILON));
  return {
    kernel: { shape: kernel.shape, values: kernel.values.map((value, i) => value * scale[i % scale.length]) },
    bias: { shape: [scale.length], values: beta.map((b, o) => b - mean[o] * scale[o]) },
  };
}

export function plain(weights: WeightMap, name: string): Folded {
  return { kernel: weights.get(`${name}/kernel`)!, bias: weights.get(`${name}/bias`)! };
}
