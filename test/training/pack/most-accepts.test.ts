import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mostAccepts } from '../../../src/training/pack/add-calibrated.js';

test('as many false accepts are allowed as still show the rate, by the upper end of their interval', () => {
  // Garwood's upper ends of 0, 1, 2 and 3 events are 3.689, 5.572, 7.225 and 8.767.
  assert.equal(mostAccepts(0.5, 7.4), 0);
  assert.equal(mostAccepts(0.5, 14.4), 1);
  assert.equal(mostAccepts(0.5, 14.5), 2);
  assert.equal(mostAccepts(1, 8.7), 2);
});

test('too few hours are refused, with what they leave possible', () => {
  assert.throws(() => mostAccepts(0.5, 7.3), {
    code: 'WG_DATA_INVALID',
    message: /7\.30 h.*0\.51 are possible/,
  });
});
