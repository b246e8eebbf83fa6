import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
// Registers the gradients of all operations.
import '@tensorflow/tfjs-layers';
import { Adam } from '../../../src/training/fit/adam.js';

const RATE = 0.05;
const ATTEMPTS = 8;

before(async () => {
  await tf.setBackend('cpu');
});

/** Three variables of which the loss knows two. */
function problem() {
  const x = tf.variable(tf.tensor2d([0.5, -1, 2, 0], [2, 2]));
  const y = tf.variable(tf.scalar(3));
  const aside = tf.variable(tf.tensor1d([1, 2]));
  const loss = () => tf.add(tf.sum(tf.square(tf.sub(x, 1))), tf.mul(tf.sum(x), tf.square(y))) as tf.Scalar;
  return { variables: [x, y, aside] as tf.Variable[], loss };
}

const valuesOf = (variables: readonly tf.Variable[]) => variables.flatMap((v) => [...v.dataSync()]);

test('moves as the Adam of TensorFlow.js does, and leaves alone what has no gradient', () => {
  const [ours, theirs] = [problem(), problem()];
  const adam = new Adam(ours.variables);
  const oracle = tf.train.adam(RATE);
  for (let i = 0; i < ATTEMPTS; i++) {
    const expected = oracle.minimize(theirs.loss, true, theirs.variables.slice(0, 2))!.dataSync()[0];
    const got = adam.minimize(ours.loss, RATE);
    assert.ok(Math.abs(got - expected) < 1e-4 * Math.abs(expected), `loss ${got}, not ${expected}`);
  }
  const [got, expected] = [valuesOf(ours.variables), valuesOf(theirs.variables)];
  for (const [i, value] of got.entries()) assert.ok(Math.abs(value - expected[i]) < 1e-5, `${got}`);
  assert.notDeepEqual(got, valuesOf(problem().variables));
});

test('continues from what it saved with the same numbers, and keeps no tensors', () => {
  const [whole, broken] = [problem(), problem()];
  const straight = new Adam(whole.variables);
  const first = new Adam(broken.variables);
  for (let i = 0; i < 4; i++) straight.minimize(whole.loss, RATE);
  const { numTensors } = tf.memory();
  for (let i = 0; i < 4; i++) straight.minimize(whole.loss, RATE);
  assert.equal(tf.memory().numTensors, numTensors);

  for (let i = 0; i < 4; i++) first.minimize(broken.loss, RATE);
  const saved = first.save();
  const stood = broken.variables.map((variable) => tf.clone(variable));
  first.minimize(broken.loss, RATE);
  broken.variables.forEach((variable, i) => {
    variable.assign(stood[i]);
  });
  const second = new Adam(broken.variables);
  second.restore(saved);
  for (let i = 0; i < 4; i++) second.minimize(broken.loss, RATE);
  assert.deepEqual(valuesOf(broken.variables), valuesOf(whole.variables));
});
