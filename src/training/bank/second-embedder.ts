import type * as TensorFlow from '@tensorflow/tfjs-core';
import type * as Layers from '@tensorflow/tfjs-layers';
import type { Backend } from '../../classifier/backend.js';
import { readSecondWeights, secondLookSamples } from '../../classifier/second-look-model.js';
import { openSecondLookLevels } from '../../features/index.js';
import type { ModelPack, SecondLookModel } from '../../model/index.js';
import { cutAtEmbedding } from './cut-model.js';
import { EMBEDDING_SCALE, HEAD_EMBEDDINGS } from './embeddings.js';
import { valuesOf } from './values-of.js';

/** Frames from one embedding to the next: 80 ms. */
const HOP_FRAMES = 8;
/** Embeddings that are computed at a time: those of an example. */
const BLOCK = 27;

/** The second look of a pack, from sound to its embeddings, one every 80 ms. */
export class SecondEmbedder {
  /** Numbers in an embedding. */
  readonly size: number;
  /** Samples that {@link HEAD_EMBEDDINGS} embeddings hear, and from one to the next. */
  readonly samples: number;
  readonly hopSamples: number;
  readonly #backend: Backend;
  readonly #settings: SecondLookModel;
  readonly #levels: ReturnType<typeof openSecondLookLevels>;
  readonly #model: Layers.LayersModel;

  private constructor(backend: Backend, settings: SecondLookModel, model: Layers.LayersModel) {
    this.#backend = backend;
    this.#settings = settings;
    this.#model = model;
    this.#levels = openSecondLookLevels(settings.features);
    this.samples = secondLookSamples(settings);
    this.hopSamples = HOP_FRAMES * settings.features.hopSamples;
    this.size = model.outputs[0].shape[3]!;
  }

  /** @returns null for a pack without a second look, or with one that own keywords cannot hear through */
  static async load({ secondLook, name }: ModelPack, backend: Backend): Promise<SecondEmbedder | null> {
    if (!secondLook || secondLook.features.kind === 'speech-embedding') return null;
    const { tf, layers } = backend;
    const whole = { ...secondLook, weights: readSecondWeights(secondLook) };
    const cut = cutAtEmbedding(whole, `second.json of model pack ${name}`);
    const more = BLOCK - HEAD_EMBEDDINGS;
    cut.layers[0].batch_input_shape![1]! += HOP_FRAMES * more;
    for (const layer of cut.layers) if (layer.target_shape) layer.target_shape[0] += more;
    const model = await layers.loadLayersModel(
      tf.io.fromMemory({
        modelTopology: cut.topology,
        weightSpecs: cut.specs as TensorFlow.io.WeightsManifestEntry[],
        weightData: new Uint8Array(cut.weights).buffer,
      }),
    );
    return new SecondEmbedder(backend, secondLook, model);
  }

  /** Embeddings that come of so many samples. */
  countOf(samples: number): number {
    if (samples < this.samples) return 0;
    return Math.floor((samples - this.samples) / this.hopSamples) + HEAD_EMBEDDINGS;
  }

  /** Samples that it takes for so many embeddings. */
  samplesOf(embeddings: number): number {
    return this.samples + (embeddings - HEAD_EMBEDDINGS) * this.hopSamples;
  }

  /** @returns [countOf(samples), size], times {@link EMBEDDING_SCALE}, rounded */
  embed(samples: Int16Array): Int8Array {
    const count = this.countOf(samples.length);
    const out = new Int8Array(count * this.size);
    const block = new Int16Array(this.samplesOf(BLOCK));
    for (let first = 0; first < count; first += BLOCK) {
      const from = first * this.hopSamples;
      block.fill(0);
      block.set(samples.subarray(from, from + block.length));
      const values = this.#run(block);
      const many = Math.min(BLOCK, count - first) * this.size;
      for (let i = 0; i < many; i++) {
        const value = Math.round(values[i] * EMBEDDING_SCALE);
        out[first * this.size + i] = Math.max(-127, Math.min(127, value));
      }
    }
    return out;
  }

  #run(samples: Int16Array): Float32Array {
    const { mean, deviation, features } = this.#settings;
    const { bands } = features;
    const frames = Math.floor((samples.length - features.windowSamples) / features.hopSamples) + 1;
    const levels = this.#levels.frames(samples).subarray(0, frames * bands);
    for (let i = 0; i < levels.length; i++) levels[i] = (levels[i] - mean[i % bands]) / deviation[i % bands];
    const { tf } = this.#backend;
    return valuesOf(
      tf,
      () => this.#model.predictOnBatch(tf.tensor4d(levels, [1, frames, bands, 1])) as TensorFlow.Tensor,
    );
  }
}
