import assert from 'node:assert/strict';
import { test } from 'node:test';
import { meanOf, type Perceptron } from '../../../src/training/own/perceptron.js';
import { Random } from '../../../src/training/random.js';

test('the mean of networks gives the mean of their logits', () => {
  const random = new Random(3);
  const values = (length: number) => Float32Array.from({ length }, () => random.between(-1, 1));
  const inputs = 5;
  const networks = [3, 4].map((hidden) => ({
    hidden,
    w1: values(inputs * hidden),
    b1: values(hidden),
    w2: values(hidden),
    b2: values(1),
  }));
  const logitOf = ({ hidden, w1, b1, w2, b2 }: Perceptron, x: Float32Array) => {
    let sum = b2[0];
    for (let h = 0; h < hidden; h++) {
      let unit = b1[h];
      for (let i = 0; i < inputs; i++) unit += x[i] * w1[i * hidden + h];
      sum += Math.max(0, unit) * w2[h];
    }
    return sum;
  };
  const mean = meanOf(networks);
  assert.equal(mean.hidden, 7);
  for (let turn = 0; turn < 20; turn++) {
    const x = values(inputs);
    const expected = (logitOf(networks[0], x) + logitOf(networks[1], x)) / 2;
    assert.ok(Math.abs(logitOf(mean, x) - expected) < 1e-6);
  }
});
