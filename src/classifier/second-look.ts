import type * as TensorFlow from '@tensorflow/tfjs-core';
import type * as Layers from '@tensorflow/tfjs-layers';
import { WakegateError } from '../errors.js';
import { openSecondLookLevels } from '../features/second-look-levels.js';
import { EMBEDDING_LAYER } from '../model/embedding-layer.js';
import type { OwnHead, SecondLookModel } from '../model/index.js';
import type { Backend } from './backend.js';
import { loadPackModel } from './load-model.js';
import { logitOf, sigmoid } from './logit.js';
import { readSecondWeights, secondLookSamples } from './second-look-model.js';

/** The second look's network of a pack, loaded into TensorFlow.js. */
export class SecondLook {
  readonly #tf: typeof TensorFlow;
  readonly #model: Layers.LayersModel;
  readonly #settings: SecondLookModel;
  readonly #levels: ReturnType<typeof openSecondLookLevels>;
  /** Of the user's own keywords; null without any that it is asked about. */
  readonly #own: readonly (OwnHead | null)[] | null;

  private constructor(
    tf: typeof TensorFlow,
    model: Layers.LayersModel,
    settings: SecondLookModel,
    own: readonly (OwnHead | null)[] | null,
  ) {
    this.#tf = tf;
    this.#model = model;
    this.#settings = settings;
    this.#own = own;
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
    ownSeconds: readonly (OwnHead | null)[] = [],
  ): Promise<SecondLook> {
    const { frames, features } = settings;
    const packed = { ...settings, weights: readSecondWeights(settings) };
    const model = await loadPackModel(tf, layers, packed, 'second.json', {
      reads: [frames, features.bands, 1],
      gives: [classes],
    });
    const own = ownSeconds.some((head) => head !== null) ? ownSeconds : null;
    const both = own && withEmbeddings(layers, model, own);
    const look = new SecondLook(tf, both ?? model, settings, own);
    look.judge(new Int16Array(secondLookSamples(settings)));
    return look;
  }

  /**
   * @param samples 16 kHz mono, {@link secondLookSamples} of them
   * @returns posteriors [classes + own keywords], "none" first
   */
  judge(samples: Int16Array): Float32Array {
    const { frames, features, mean, deviation } = this.#settings;
    const { bands } = features;
    const levels = this.#levels.frames(samples).subarray(0, frames * bands);
    for (let i = 0; i < levels.length; i++) levels[i] = (levels[i] - mean[i % bands]) / deviation[i % bands];
    return this.#tf.tidy(() => {
      const input = this.#tf.tensor4d(levels, [1, frames, bands, 1]);
      const given = this.#model.predictOnBatch(input);
      if (!this.#own) return (given as TensorFlow.Tensor).dataSync().slice() as Float32Array;
      const [posteriors, embeddings] = (given as TensorFlow.Tensor[]).map((tensor) => tensor.dataSync());
      // One that it is not asked about has no posterior that means anything.
      const own = this.#own.map((head) => (head ? sigmoid(logitOf(head, embeddings as Float32Array)) : 0));
      return Float32Array.of(...posteriors, ...own);
    });
  }
}

/** The network with two outputs: posteriors and embeddings. */
function withEmbeddings(
  layers: typeof Layers,
  model: Layers.LayersModel,
  heads: readonly (OwnHead | null)[],
): Layers.LayersModel {
  const output = model.layers.find(({ name }) => name === EMBEDDING_LAYER)?.output as
    | Layers.SymbolicTensor
    | undefined;
  const [, count, , size] = output?.shape ?? [];
  if (!output || heads.some((head) => head && (head.embeddings !== count || head.size !== size))) {
    throw new WakegateError(
      'WG_MODEL_INVALID',
      'second.json gives other embeddings than an own keyword hears: add the keyword again for this pack',
    );
  }
  return layers.model({ inputs: model.inputs, outputs: [...model.outputs, output] });
}
