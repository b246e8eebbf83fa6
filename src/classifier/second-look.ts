import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type * as TensorFlow from '@tensorflow/tfjs-core';
import type * as Layers from '@tensorflow/tfjs-layers';
import { WakegateError } from '../errors.js';
import { openSecondLookLevels } from '../features/index.js';
import type { SecondLookModel } from '../model/index.js';
import type { Backend } from './backend.js';
import { loadPackModel } from './load-model.js';

/** The second look's network of a pack, loaded into TensorFlow.js. */
export class SecondLook {
  readonly #tf: typeof TensorFlow;
  readonly #model: Layers.LayersModel;
  readonly #settings: SecondLookModel;
  readonly #levels: ReturnType<typeof openSecondLookLevels>;

  private constructor(tf: typeof TensorFlow, model: Layers.LayersModel, settings: SecondLookModel) {
    this.#tf = tf;
    this.#model = model;
    this.#settings = settings;
    this.#levels = openSecondLookLevels(settings.features);
  }

  /**
   * Loads the model and runs it once, so that the first look does not pay for what happens only once.
   *
   * Throws `WG_MODEL_INVALID` where TensorFlow.js cannot load it, or where it gives something else than [classes].
   */
  static async load(
    { tf, layers }: Backend,
    settings: SecondLookModel,
    classes: number,
  ): Promise<SecondLook> {
    const { frames, features } = settings;
    const packed = { ...settings, weights: readWeights(settings) };
    const model = await loadPackModel(tf, layers, packed, 'second.json', {
      reads: [frames, features.bands, 1],
      gives: [classes],
    });
    const look = new SecondLook(tf, model, settings);
    look.judge(new Int16Array(secondLookSamples(settings)));
    return look;
  }

  /**
   * @param samples 16 kHz mono, {@link secondLookSamples} of them
   * @returns posteriors [classes], "none" first
   */
  judge(samples: Int16Array): Float32Array {
    const { frames, features, mean, deviation } = this.#settings;
    const { bands } = features;
    const levels = this.#levels.frames(samples).subarray(0, frames * bands);
    for (let i = 0; i < levels.length; i++) levels[i] = (levels[i] - mean[i % bands]) / deviation[i % bands];
    return this.#tf.tidy(() => {
      const input = this.#tf.tensor4d(levels, [1, frames, bands, 1]);
      return (this.#model.predictOnBatch(input) as TensorFlow.Tensor).dataSync().slice() as Float32Array;
    });
  }
}

/** What pack.json describes: the pack was read, and may have been replaced since. */
function readWeights({ weightsFile, weightsSha256 }: SecondLookModel): Uint8Array {
  let weights: Uint8Array | null = null;
  try {
    weights = new Uint8Array(readFileSync(weightsFile));
  } catch {
    // As if it were another file.
  }
  if (weights && createHash('sha256').update(weights).digest('hex') === weightsSha256) return weights;
  throw new WakegateError(
    'WG_MODEL_INVALID',
    `${weightsFile} is not the file that the pack was read with: load the pack again`,
  );
}

/** Samples that a second look hears. */
export function secondLookSamples({
  frames,
  features,
}: Pick<SecondLookModel, 'frames' | 'features'>): number {
  return (frames - 1) * features.hopSamples + features.windowSamples;
}
