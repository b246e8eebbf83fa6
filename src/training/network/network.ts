import * as tfl from '@tensorflow/tfjs-layers';
import { Compression } from '../layer/compression.js';
import { BatchNorm } from './batch-norm.js';
import { SeededDropout } from './dropout.js';
import { HalvingConvolution } from './halving-convolution.js';

/**
 * The network, top to bottom. Time runs along the second axis of [batch, time, 1, channels]; no layer pads, so every
 * part computes the same function of the past wherever a window is cut, in training as in the stream.
 */
export interface NetworkShape {
  /** MFCCs in a frame. */
  readonly coefficients: number;
  /** Channels of the front half and of the handoff. */
  readonly frontChannels: number;
  readonly frontBlocks: number;
  readonly gateChannels: number;
  readonly levelStep: number;
  readonly maxLevel: number;
  /** Channels of the back half's body. */
  readonly bodyChannels: number;
  /** Taps of the depthwise convolution of each block of the body; 1 for none. */
  readonly bodyTaps: readonly number[];
  readonly expandedChannels: number;
  readonly embedding: number;
  /** Embeddings that the keyword head sees at once. */
  readonly headEmbeddings: number;
  readonly headChannels: readonly [number, number];
}

export const SHAPE: NetworkShape = {
  coefficients: 20,
  frontChannels: 44,
  frontBlocks: 3,
  gateChannels: 20,
  levelStep: 0.25,
  maxLevel: 31,
  bodyChannels: 192,
  bodyTaps: [3, 3, 1, 3, 3],
  expandedChannels: 256,
  embedding: 96,
  headEmbeddings: 16,
  headChannels: [96, 64],
};

export const FRONT_TAPS = 5;
export const GATE_TAPS = [4, 8, 8] as const;
const BACK_TAPS = 4;

/** Frames and steps that it takes for so many steps of the front half, or embeddings. */
export const spans = {
  /** Steps the front loses to its blocks. */
  frontLoss: (shape: NetworkShape) => shape.frontBlocks * (FRONT_TAPS - 1),
  framesForFrontSteps: (shape: NetworkShape, steps: number) =>
    2 * (steps + spans.frontLoss(shape) - 1) + FRONT_TAPS,
  bodyLoss: (shape: NetworkShape) => shape.bodyTaps.reduce((sum, taps) => sum + taps - 1, 0),
  stepsForEmbeddings: (shape: NetworkShape, embeddings: number) =>
    2 * (embeddings + spans.bodyLoss(shape) - 1) + BACK_TAPS,
};

const L = tfl.layers;
type Symbolic = tfl.SymbolicTensor;

function convolution(x: Symbolic, name: string, filters: number, taps: number, useBias = false): Symbolic {
  const layer = L.conv2d({
    name,
    filters,
    kernelSize: [taps, 1],
    padding: 'valid',
    useBias,
    kernelInitializer: 'heNormal',
  });
  return layer.apply(x) as Symbolic;
}

function halved(x: Symbolic, name: string, filters: number, taps: number): Symbolic {
  return new HalvingConvolution({ name, filters, taps }).apply(x) as Symbolic;
}

function normalized(x: Symbolic, name: string, relu: boolean): Symbolic {
  const y = new BatchNorm({ name: `${name}_norm` }).apply(x) as Symbolic;
  return relu ? (L.reLU({ name: `${name}_relu` }).apply(y) as Symbolic) : y;
}

/** Depthwise over time, then pointwise, around a shortcut of the newest rows. */
function residual(x: Symbolic, name: string, taps: number): Symbolic {
  const channels = x.shape[3]!;
  let y = x;
  if (taps > 1) {
    const depthwise = L.depthwiseConv2d({
      name: `${name}_depthwise`,
      kernelSize: [taps, 1],
      padding: 'valid',
      useBias: false,
      depthwiseInitializer: 'heNormal',
    });
    y = depthwise.apply(x) as Symbolic;
  }
  y = normalized(convolution(y, `${name}_pointwise`, channels, 1), `${name}_pointwise`, false);
  const shortcut =
    taps > 1
      ? (L.cropping2D({
          name: `${name}_crop`,
          cropping: [
            [taps - 1, 0],
            [0, 0],
          ],
        }).apply(x) as Symbolic)
      : x;
  const sum = L.add({ name: `${name}_add` }).apply([y, shortcut]) as Symbolic;
  return L.reLU({ name: `${name}_relu` }).apply(sum) as Symbolic;
}

/** [batch, frames, 1, coefficients] -> activations [batch, steps, 1, frontChannels], before compression. */
export function buildFront(shape: NetworkShape, frames: number | null = null): tfl.LayersModel {
  const input = tfl.input({ shape: [frames, 1, shape.coefficients], name: 'frames' });
  let x = normalized(halved(input, 'front', shape.frontChannels, FRONT_TAPS), 'front', true);
  for (let block = 1; block <= shape.frontBlocks; block++) x = residual(x, `front${block}`, FRONT_TAPS);
  const output = convolution(x, 'activations', shape.frontChannels, 1, true);
  return tfl.model({ inputs: input, outputs: output, name: 'front' });
}

/** Activations -> gate logits [batch, n, 1, 1], one every two steps. */
export function buildGate(shape: NetworkShape, steps: number | null = null): tfl.LayersModel {
  const input = tfl.input({ shape: [steps, 1, shape.frontChannels], name: 'activations' });
  let x = normalized(halved(input, 'gate1', shape.gateChannels, GATE_TAPS[0]), 'gate1', true);
  x = normalized(convolution(x, 'gate2', shape.gateChannels, GATE_TAPS[1]), 'gate2', true);
  const output = convolution(x, 'gate3', 1, GATE_TAPS[2], true);
  return tfl.model({ inputs: input, outputs: output, name: 'gate' });
}

export function buildCompression(shape: NetworkShape): Compression {
  return new Compression({ name: 'compression', levelStep: shape.levelStep, maxLevel: shape.maxLevel });
}

/** Compressed activations [batch, steps, 1, frontChannels] -> speech embeddings [batch, n, 1, embedding]. */
export function buildBody(shape: NetworkShape, steps: number | null = null): tfl.LayersModel {
  const input = tfl.input({ shape: [steps, 1, shape.frontChannels], name: 'compressed' });
  let x = normalized(halved(input, 'body', shape.bodyChannels, BACK_TAPS), 'body', true);
  shape.bodyTaps.forEach((taps, i) => {
    x = residual(x, `body${i + 1}`, taps);
  });
  x = normalized(convolution(x, 'expand', shape.expandedChannels, 1), 'expand', true);
  const output = convolution(x, 'embedding', shape.embedding, 1, true);
  return tfl.model({ inputs: input, outputs: output, name: 'body' });
}

/** Embeddings -> logits [batch, positions, 1, keywords + 1], "none" first. */
export function buildHead(
  shape: NetworkShape,
  keywords: number,
  embeddings: number | null = null,
): tfl.LayersModel {
  const input = tfl.input({ shape: [embeddings, 1, shape.embedding], name: 'embeddings' });
  const [wide, narrow] = shape.headChannels;
  let x = normalized(convolution(input, 'head1', wide, shape.headEmbeddings), 'head1', true);
  x = new SeededDropout({ rate: 0.3, name: 'head1_dropout' }).apply(x) as Symbolic;
  x = normalized(convolution(x, 'head2', narrow, 1), 'head2', true);
  x = new SeededDropout({ rate: 0.2, name: 'head2_dropout' }).apply(x) as Symbolic;
  const output = convolution(x, 'head3', keywords + 1, 1, true);
  return tfl.model({ inputs: input, outputs: output, name: 'head' });
}
