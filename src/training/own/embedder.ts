import type * as TensorFlow from '@tensorflow/tfjs-core';
import type * as Layers from '@tensorflow/tfjs-layers';
import { type Backend, openBackend } from '../../classifier/backend.js';
import type { ModelPack } from '../../model/index.js';
import { cutAtEmbedding } from '../bank/cut-model.js';
import { EMBEDDING_SCALE, HEAD_EMBEDDINGS } from '../bank/embeddings.js';
import { valuesOf } from '../bank/values-of.js';

/** One embedding comes from so many steps: its own two, and those that the layers below look back. */
export const STEPS_PER_EMBEDDING = 2;
/** Embeddings that are computed at a time: some 20 MB of activations. */
const BLOCK = 512;

/** The trunk of a pack, from compressed activations to embeddings, over sound of any length. */
export class Embedder {
  readonly backend: Backend;
  readonly channels: number;
  /** Numbers in an embedding. */
  readonly size: number;
  /** Steps that the first embedding takes. */
  readonly firstSteps: number;
  readonly #model: Layers.LayersModel;
  readonly #levelStep: number;

  private constructor(backend: Backend, pack: ModelPack, model: Layers.LayersModel, firstSteps: number) {
    this.backend = backend;
    this.channels = pack.compression.channels;
    this.size = model.outputs[0].shape[3]!;
    this.firstSteps = firstSteps;
    this.#model = model;
    this.#levelStep = pack.compression.levelStep;
  }

  /** @throws WakegateError WG_MODEL_INVALID for a pack whose back half has no layer of embeddings */
  static async load(pack: ModelPack, backend?: Backend): Promise<Embedder> {
    const opened = backend ?? (await openBackend('auto'));
    const { tf, layers } = opened;
    const trunk = cutAtEmbedding(pack.back, `back.json of model pack ${pack.name}`);
    trunk.layers[0].batch_input_shape = [null, null, 1, pack.compression.channels];
    const model = await layers.loadLayersModel(
      tf.io.fromMemory({
        modelTopology: trunk.topology,
        weightSpecs: trunk.specs as TensorFlow.io.WeightsManifestEntry[],
        weightData: new Uint8Array(trunk.weights).buffer,
      }),
    );
    const whole = tf.tidy(
      () =>
        (
          model.predict(
            tf.zeros([1, pack.handoff.windowSteps, 1, pack.compression.channels]),
          ) as TensorFlow.Tensor
        ).shape[1]!,
    );
    return new Embedder(opened, pack, model, pack.handoff.windowSteps - STEPS_PER_EMBEDDING * (whole - 1));
  }

  /** Steps that the embeddings of one position of a head come of. */
  get stepsOfPosition(): number {
    return this.firstSteps + STEPS_PER_EMBEDDING * (HEAD_EMBEDDINGS - 1);
  }

  /** Embeddings that come of so many steps. */
  countOf(steps: number): number {
    return Math.max(0, Math.floor((steps - this.firstSteps) / STEPS_PER_EMBEDDING) + 1);
  }

  /**
   * @param levels [steps, channels]
   * @returns [countOf(steps), size], times {@link EMBEDDING_SCALE}, rounded
   */
  embed(levels: Uint8Array): Int8Array {
    const count = this.countOf(levels.length / this.channels);
    const out = new Int8Array(count * this.size);
    for (let first = 0; first < count; first += BLOCK) {
      const many = Math.min(BLOCK, count - first);
      const from = first * STEPS_PER_EMBEDDING * this.channels;
      const steps = STEPS_PER_EMBEDDING * (many - 1) + this.firstSteps;
      this.#run(levels.subarray(from, from + steps * this.channels), 1, steps, out, first * this.size);
    }
    return out;
  }

  /**
   * @param levels [many, steps, channels]
   * @returns [many, countOf(steps), size]
   */
  embedAll(levels: Uint8Array, many: number): Int8Array {
    const steps = levels.length / many / this.channels;
    const each = this.countOf(steps) * this.size;
    const out = new Int8Array(many * each);
    const atOnce = Math.max(1, Math.floor(BLOCK / this.countOf(steps)));
    const span = steps * this.channels;
    for (let first = 0; first < many; first += atOnce) {
      const count = Math.min(atOnce, many - first);
      this.#run(levels.subarray(first * span, (first + count) * span), count, steps, out, first * each);
    }
    return out;
  }

  #run(levels: Uint8Array, many: number, steps: number, out: Int8Array, at: number): void {
    const { tf } = this.backend;
    const values = valuesOf(tf, () => {
      const input = new Float32Array(levels.length);
      for (let i = 0; i < input.length; i++) input[i] = levels[i] * this.#levelStep;
      const x = tf.tensor4d(input, [many, steps, 1, this.channels]);
      return this.#model.predictOnBatch(x) as TensorFlow.Tensor;
    });
    for (let i = 0; i < values.length; i++) {
      const value = Math.round(values[i] * EMBEDDING_SCALE);
      out[at + i] = Math.max(-127, Math.min(127, value));
    }
  }
}
