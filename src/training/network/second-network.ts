import * as tfl from '@tensorflow/tfjs-layers';
import { type SecondLookLevels, SPEECH_EMBEDDING_LEVELS } from '../../features/index.js';
import { BatchNorm } from './batch-norm.js';
import { SeededDropout } from './dropout.js';
import { buildSpeechEmbedding, speechEmbeddingFrames } from './speech-embedding.js';

/**
 * The network of the second look, top to bottom. It runs a few times an hour, on two seconds of sound at once, so it is a hundred times as
 * big as the front half, sees finer features, and its first layers go over frequency as well as over time. No layer pads.
 */
export interface DistilledShape extends SecondHeadShape {
  /** Convolutions over [time, band], from the bottom up. */
  readonly stem: readonly StemLayer[];
  /** Taps of each residual convolution over time, on what the stem leaves: one row every 80 ms. */
  readonly bodyTaps: readonly number[];
  readonly expandedChannels: number;
}

/** What every body has on top. */
export interface SecondHeadShape {
  readonly embedding: number;
  /** Embeddings that the keyword head sees at once. */
  readonly headEmbeddings: number;
  readonly headChannels: readonly [number, number];
}

/** Google's speech embedding itself as the body, as it is. */
export interface SpeechEmbeddingShape extends SecondHeadShape {
  readonly body: 'speech-embedding';
}

export type SecondShape = DistilledShape | SpeechEmbeddingShape;

export interface StemLayer {
  readonly taps: number;
  readonly bands: number;
  readonly strides: readonly [time: number, band: number];
  readonly filters: number;
}

export const SECOND_FEATURES = {
  sampleRate: 16_000,
  windowSamples: 512,
  hopSamples: 160,
  bands: 32,
} as const satisfies SecondLookLevels;

/** 32 bands -> 15 -> 7 -> 5 -> 2, so that the body has 2 x 160 channels. */
export const SECOND_SHAPE: DistilledShape = {
  stem: [
    { taps: 5, bands: 4, strides: [2, 2], filters: 40 },
    { taps: 3, bands: 3, strides: [2, 2], filters: 80 },
    { taps: 3, bands: 3, strides: [1, 1], filters: 128 },
    { taps: 3, bands: 3, strides: [2, 2], filters: 160 },
  ],
  bodyTaps: [3, 3, 3],
  expandedChannels: 256,
  embedding: 96,
  headEmbeddings: 16,
  headChannels: [96, 64],
};

export const SPEECH_EMBEDDING_SHAPE: SpeechEmbeddingShape = {
  body: 'speech-embedding',
  embedding: 96,
  headEmbeddings: 16,
  headChannels: [96, 64],
};

export function isSpeechEmbedding(shape: SecondShape): shape is SpeechEmbeddingShape {
  return 'body' in shape;
}

/** What a body hears. */
export function levelsOf(shape: SecondShape): SecondLookLevels {
  return isSpeechEmbedding(shape) ? SPEECH_EMBEDDING_LEVELS : SECOND_FEATURES;
}

/** Frames from one embedding to the next. */
export const SECOND_HOP_FRAMES = 8;

/** Frames that it takes for so many embeddings. */
export function framesForEmbeddings(shape: SecondShape, embeddings: number): number {
  if (isSpeechEmbedding(shape)) return speechEmbeddingFrames(embeddings);
  const rows = embeddings + shape.bodyTaps.reduce((sum, taps) => sum + taps - 1, 0);
  return shape.stem.reduceRight((above, { taps, strides }) => (above - 1) * strides[0] + taps, rows);
}

/** Bands, then filters, that are left when the stem is done: the channels of the body. */
export function bodyChannels(shape: DistilledShape): number {
  const last = shape.stem[shape.stem.length - 1];
  const bands = shape.stem.reduce<number>(
    (left, { bands, strides }) => Math.floor((left - bands) / strides[1]) + 1,
    SECOND_FEATURES.bands,
  );
  return bands * last.filters;
}

const L = tfl.layers;
type Symbolic = tfl.SymbolicTensor;

function convolution(
  x: Symbolic,
  name: string,
  filters: number,
  kernelSize: [number, number],
  options: { strides?: [number, number]; useBias?: boolean } = {},
): Symbolic {
  const { strides = [1, 1], useBias = false } = options;
  return L.conv2d({ name, filters, kernelSize, strides, padding: 'valid', useBias }).apply(x) as Symbolic;
}

function normalized(x: Symbolic, name: string, relu = true): Symbolic {
  const y = new BatchNorm({ name: `${name}_norm` }).apply(x) as Symbolic;
  return relu ? (L.reLU({ name: `${name}_relu` }).apply(y) as Symbolic) : y;
}

/** [batch, frames, bands, 1] -> embeddings [batch, n, 1, embedding], one every 80 ms. */
export function buildSecondBody(shape: SecondShape, frames: number): tfl.LayersModel {
  if (isSpeechEmbedding(shape)) return buildSpeechEmbedding(frames);
  const input = tfl.input({ shape: [frames, SECOND_FEATURES.bands, 1], name: 'levels' });
  let x: Symbolic = input;
  shape.stem.forEach(({ taps, bands, strides, filters }, i) => {
    const name = `stem${i + 1}`;
    x = normalized(convolution(x, name, filters, [taps, bands], { strides: [...strides] }), name);
  });
  x = L.reshape({ name: 'rows', targetShape: [x.shape[1]!, 1, x.shape[2]! * x.shape[3]!] }).apply(
    x,
  ) as Symbolic;
  const channels = bodyChannels(shape);
  shape.bodyTaps.forEach((taps, i) => {
    const name = `body${i + 1}`;
    const y = normalized(convolution(x, name, channels, [taps, 1]), name, false);
    const shortcut = L.cropping2D({
      name: `${name}_crop`,
      cropping: [
        [(taps - 1) / 2, (taps - 1) / 2],
        [0, 0],
      ],
    }).apply(x) as Symbolic;
    const sum = L.add({ name: `${name}_add` }).apply([y, shortcut]) as Symbolic;
    x = L.reLU({ name: `${name}_relu` }).apply(sum) as Symbolic;
  });
  x = normalized(convolution(x, 'expand', shape.expandedChannels, [1, 1]), 'expand');
  const output = convolution(x, 'embedding', shape.embedding, [1, 1], { useBias: true });
  return tfl.model({ inputs: input, outputs: output, name: 'second' });
}

/** Embeddings -> logits [batch, positions, 1, keywords + 1], "none" first. */
export function buildSecondHead(
  shape: SecondHeadShape,
  keywords: number,
  embeddings: number,
): tfl.LayersModel {
  const input = tfl.input({ shape: [embeddings, 1, shape.embedding], name: 'embeddings' });
  const [wide, narrow] = shape.headChannels;
  let x = normalized(convolution(input, 'head1', wide, [shape.headEmbeddings, 1]), 'head1');
  x = new SeededDropout({ rate: 0.3, name: 'head1_dropout' }).apply(x) as Symbolic;
  x = normalized(convolution(x, 'head2', narrow, [1, 1]), 'head2');
  x = new SeededDropout({ rate: 0.2, name: 'head2_dropout' }).apply(x) as Symbolic;
  const output = convolution(x, 'head3', keywords + 1, [1, 1], { useBias: true });
  return tfl.model({ inputs: input, outputs: output, name: 'second_head' });
}
