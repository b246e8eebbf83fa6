import { openSecondLookLevels } from '../features/second-look-levels.js';
import { EMBEDDING_LAYER } from '../model/embedding-layer.js';
import type { OwnHead, SecondLookModel } from '../model/index.js';
import { logitOf, sigmoid } from './logit.js';
import { NotPlanned, planNetwork } from './network-plan.js';
import { readSecondWeights } from './second-look-model.js';
import { SimdNetwork } from './simd-network.js';
import { softmaxRow } from './softmax.js';

/** Looks that follow one another hear the same sound, moved on by no more frames than that. */
const MOST_MOVED = 64;

/** Looks that are remembered: so many streams can be looked at by turns, and a look that follows another costs an eighth of one by itself. */
const LOOKS = 4;

/** The second look's network of a pack on the SIMD kernels. */
export class SimdSecondLook {
  readonly #network: SimdNetwork<Int16Array>;
  readonly #classes: number;
  /** Of the user's own keywords, and the tensor that they hear; null without any that it is asked about. */
  readonly #own: { readonly heads: readonly (OwnHead | null)[]; readonly tensor: number } | null;

  /**
   * @throws NotPlanned for a network that the kernels cannot run, or that is not one for this pack
   * @throws WakegateError WG_MODEL_INVALID where its weights are not those that the pack was read with
   */
  constructor(settings: SecondLookModel, classes: number, ownSeconds: readonly (OwnHead | null)[] = []) {
    const plan = planNetwork({ ...settings, weights: readSecondWeights(settings) });
    const [input] = plan.tensors;
    const output = plan.tensors[plan.output];
    const { frames, features } = settings;
    const isFit = input.rows === frames && input.columns === features.bands && input.channels === 1;
    if (!isFit || output.rows !== 1 || output.channels !== classes)
      throw new NotPlanned('it reads or gives something else than the pack says');
    this.#classes = classes;
    this.#own = null;
    if (ownSeconds.some((head) => head !== null)) {
      const tensor = plan.layers.find(({ name }) => name === EMBEDDING_LAYER)?.output;
      const { rows = 0, columns = 0, channels = 0, stride = 0 } = plan.tensors[tensor ?? -1] ?? {};
      const hears = (head: OwnHead | null) => !head || (head.embeddings === rows && head.size === channels);
      if (tensor === undefined || columns !== 1 || stride !== channels || !ownSeconds.every(hears))
        throw new NotPlanned('it gives other embeddings than an own keyword hears');
      this.#own = { heads: ownSeconds, tensor };
    }
    this.#network = new SimdNetwork(plan, soundAsInput(settings), LOOKS);
  }

  /** As that of the other backends. */
  judge(samples: Int16Array): Float32Array {
    const network = this.#network;
    network.run(samples);
    const heads = this.#own?.heads ?? [];
    const posteriors = new Float32Array(this.#classes + heads.length);
    softmaxRow(network.tensor(network.plan.output), 0, this.#classes, posteriors, 0);
    const embeddings = this.#own && network.tensor(this.#own.tensor);
    for (const [k, head] of heads.entries()) {
      // One that it is not asked about has no posterior that means anything.
      posteriors[this.#classes + k] = head ? sigmoid(logitOf(head, embeddings!)) : 0;
    }
    return posteriors;
  }
}

/** Levels as the second look reads them. Looks at positions in a row hear most of the same sound. */
function soundAsInput({ frames, features, mean, deviation }: SecondLookModel) {
  const levels = openSecondLookLevels(features);
  const { bands, hopSamples } = features;
  return {
    moved(last: Int16Array, samples: Int16Array): number {
      const [before, now] = [last, samples].map((all) =>
        Buffer.from(all.buffer, all.byteOffset, all.byteLength),
      );
      for (let moved = 1; moved < Math.min(MOST_MOVED, frames); moved++) {
        const bytes = 2 * moved * hopSamples;
        if (before.subarray(bytes).equals(now.subarray(0, now.length - bytes))) return moved;
      }
      return 0;
    },
    fill(input: Float32Array, samples: Int16Array, from: number): void {
      const heard = levels.frames(samples.subarray(from * hopSamples));
      const at = from * bands;
      for (let i = 0; i < (frames - from) * bands; i++)
        input[at + i] = (heard[i] - mean[i % bands]) / deviation[i % bands];
    },
  };
}
