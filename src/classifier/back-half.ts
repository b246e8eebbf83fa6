import type * as TensorFlow from '@tensorflow/tfjs-core';
import type * as Layers from '@tensorflow/tfjs-layers';
import type { Backend } from './backend.js';
import { loadPackModel } from './load-model.js';
import { OwnHeads } from './own-heads.js';
import { MAX_BATCH, type WorkerModel } from './protocol.js';

/** The back half of a pack, loaded into TensorFlow.js. */
export class BackHalf {
  readonly #tf: typeof TensorFlow;
  readonly #model: Layers.LayersModel;
  /** Of the user's own keywords; null without any. */
  readonly #own: OwnHeads | null;
  readonly #shape: readonly [steps: number, width: 1, channels: number];
  readonly #levelStep: number;
  readonly #input: Float32Array;

  private constructor(
    tf: typeof TensorFlow,
    model: Layers.LayersModel,
    own: OwnHeads | null,
    settings: WorkerModel,
  ) {
    const { handoff, compression } = settings;
    this.#tf = tf;
    this.#model = model;
    this.#own = own;
    this.#shape = [handoff.windowSteps, 1, compression.channels];
    this.#levelStep = compression.levelStep;
    this.#input = new Float32Array(MAX_BATCH * handoff.windowSteps * compression.channels);
  }

  /**
   * Loads the model and runs it once, so that the first handoff does not pay for what happens only once.
   *
   * Throws `WG_MODEL_INVALID` where TensorFlow.js cannot load it, or where it gives something else than
   * [positions, classes].
   */
  static async load({ tf, layers }: Backend, settings: WorkerModel): Promise<BackHalf> {
    const { back, handoff, compression, classes } = settings;
    const model = await loadPackModel(tf, layers, back, 'back.json', {
      reads: [handoff.windowSteps, 1, compression.channels],
      gives: [back.positions, classes],
    });
    const own = settings.ownHeads?.length
      ? OwnHeads.on(tf, layers, model, settings.ownHeads, back.positions)
      : null;
    const half = new BackHalf(tf, own?.model ?? model, own, settings);
    half.classify([new Uint8Array(handoff.windowSteps * compression.channels)]);
    return half;
  }

  /**
   * Posteriors, [positions, classes + own keywords] each, of up to {@link MAX_BATCH} windows of levels, [windowSteps, channels]
   * each.
   */
  classify(windows: readonly Uint8Array[]): Float32Array[] {
    let at = 0;
    for (const levels of windows) {
      for (const level of levels) this.#input[at++] = level * this.#levelStep;
    }
    const all = this.#tf.tidy(() => {
      const input = this.#tf.tensor4d(this.#input.subarray(0, at), [windows.length, ...this.#shape]);
      const given = this.#model.predictOnBatch(input);
      const posteriors = this.#own
        ? this.#own.join(given as TensorFlow.Tensor[])
        : (given as TensorFlow.Tensor);
      return posteriors.dataSync() as Float32Array;
    });
    const each = all.length / windows.length;
    return windows.map((_, index) => all.slice(index * each, (index + 1) * each));
  }
}
