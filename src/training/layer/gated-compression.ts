import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { compressed, THETA } from './compression.js';

/**
 * What the gate looks at. `causal`: the second axis is time, and the score of a step depends on it and the steps before.
 * `global`: one score for the whole example.
 */
export type GateKind = 'causal' | 'global';

export interface GatedCompressionConfig {
  readonly name?: string;
  /** By default `causal` for [batch, time, channels] and `global` for all else. */
  readonly gate?: GateKind;
  /** Hidden units of the gate head. */
  readonly gateUnits?: number;
  /** Steps that a causal gate looks back over, its own included. */
  readonly gateTaps?: number;
  /** One quantization level, in activation units. */
  readonly levelStep?: number;
  /** Levels are 0 .. maxLevel. */
  readonly maxLevel?: number;
  /** Weight of the gate's cross-entropy in the loss; kept here so that a saved model knows it. */
  readonly alpha?: number;
  /** Weight of the mean compressed activation of positives in the loss. */
  readonly beta?: number;
  /** Seed of the gate head's first weights. */
  readonly seed?: number;
}

export const GATED_COMPRESSION = {
  gateUnits: 16,
  gateTaps: 8,
  levelStep: 0.25,
  maxLevel: 31,
  alpha: 1,
  beta: 0.02,
} as const;

/**
 * The Gated Compression layer, by our own definition (docs/architecture.md), for any network of TensorFlow.js and any
 * backend. Of activations F, [batch, ..., channels], it makes two outputs:
 *
 * - z, shaped as F: per-channel learned shrinkage `max(F - theta, 0)`, rounded to `levelStep`, at most `maxLevel` levels;
 * - p, [batch, time, 1] of a causal gate and [batch, 1] of a global one: the probability that the signal is of interest.
 *
 * The layer stops nothing by itself: that is for whoever runs the front half (`splitAtGate`) and has a threshold for p.
 * A mask is passed on; padded steps are all zero in z and in p, and neither score counts them.
 *
 * @example
 * const [z, p] = new GatedCompression({ name: 'gc' }).apply(x) as tf.SymbolicTensor[];
 */
export class GatedCompression extends tfl.layers.Layer {
  static readonly className = 'GatedCompression';
  readonly gateUnits: number;
  readonly gateTaps: number;
  readonly levelStep: number;
  readonly maxLevel: number;
  readonly alpha: number;
  readonly beta: number;
  readonly #gate: GateKind | undefined;
  readonly #seed: number | undefined;
  #theta!: tfl.LayerVariable;
  #hiddenKernel!: tfl.LayerVariable;
  #hiddenBias!: tfl.LayerVariable;
  #scoreKernel!: tfl.LayerVariable;
  #scoreBias!: tfl.LayerVariable;

  constructor(config: GatedCompressionConfig = {}) {
    super(config as ConstructorParameters<typeof tfl.layers.Layer>[0]);
    this.supportsMasking = true;
    this.#gate = config.gate;
    this.#seed = config.seed;
    this.gateUnits = config.gateUnits ?? GATED_COMPRESSION.gateUnits;
    this.gateTaps = config.gateTaps ?? GATED_COMPRESSION.gateTaps;
    this.levelStep = config.levelStep ?? GATED_COMPRESSION.levelStep;
    this.maxLevel = config.maxLevel ?? GATED_COMPRESSION.maxLevel;
    this.alpha = config.alpha ?? GATED_COMPRESSION.alpha;
    this.beta = config.beta ?? GATED_COMPRESSION.beta;
  }

  override build(inputShape: tfl.Shape | tfl.Shape[]): void {
    const shape = onlyShape(inputShape);
    const channels = shape[shape.length - 1]!;
    const inputs = this.#gateInputs(shape);
    const add = (name: string, shape: number[], initializer: Initializer, constraint?: Constraint) =>
      this.addWeight(name, shape, 'float32', initializer, undefined, true, constraint);
    const seed = this.#seed === undefined ? {} : { seed: this.#seed };
    this.#theta = add('theta', [channels], THETA.initializer(), THETA.constraint());
    this.#hiddenKernel = add('gate_hidden_kernel', [inputs, this.gateUnits], tfl.initializers.heNormal(seed));
    this.#hiddenBias = add('gate_hidden_bias', [this.gateUnits], tfl.initializers.zeros());
    this.#scoreKernel = add('gate_score_kernel', [this.gateUnits, 1], tfl.initializers.glorotNormal(seed));
    this.#scoreBias = add('gate_score_bias', [1], tfl.initializers.zeros());
    super.build(inputShape);
  }

  override computeOutputShape(inputShape: tfl.Shape | tfl.Shape[]): tfl.Shape[] {
    const shape = onlyShape(inputShape);
    return [shape, this.#kindFor(shape) === 'causal' ? [shape[0], shape[1], 1] : [shape[0], 1]];
  }

  override call(inputs: tf.Tensor | tf.Tensor[], kwargs: { mask?: tf.Tensor | null } = {}): tf.Tensor[] {
    const given = Array.isArray(inputs) ? inputs[0] : inputs;
    return tf.tidy(() => {
      const kept = stepsKept(given, kwargs.mask);
      const activations = kept === null ? given : tf.mul(given, withRank(kept, given.rank));
      const z = compressed(activations, this.#theta.read(), this);
      const causal = this.#kindFor(given.shape) === 'causal';
      const seen = causal ? this.#history(activations) : overAllAxes(activations, kept);
      const rows = tf.reshape(seen, [-1, seen.shape[seen.rank - 1]!]);
      const hidden = tf.relu(tf.add(tf.matMul(rows, this.#hiddenKernel.read()), this.#hiddenBias.read()));
      const score = tf.add(tf.matMul(hidden, this.#scoreKernel.read()), this.#scoreBias.read());
      const p = tf.reshape(tf.sigmoid(score), [...seen.shape.slice(0, -1), 1]);
      if (kept === null) return [z, p];
      // A step of padding in z is zero whatever theta is, since theta is never negative.
      return [z, causal ? tf.mul(p, withRank(kept, p.rank)) : p];
    });
  }

  override computeMask(_inputs: tf.Tensor | tf.Tensor[], mask?: tf.Tensor | tf.Tensor[]): tf.Tensor[] {
    const steps = (Array.isArray(mask) ? mask[0] : mask) ?? null;
    // TensorFlow.js takes null for no mask, and its types do not.
    return [steps, null] as tf.Tensor[];
  }

  override getConfig(): tf.serialization.ConfigDict {
    const { gateUnits, gateTaps, levelStep, maxLevel, alpha, beta } = this;
    const gate = this.#gate === undefined ? {} : { gate: this.#gate };
    const seed = this.#seed === undefined ? {} : { seed: this.#seed };
    return { ...super.getConfig(), ...gate, ...seed, gateUnits, gateTaps, levelStep, maxLevel, alpha, beta };
  }

  #kindFor(shape: tfl.Shape): GateKind {
    return this.#gate ?? (shape.length === 3 ? 'causal' : 'global');
  }

  #gateInputs(shape: tfl.Shape): number {
    const channels = shape[shape.length - 1]!;
    if (this.#kindFor(shape) === 'global') return shape.length === 2 ? channels : 2 * channels;
    return this.gateTaps * (isWide(shape) ? 2 * channels : channels);
  }

  /** Each step joined with the `gateTaps - 1` before it, zeros before the first: [batch, time, gateTaps * channels]. */
  #history(activations: tf.Tensor): tf.Tensor {
    const [batch, time] = activations.shape;
    const between = activations.shape.slice(2, -1).map((_, i) => i + 2);
    const rows = isWide(activations.shape)
      ? tf.concat([tf.mean(activations, between), tf.max(activations, between)], -1)
      : tf.reshape(activations, [batch, time, activations.shape[activations.rank - 1]]);
    const padded = tf.pad(rows, [
      [0, 0],
      [this.gateTaps - 1, 0],
      [0, 0],
    ]);
    // Slices and one matrix product rather than a convolution: WebAssembly has no gradient of convolution kernels.
    const taps = Array.from({ length: this.gateTaps }, (_, tap) =>
      tf.slice(padded, [0, tap, 0], [batch, time, rows.shape[2]!]),
    );
    return tf.concat(taps, -1);
  }
}
tf.serialization.registerClass(GatedCompression);

type Initializer = ReturnType<typeof tfl.initializers.zeros>;
type Constraint = ReturnType<typeof tfl.constraints.nonNeg>;

function onlyShape(shape: tfl.Shape | tfl.Shape[]): tfl.Shape {
  return Array.isArray(shape[0]) ? (shape[0] as tfl.Shape) : (shape as tfl.Shape);
}

/** Whether there are axes between time and channels with more than one place. */
function isWide(shape: tfl.Shape): boolean {
  return shape.slice(2, -1).some((size) => size !== 1);
}

/** Mean and maximum of each channel: [batch, 2 * channels]; [batch, channels] as it is. */
function overAllAxes(activations: tf.Tensor, kept: tf.Tensor | null): tf.Tensor {
  if (activations.rank === 2) return activations;
  const axes = activations.shape.slice(1, -1).map((_, i) => i + 1);
  const mean = tf.mean(activations, axes);
  const share = kept === null ? 1 : tf.maximum(tf.mean(kept, 1, true), 1e-6);
  return tf.concat([tf.div(mean, share), tf.max(activations, axes)], -1);
}

/** The mask as 0 and 1, [batch, time], or null without one. */
export function stepsKept(activations: tf.Tensor, mask: tf.Tensor | null | undefined): tf.Tensor | null {
  // TensorFlow.js also hands over masks of layers long before, whose shape may be another.
  const fits = mask && activations.rank > 2 && String(mask.shape) === String(activations.shape.slice(0, 2));
  return fits ? tf.cast(mask, 'float32') : null;
}

function withRank(steps: tf.Tensor, rank: number): tf.Tensor {
  return tf.reshape(steps, [...steps.shape, ...Array(rank - 2).fill(1)]);
}
