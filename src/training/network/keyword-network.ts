import * as tf from '@tensorflow/tfjs-core';
import type * as tfl from '@tensorflow/tfjs-layers';
import type { Compression } from '../layer/compression.js';
import { SeededDropout } from './dropout.js';
import { type Moments, standardized } from './moments.js';
import {
  buildBody,
  buildCompression,
  buildFront,
  buildGate,
  buildHead,
  type NetworkShape,
} from './network.js';
import { initializeKernels, setWeights, type WeightMap, weightsOf } from './weights.js';

/** What a forward pass gives; n is the batch. */
export interface Forward {
  /** [n, steps, 1, channels] before compression. */
  readonly activations: tf.Tensor;
  readonly compressed: tf.Tensor;
  /** [n, gate scores, 1, 1], logits. */
  readonly gate: tf.Tensor;
  /** [n, embeddings, 1, 96] */
  readonly embeddings: tf.Tensor;
  /** [n, positions, 1, keywords + 1] */
  readonly logits: tf.Tensor;
}

/** The whole network: front half, gate head, compression, body and keyword head. */
export class KeywordNetwork {
  readonly shape: NetworkShape;
  readonly keywords: readonly string[];
  readonly mfcc: Moments;
  readonly front: tfl.LayersModel;
  readonly gate: tfl.LayersModel;
  readonly compression: Compression;
  readonly body: tfl.LayersModel;
  readonly head: tfl.LayersModel;

  /** @param seed of its first weights */
  constructor(shape: NetworkShape, keywords: readonly string[], mfcc: Moments, seed = 0) {
    this.shape = shape;
    this.keywords = keywords;
    this.mfcc = mfcc;
    this.front = buildFront(shape);
    this.gate = buildGate(shape);
    this.compression = buildCompression(shape);
    this.compression.apply(tf.zeros([1, 1, 1, shape.frontChannels]));
    this.body = buildBody(shape);
    this.head = buildHead(shape, keywords.length);
    initializeKernels(this.layers, seed);
  }

  /** Frames [n * frames * 20] as they come from the MFCC -> [n, frames, 1, 20], standardized. */
  standardize(frames: Float32Array, n: number): tf.Tensor {
    const { coefficients } = this.shape;
    return standardized(frames, [n, frames.length / n / coefficients, 1, coefficients], this.mfcc);
  }

  /** Restarts dropout's masks from `seed`. */
  reseed(seed: number): void {
    for (const layer of this.layers) if (layer instanceof SeededDropout) layer.reseed(seed);
  }

  /** @param trunkTraining batch statistics in the trunk too; heads always follow `training` */
  forward(x: tf.Tensor, training: boolean, trunkTraining = training): Forward {
    const trunk = { training: trunkTraining };
    const activations = this.front.apply(x, trunk) as tf.Tensor;
    const compressed = this.compression.apply(activations, trunk) as tf.Tensor;
    const gate = this.gate.apply(activations, { training }) as tf.Tensor;
    const embeddings = this.body.apply(compressed, trunk) as tf.Tensor;
    const logits = this.head.apply(embeddings, { training }) as tf.Tensor;
    return { activations, compressed, gate, embeddings, logits };
  }

  get trunkLayers(): tfl.layers.Layer[] {
    return [...this.front.layers, this.compression, ...this.body.layers];
  }

  get headLayers(): tfl.layers.Layer[] {
    return [...this.gate.layers, ...this.head.layers];
  }

  get layers(): tfl.layers.Layer[] {
    return [...this.trunkLayers, ...this.headLayers];
  }

  weights(): WeightMap {
    return weightsOf(this.layers);
  }

  setWeights(weights: WeightMap): void {
    setWeights(this.layers, weights);
  }
}

/** The variables of the layers that training may move. */
export function trainableVariables(layers: readonly tfl.layers.Layer[]): tf.Variable[] {
  return layers.flatMap((layer) =>
    layer.trainableWeights.map((weight) => (weight as unknown as { val: tf.Variable }).val),
  );
}
