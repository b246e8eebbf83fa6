import assert from 'node:assert/strict';
import { test } from 'node:test';
import { meanOfWeights, type WeightMap } from '../../../src/training/network/weights.js';

const weights = (...values: number[]): WeightMap =>
  new Map([['head/kernel', { shape: [values.length], values: Float32Array.from(values) }]]);

test('the mean of weights is taken one by one', () => {
  const mean = meanOfWeights([weights(0, 1), weights(1, 4), weights(2, 4)]);
  assert.deepEqual([...mean.get('head/kernel')!.values], [1, 3]);
});

test('weights of different networks have no mean', () => {
  const other = new Map([...weights(1, 2), ...new Map([['gate/kernel', weights(1).get('head/kernel')!]])]);
  for (const wrong of [weights(1), other]) {
    assert.throws(() => meanOfWeights([weights(1, 2), wrong]), { code: 'WG_DATA_INVALID' });
  }
});
