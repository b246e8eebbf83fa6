import type { Handoff } from '../gate/handoff.js';
import { EMBEDDING_LAYER } from '../model/embedding-layer.js';
import type { Compression, HandoffSettings, OwnHead } from '../model/index.js';
import { sigmoid } from './logit.js';
import { weightOf } from './model-weights.js';
import { type NetworkPlan, NotPlanned, type PlannedLayer, padded, planNetwork } from './network-plan.js';
import type { WorkerModel } from './protocol.js';
import { SimdNetwork } from './simd-network.js';
import { softmaxRow } from './softmax.js';

/** Windows that are remembered: as many streams can speak at a time, and each window costs half as much as one by itself. */
const WINDOWS = 24;

/** The back half of a pack on the SIMD kernels. */
export class SimdBackHalf {
  readonly #network: SimdNetwork<Handoff>;
  readonly #positions: number;
  readonly #classes: number;
  /** Of the user's own keywords, and the tensor of all their hidden layers. */
  readonly #own: { readonly heads: readonly OwnHead[]; readonly tensor: number } | null;

  /** @throws NotPlanned for a back half that the kernels cannot run, or that is not one for this pack */
  constructor(model: WorkerModel) {
    const { back, classes, ownHeads } = model;
    const plan = planNetwork(back);
    expectShape(plan, model);
    const own = ownHeads?.length ? withOwnHeads(plan, ownHeads, back.positions) : null;
    this.#positions = back.positions;
    this.#classes = classes;
    this.#own = own && { heads: ownHeads!, tensor: own.tensor };
    this.#network = new SimdNetwork(
      own?.plan ?? plan,
      windowsAsInput(model.handoff, model.compression),
      WINDOWS,
    );
  }

  /** Posteriors, [positions, classes + own keywords] each. */
  classify(handoffs: readonly Handoff[]): Float32Array[] {
    return handoffs.map((handoff) => this.#posteriors(handoff));
  }

  #posteriors(handoff: Handoff): Float32Array {
    const network = this.#network;
    network.run(handoff);
    const { output, tensors } = network.plan;
    const logits = network.tensor(output);
    const { stride } = tensors[output];
    const heads = this.#own?.heads ?? [];
    const hidden = this.#own && network.tensor(this.#own.tensor);
    const hiddenStride = this.#own ? tensors[this.#own.tensor].stride : 0;
    const width = this.#classes + heads.length;
    const posteriors = new Float32Array(this.#positions * width);
    for (let position = 0; position < this.#positions; position++) {
      softmaxRow(logits, position * stride, this.#classes, posteriors, position * width);
      let at = position * hiddenStride;
      for (const [k, head] of heads.entries()) {
        let logit = head.b2;
        for (let h = 0; h < head.hidden; h++) logit += hidden![at++] * head.w2[h];
        posteriors[position * width + this.#classes + k] = sigmoid(logit);
      }
    }
    return posteriors;
  }
}

/** Levels as the back half reads them. A window repeats most of the one before it. */
function windowsAsInput({ windowSteps }: HandoffSettings, { channels, levelStep }: Compression) {
  const stride = padded(channels);
  return {
    moved(last: Handoff, { step, levels }: Handoff): number {
      const moved = step - last.step;
      if (moved <= 0 || moved >= windowSteps) return 0;
      const kept = (windowSteps - moved) * channels;
      const isSame = Buffer.compare(last.levels.subarray(moved * channels), levels.subarray(0, kept)) === 0;
      return isSame ? moved : 0;
    },
    fill(input: Float32Array, { levels }: Handoff, from: number): void {
      for (let step = from; step < windowSteps; step++) {
        for (let c = 0; c < channels; c++) input[step * stride + c] = levels[step * channels + c] * levelStep;
      }
    },
  };
}

function expectShape({ tensors, output }: NetworkPlan, model: WorkerModel): void {
  const { back, handoff, compression, classes } = model;
  const [input] = tensors;
  const { rows, channels } = tensors[output];
  const reads = `${input.rows},${input.columns},${input.channels}`;
  const gives = `${rows},${channels}`;
  if (
    reads !== `${handoff.windowSteps},1,${compression.channels}` ||
    gives !== `${back.positions},${classes}`
  )
    throw new NotPlanned(`it reads [${reads}] and gives [${gives}], which is not what the pack says`);
}

/**
 * The hidden layers of all own keywords as one more convolution, over the embeddings that the back half makes anyway: [positions, 1, all
 * hidden].
 */
function withOwnHeads(
  plan: NetworkPlan,
  heads: readonly OwnHead[],
  positions: number,
): { readonly plan: NetworkPlan; readonly tensor: number } {
  const embedding = plan.layers.find(({ name }) => name === EMBEDDING_LAYER);
  const from = embedding && plan.tensors[embedding.output];
  const { embeddings, size } = heads[0];
  const isSame = heads.every((head) => head.embeddings === embeddings && head.size === size);
  const first = from ? from.rows - embeddings - positions + 1 : -1;
  if (!from || !isSame || from.columns !== 1 || from.channels !== size || first < 0)
    throw new NotPlanned('it gives other embeddings than an own keyword hears');
  const width = heads.reduce((sum, { hidden }) => sum + hidden, 0);
  const kernel = new Float32Array(embeddings * size * width);
  let column = 0;
  for (const { hidden, w1 } of heads) {
    for (let i = 0; i < embeddings * size; i++)
      kernel.set(w1.subarray(i * hidden, (i + 1) * hidden), i * width + column);
    column += hidden;
  }
  const tensor = plan.tensors.length;
  const layer: PlannedLayer = {
    name: 'own keywords',
    depthwise: false,
    input: embedding.output,
    inputRow: first,
    output: tensor,
    kernelRows: embeddings,
    kernelColumns: 1,
    strides: [1, 1],
    kernel: weightOf(kernel),
    bias: weightOf(Float32Array.from(heads.flatMap(({ b1 }) => [...b1]))),
    shortcut: null,
    relu: true,
  };
  const hidden = { rows: positions, columns: 1, channels: width, stride: padded(width) };
  return {
    plan: { ...plan, tensors: [...plan.tensors, hidden], layers: [...plan.layers, layer] },
    tensor,
  };
}
