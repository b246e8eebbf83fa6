import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asksIn, joinedLogits, rateAt, scoreAt, tailOf, UNASKED } from '../../../src/training/own/joint.js';

test('the second opinion counts where the first asks for it, at eight positions in a row', () => {
  const scores = Float32Array.of(0.1, ...Array(10).fill(0.5), 0.1, 0.5);
  const second = new Float32Array(13).fill(2);
  const joined = joinedLogits(scores, second, 0.3);
  const asked = [...joined].map((logit) => logit > UNASKED);
  assert.deepEqual(asked, [false, ...Array(8).fill(true), false, false, false, true]);
  assert.ok(Math.abs(joined[1] - 2) < 1e-6, 'a posterior of a half adds nothing');
  assert.equal(asksIn(scores, 0.3), 2);
});

test('the tail of exponential scores is found, and says at which score so many come', () => {
  // 100 scores over 10 hours whose excess over any score is 1.5 on average: quantiles of the exponential distribution.
  const peaks = Array.from({ length: 100 }, (_, i) => -1.5 * Math.log((i + 0.5) / 100));
  const tail = tailOf(peaks, 10)!;
  assert.ok(Math.abs(tail.excess - 1.5) < 0.2, `${tail.excess}`);
  // One an hour is the tenth of them.
  assert.ok(Math.abs(scoreAt(tail, 1) - peaks[10]) < 0.2);
  assert.ok(Math.abs(rateAt(tail, scoreAt(tail, 0.3)) - 0.3) < 1e-9);
  assert.equal(tailOf([3, 2, 1], 10), null);
});
