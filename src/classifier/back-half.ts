import type * as TensorFlow from '@tensorflow/tfjs-core';
import type * as Layers from '@tensorflow/tfjs-layers';
import { WakegateError } from '../errors.js';
import type { Backend } from './backend.js';
import { MAX_BATCH, type WorkerModel } from './protocol.js';

/** The back half of a pack, loaded into TensorFlow.js. */
export class BackHalf {
  readonly #tf: typeof TensorFlow;
  readonly #model: Layers.LayersModel;
  readonly #shape: readonly [steps: number, width: 1, channels: number];
  readonly #levelStep: number;
  readonly #input: Float32Array;

  private constructor(tf: typeof TensorFlow, model: Layers.LayersModel, settings: WorkerModel) {
    const { handoff, compression } = settings;
    this.#tf = tf;
    this.#model = model;
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
    let model: Layers.LayersModel;
    try {
      model = await layers.loadLayersModel(
        tf.io.fromMemory({
          modelTopology: back.topology,
          weightSpecs: back.weightSpecs as TensorFlow.io.WeightsManifestEntry[],
          weightData: back.weights.slice().buffer,
        }),
      );
    } catch (error) {
      const reason = (error as Error).message;
      throw new WakegateError(
        'WG_MODEL_INVALID',
        `back.json cannot be loaded (${reason}); save the model again`,
      );
    }
    checkShape('reads', model.inputs, [handoff.windowSteps, 1, compression.channels]);
    checkShape('gives', model.outputs, [back.positions, classes]);
    const half = new BackHalf(tf, model, settings);
    half.classify([new Uint8Array(handoff.windowSteps * compression.channels)]);
    return half;
  }

  /**
   * Posteriors, [positions, classes] each, of up to {@link MAX_BATCH} windows of levels, [windowSteps, channels]
   * each.
   */
  classify(windows: readonly Uint8Array[]): Float32Array[] {
    let at = 0;
    for (const levels of windows) {
      for (const level of levels) this.#input[at++] = level * this.#levelStep;
    }
    const all = this.#tf.tidy(() => {
      const input = this.#tf.tensor4d(this.#input.subarray(0, at), [windows.length, ...this.#shape]);
      return (this.#model.predictOnBatch(input) as TensorFlow.Tensor).dataSync() as Float32Array;
    });
    const each = all.length / windows.length;
    return windows.map((_, index) => all.slice(index * each, (index + 1) * each));
  }
}

function checkShape(
  verb: string,
  tensors: readonly Layers.SymbolicTensor[],
  expected: readonly number[],
): void {
  const shapes = tensors.map((tensor) => `[${tensor.shape.slice(1)}]`).join(' and ');
  if (shapes === `[${expected}]`) return;
  const problem = `the model in back.json ${verb} ${shapes}, but pack.json says [${expected}]`;
  throw new WakegateError('WG_MODEL_INVALID', `${problem}; train the back half for this pack`);
}
