import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';

/** How activations become levels. */
export interface Quantization {
  /** One quantization level, in activation units. */
  readonly levelStep: number;
  /** Levels are 0 .. maxLevel. */
  readonly maxLevel: number;
}

export interface CompressionConfig extends Quantization {
  readonly name?: string;
}

/**
 * The compression of a GC layer without its gate, for networks whose gate is a model of its own; with its gate it is
 * `GatedCompression`.
 *
 * Input and output: [..., channels].
 */
export class Compression extends tfl.layers.Layer {
  static readonly className = 'WakegateCompression';
  readonly levelStep: number;
  readonly maxLevel: number;
  #theta!: tfl.LayerVariable;

  constructor(config: CompressionConfig) {
    super(config as ConstructorParameters<typeof tfl.layers.Layer>[0]);
    this.levelStep = config.levelStep;
    this.maxLevel = config.maxLevel;
  }

  override build(inputShape: tfl.Shape): void {
    const theta = THETA;
    this.#theta = this.addWeight(
      'theta',
      [inputShape[inputShape.length - 1]!],
      'float32',
      theta.initializer(),
      undefined,
      true,
      theta.constraint(),
    );
    super.build(inputShape);
  }

  override computeOutputShape(inputShape: tfl.Shape): tfl.Shape {
    return inputShape;
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    const activations = Array.isArray(inputs) ? inputs[0] : inputs;
    return tf.tidy(() => compressed(activations, this.#theta.read(), this));
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), levelStep: this.levelStep, maxLevel: this.maxLevel };
  }
}
tf.serialization.registerClass(Compression);

/** Where the shrinkage of each channel starts, and that it stays at 0 or more. */
export const THETA = {
  initializer: () => tfl.initializers.constant({ value: 0.1 }),
  constraint: () => tfl.constraints.nonNeg(),
};

/**
 * `z = max(F - theta, 0)`, rounded to `levelStep` and clipped at `maxLevel` levels: our own definition
 * (docs/architecture.md). The gradient passes straight through the rounding (Bengio et al. 2013, arXiv 1308.3432).
 *
 * @param activations F, [..., channels]
 * @param theta [channels]
 */
export function compressed(
  activations: tf.Tensor,
  theta: tf.Tensor,
  { levelStep, maxLevel }: Quantization,
): tf.Tensor {
  const shrunk = tf.clipByValue(tf.sub(activations, tf.relu(theta)), 0, levelStep * maxLevel);
  return roundedTo(levelStep, shrunk);
}

function roundedTo(step: number, x: tf.Tensor): tf.Tensor {
  return tf.customGrad((value) => ({
    value: tf.mul(tf.round(tf.div(value as tf.Tensor, step)), step),
    gradFunc: (dy) => dy,
  }))(x);
}
