import * as tf from '@tensorflow/tfjs-core';
import type { WeightMap } from '../network/weights.js';

const BETA1 = 0.9;
const BETA2 = 0.999;
const EPSILON = 1e-7;

interface Moving {
  readonly variable: tf.Variable;
  readonly first: Float32Array;
  readonly second: Float32Array;
}

/**
 * Adam (Kingma and Ba 2015, arXiv 1412.6980) over a list of variables, with one loop for each. TensorFlow.js takes a dozen small
 * operations and tensors for each variable, a thousand in a step of our networks.
 */
export class Adam {
  readonly #moving: readonly Moving[];
  #steps = 0;

  constructor(variables: readonly tf.Variable[]) {
    this.#moving = variables.map((variable) => ({
      variable,
      first: new Float32Array(variable.size),
      second: new Float32Array(variable.size),
    }));
  }

  /** Moves the variables one step down the gradient of `loss`, and returns what it was. */
  minimize(loss: () => tf.Scalar, learningRate: number): number {
    return tf.tidy(() => {
      const { value, grads } = tf.variableGrads(
        loss,
        this.#moving.map(({ variable }) => variable),
      );
      this.#steps++;
      // Both corrections for the start, in the rate and in epsilon.
      const correction = Math.sqrt(1 - BETA2 ** this.#steps);
      const rate = (learningRate * correction) / (1 - BETA1 ** this.#steps);
      for (const moving of this.#moving) {
        const gradient = grads[moving.variable.name];
        if (gradient) move(moving, gradient.dataSync() as Float32Array, rate, EPSILON * correction);
      }
      return value.dataSync()[0];
    });
  }

  /** The moments of each variable, by its place in the list, and the count of steps. */
  save(): WeightMap {
    const shapeOf = ({ variable }: Moving) => [...variable.shape];
    return new Map([
      ['steps', { shape: [1], values: Float32Array.of(this.#steps) }],
      ...this.#moving.flatMap((moving, i) => [
        [`first${i}`, { shape: shapeOf(moving), values: moving.first.slice() }] as const,
        [`second${i}`, { shape: shapeOf(moving), values: moving.second.slice() }] as const,
      ]),
    ]);
  }

  restore(saved: WeightMap): void {
    this.#steps = saved.get('steps')!.values[0];
    this.#moving.forEach(({ first, second }, i) => {
      first.set(saved.get(`first${i}`)!.values);
      second.set(saved.get(`second${i}`)!.values);
    });
  }
}

function move({ variable, first, second }: Moving, gradient: Float32Array, rate: number, epsilon: number) {
  const values = (variable.dataSync() as Float32Array).slice();
  for (let i = 0; i < values.length; i++) {
    const g = gradient[i];
    first[i] = BETA1 * first[i] + (1 - BETA1) * g;
    second[i] = BETA2 * second[i] + (1 - BETA2) * g * g;
    values[i] -= (rate * first[i]) / (Math.sqrt(second[i]) + epsilon);
  }
  variable.assign(tf.tensor(values, variable.shape));
}
