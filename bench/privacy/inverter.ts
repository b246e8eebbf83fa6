import type * as TensorFlow from '@tensorflow/tfjs-core';
import type { Backend } from '../../src/classifier/index.js';
import type { Pairs } from './pairs.js';

const HIDDEN = 512;
const BATCH = 256;
const RATE = 1e-3;

/** A network of two hidden layers that learns to give the spectrogram back. */
export class Inverter {
  readonly #tf: typeof TensorFlow;
  readonly #weights: TensorFlow.Variable[];
  readonly #mean: Float32Array;
  readonly #deviation: Float32Array;

  constructor({ tf }: Backend, inputs: number, targets: Pairs) {
    this.#tf = tf;
    const width = targets.targets.length / targets.steps;
    [this.#mean, this.#deviation] = moments(targets.targets, width);
    const layer = (from: number, to: number, seed: number) => [
      tf.variable(tf.randomNormal([from, to], 0, Math.sqrt(2 / from), 'float32', seed)),
      tf.variable(tf.zeros([to])),
    ];
    this.#weights = [...layer(inputs, HIDDEN, 1), ...layer(HIDDEN, HIDDEN, 2), ...layer(HIDDEN, width, 3)];
  }

  /** @param onLoss takes the mean squared error of the newest steps, of targets with variance 1 */
  train(pairs: Pairs, steps: number, onLoss: (step: number, loss: number) => void): void {
    const tf = this.#tf;
    const optimizer = tf.train.adam(RATE);
    const width = this.#mean.length;
    const inWidth = pairs.inputs.length / pairs.steps;
    let state = 1;
    for (let step = 0; step < steps; step++) {
      const inputs = new Float32Array(BATCH * inWidth);
      const targets = new Float32Array(BATCH * width);
      for (let i = 0; i < BATCH; i++) {
        state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
        const n = state % pairs.steps;
        inputs.set(pairs.inputs.subarray(n * inWidth, (n + 1) * inWidth), i * inWidth);
        for (let j = 0; j < width; j++)
          targets[i * width + j] = (pairs.targets[n * width + j] - this.#mean[j]) / this.#deviation[j];
      }
      const loss = tf.tidy(() => {
        const x = tf.tensor2d(inputs, [BATCH, inWidth]);
        const y = tf.tensor2d(targets, [BATCH, width]);
        const cost = optimizer.minimize(
          () => tf.mean(tf.squaredDifference(this.#run(x), y)) as TensorFlow.Scalar,
          true,
          this.#weights,
        );
        return step % 100 === 0 ? cost!.dataSync()[0] : -1;
      });
      if (loss >= 0) onLoss(step, loss);
    }
  }

  /** @returns the targets that it takes for these inputs' own */
  invert({ inputs, steps }: Pairs): Float32Array {
    const width = this.#mean.length;
    const out = this.#tf.tidy(() =>
      (
        this.#run(this.#tf.tensor2d(inputs, [steps, inputs.length / steps])).dataSync() as Float32Array
      ).slice(),
    );
    return out.map((value, i) => value * this.#deviation[i % width] + this.#mean[i % width]);
  }

  #run(x: TensorFlow.Tensor2D): TensorFlow.Tensor2D {
    const tf = this.#tf;
    const [w1, b1, w2, b2, w3, b3] = this.#weights as unknown as TensorFlow.Tensor2D[];
    const first = tf.relu(tf.add(tf.matMul(x, w1), b1)) as TensorFlow.Tensor2D;
    const second = tf.relu(tf.add(tf.matMul(first, w2), b2)) as TensorFlow.Tensor2D;
    return tf.add(tf.matMul(second, w3), b3);
  }
}

function moments(values: Float32Array, width: number): [mean: Float32Array, deviation: Float32Array] {
  const mean = new Float64Array(width);
  const square = new Float64Array(width);
  values.forEach((value, i) => {
    mean[i % width] += value;
    square[i % width] += value * value;
  });
  const count = values.length / width;
  const deviation = Float32Array.from(square, (sum, j) =>
    Math.sqrt(Math.max(1e-6, sum / count - (mean[j] / count) ** 2)),
  );
  return [Float32Array.from(mean, (sum) => sum / count), deviation];
}
