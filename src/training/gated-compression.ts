import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';

export interface GatedCompressionConfig {
  /** One quantization level, in activation units. */
  levelStep: number;
  /** Levels are 0 .. maxLevel. */
  maxLevel: number;
  name?: string;
}

/**
 * The compression of a GC layer, by our own definition (docs/architecture.md): per-channel learned shrinkage
 * `z = max(F - theta, 0)`, theta >= 0, then rounding to `levelStep` and clipping at `maxLevel` levels. The gradient
 * passes straight through the rounding (Bengio et al. 2013, arXiv 1308.3432).
 *
 * Input and output: [..., channels].
 */
export class GatedCompression extends tfl.layers.Layer {
  static readonly className = 'GatedCompression';
  readonly levelStep: number;
  readonly maxLevel: number;
  #theta!: tfl.LayerVariable;

  constructor(config: GatedCompressionConfig) {
    super(config as ConstructorParameters<typeof tfl.layers.Layer>[0]);
    this.levelStep = config.levelStep;
    this.maxLevel = config.maxLevel;
  }

  override build(inputShape: tfl.Shape): void {
    const channels = inputShape[inputShape.length - 1]!;
    this.#theta = this.addWeight(
      'theta',
      [channels],
      'float32',
      tfl.initializers.constant({ value: 0.1 }),
      undefined,
      true,
      tfl.constraints.nonNeg(),
    );
    super.build(inputShape);
  }

  override computeOutputShape(inputShape: tfl.Shape): tfl.Shape {
    return inputShape;
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    const activations = Array.isArray(inputs) ? inputs[0] : inputs;
    return tf.tidy(() => {
      const theta = tf.relu(this.#theta.read());
      const shrunk = tf.clipByValue(tf.sub(activations, theta), 0, this.levelStep * this.maxLevel);
      return roundedTo(this.levelStep, shrunk);
    });
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), levelStep: this.levelStep, maxLevel: this.maxLevel };
  }
}
tf.serialization.registerClass(GatedCompression);

function roundedTo(step: number, x: tf.Tensor): tf.Tensor {
  return tf.customGrad((value) => ({
    value: tf.mul(tf.round(tf.div(value as tf.Tensor, step)), step),
    gradFunc: (dy) => dy,
  }))(x);
}
