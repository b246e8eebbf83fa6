import * as tf from '@tensorflow/tfjs-core';
import type * as tfl from '@tensorflow/tfjs-layers';
import { SeededDropout } from './dropout.js';
import { type Moments, standardized } from './moments.js';
import {
  buildSecondBody,
  buildSecondHead,
  framesForEmbeddings,
  SECOND_FEATURES,
  type SecondShape,
} from './second-network.js';
import { initializeKernels, setWeights, type WeightMap, weightsOf } from './weights.js';

/** Windows at once, where nothing is learned. */
const PART = 8;

/** The network of the second look with its keyword head, over windows of so many embeddings. */
export class SecondKeywordNetwork {
  readonly frames: number;
  readonly positions: number;
  readonly body: tfl.LayersModel;
  readonly head: tfl.LayersModel;
  /** Moments of the log-mel levels, by band. */
  readonly levels: Moments;

  constructor(shape: SecondShape, keywords: number, embeddings: number, levels: Moments, seed = 0) {
    this.frames = framesForEmbeddings(shape, embeddings);
    this.positions = embeddings - shape.headEmbeddings + 1;
    this.body = buildSecondBody(shape, this.frames);
    this.head = buildSecondHead(shape, keywords, embeddings);
    this.levels = levels;
    initializeKernels(this.layers, seed);
  }

  /** Levels [n * frames * bands] -> [n, frames, bands, 1], standardized. */
  standardize(levels: Float32Array, n: number): tf.Tensor {
    const { bands } = SECOND_FEATURES;
    const x = standardized(levels, [n, this.frames, 1, bands], this.levels);
    return tf.reshape(x, [n, this.frames, bands, 1]);
  }

  /** Embeddings of a body that nothing is learned by, in parts so that their activations are soon forgotten. */
  embeddings(x: tf.Tensor): tf.Tensor {
    return tf.tidy(() => {
      const parts: tf.Tensor[] = [];
      for (let from = 0; from < x.shape[0]; from += PART) {
        parts.push(
          tf.tidy(() => {
            const size = Math.min(PART, x.shape[0] - from);
            const part = tf.slice(x, [from, 0, 0, 0], [size, -1, -1, -1]);
            return this.body.apply(part, { training: false }) as tf.Tensor;
          }),
        );
      }
      return tf.concat(parts);
    });
  }

  /** Embeddings [n, embeddings, 1, 96] and logits [n, positions, 1, keywords + 1]. */
  forward(
    x: tf.Tensor,
    training: boolean,
    bodyTraining = training,
  ): { embeddings: tf.Tensor; logits: tf.Tensor } {
    const embeddings = this.body.apply(x, { training: bodyTraining }) as tf.Tensor;
    return { embeddings, logits: this.head.apply(embeddings, { training }) as tf.Tensor };
  }

  reseed(seed: number): void {
    for (const layer of this.layers) if (layer instanceof SeededDropout) layer.reseed(seed);
  }

  get layers(): tfl.layers.Layer[] {
    return [...this.body.layers, ...this.head.layers];
  }

  weights(): WeightMap {
    return weightsOf(this.layers);
  }

  setWeights(weights: WeightMap): void {
    setWeights(this.layers, weights);
  }
}
