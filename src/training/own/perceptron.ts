import type * as TensorFlow from '@tensorflow/tfjs-core';
import { valuesOf } from '../bank/values-of.js';
import type { Random } from '../random.js';

/** logit = relu(x W1 + b1) w2 + b2 */
export interface Perceptron {
  readonly hidden: number;
  /** [inputs, hidden] */
  readonly w1: Float32Array;
  readonly b1: Float32Array;
  readonly w2: Float32Array;
  readonly b2: Float32Array;
}

/** Their mean, as one network: it has the hidden units of all of them. */
export function meanOf(networks: readonly Perceptron[]): Perceptron {
  const hidden = networks.reduce((sum, network) => sum + network.hidden, 0);
  const inputs = networks[0].w1.length / networks[0].hidden;
  const w1 = new Float32Array(inputs * hidden);
  let at = 0;
  for (const network of networks) {
    for (let i = 0; i < inputs; i++) {
      w1.set(network.w1.subarray(i * network.hidden, (i + 1) * network.hidden), i * hidden + at);
    }
    at += network.hidden;
  }
  const share = 1 / networks.length;
  return {
    hidden,
    w1,
    b1: Float32Array.from(networks.flatMap(({ b1 }) => [...b1])),
    w2: Float32Array.from(networks.flatMap(({ w2 }) => [...w2].map((weight) => weight * share))),
    b2: Float32Array.of(networks.reduce((sum, { b2 }) => sum + share * b2[0], 0)),
  };
}

/** One batch, as it is filled before each step. */
export interface Batch {
  /** [batch, inputs] */
  readonly x: Float32Array;
  /** [batch], 0 to 1 */
  readonly labels: Float32Array;
}

export interface PerceptronTraining {
  readonly tf: typeof TensorFlow;
  readonly inputs: number;
  readonly hidden: number;
  readonly batch: number;
  readonly steps: number;
  readonly learningRate: number;
  readonly decay: number;
  readonly random: Random;
  readonly fill: (batch: Batch, step: number, current: Perceptron) => void;
  readonly onStep?: ((step: number, loss: number) => void) | undefined;
}

const BETA1 = 0.9;
const BETA2 = 0.999;
const EPSILON = 1e-7;

/**
 * Trains a network of two layers by cross-entropy with Adam and a cosine rate. The gradient is written out: on WebAssembly, products with a
 * transposed matrix, which TensorFlow.js would compute, take fifty times as long as without.
 */
export function trainPerceptron(settings: PerceptronTraining): Perceptron {
  const { tf, inputs, hidden, batch, steps, random, fill } = settings;
  const network: Perceptron = {
    hidden,
    w1: normal(inputs * hidden, Math.sqrt(2 / inputs), random),
    b1: new Float32Array(hidden),
    w2: normal(hidden, Math.sqrt(1 / hidden), random),
    b2: Float32Array.of(-2),
  };
  const { w1, b1, w2, b2 } = network;
  const moved = [w1, b1, w2, b2].map((values) => new Moments(values, settings.decay));
  const x = new Float32Array(batch * inputs);
  const turned = new Float32Array(inputs * batch);
  const labels = new Float32Array(batch);
  const back = new Float32Array(batch * hidden);
  const gradients = [b1, w2, b2].map((values) => new Float32Array(values.length));
  for (let step = 0; step < steps; step++) {
    fill({ x, labels }, step, network);
    for (let row = 0; row < batch; row++) {
      for (let i = 0, from = row * inputs; i < inputs; i++) turned[i * batch + row] = x[from + i];
    }
    const sums = product(tf, x, [batch, inputs], w1, [inputs, hidden]);
    for (const gradient of gradients) gradient.fill(0);
    let loss = 0;
    for (let row = 0; row < batch; row++) {
      const at = row * hidden;
      let logit = b2[0];
      for (let h = 0; h < hidden; h++) {
        const sum = sums[at + h] + b1[h];
        sums[at + h] = Math.max(0, sum);
        logit += sums[at + h] * w2[h];
      }
      const label = labels[row];
      loss += Math.max(logit, 0) - logit * label + Math.log1p(Math.exp(-Math.abs(logit)));
      const slope = (1 / (1 + Math.exp(-logit)) - label) / batch;
      gradients[2][0] += slope;
      for (let h = 0; h < hidden; h++) {
        gradients[1][h] += slope * sums[at + h];
        const own = sums[at + h] > 0 ? slope * w2[h] : 0;
        back[at + h] = own;
        gradients[0][h] += own;
      }
    }
    const kernel = product(tf, turned, [inputs, batch], back, [batch, hidden]);
    const rate = settings.learningRate * Math.max(0.02, 0.5 * (1 + Math.cos((Math.PI * step) / steps)));
    [kernel, ...gradients].forEach((gradient, i) => {
      moved[i].move(gradient, rate, step + 1);
    });
    settings.onStep?.(step + 1, loss / batch);
  }
  return network;
}

function product(
  tf: typeof TensorFlow,
  a: Float32Array,
  aShape: [number, number],
  b: Float32Array,
  bShape: [number, number],
): Float32Array {
  return valuesOf(tf, () => tf.matMul(tf.tensor2d(a, aShape), tf.tensor2d(b, bShape)));
}

/** Adam with decoupled decay (Loshchilov and Hutter 2019). */
class Moments {
  readonly #values: Float32Array;
  readonly #decay: number;
  readonly #first: Float32Array;
  readonly #second: Float32Array;

  constructor(values: Float32Array, decay: number) {
    this.#values = values;
    this.#decay = decay;
    this.#first = new Float32Array(values.length);
    this.#second = new Float32Array(values.length);
  }

  move(gradient: Float32Array, learningRate: number, step: number): void {
    const correction = Math.sqrt(1 - BETA2 ** step);
    const rate = (learningRate * correction) / (1 - BETA1 ** step);
    const values = this.#values;
    const shrink = 1 - learningRate * this.#decay;
    for (let i = 0; i < values.length; i++) {
      const g = gradient[i];
      this.#first[i] = BETA1 * this.#first[i] + (1 - BETA1) * g;
      this.#second[i] = BETA2 * this.#second[i] + (1 - BETA2) * g * g;
      values[i] =
        values[i] * shrink - (rate * this.#first[i]) / (Math.sqrt(this.#second[i]) + EPSILON * correction);
    }
  }
}

function normal(length: number, deviation: number, random: Random): Float32Array {
  return Float32Array.from({ length }, () => {
    const radius = Math.sqrt(-2 * Math.log(1 - random.next()));
    return deviation * radius * Math.cos(2 * Math.PI * random.next());
  });
}
