import assert from 'node:assert/strict';
import { test } from 'node:test';
import { barOf } from '../../../src/training/own/calibrate.js';
import { UNASKED } from '../../../src/training/own/joint.js';

/** Logits of a bank that are peaks at places far apart, and nothing between them. */
function bankWith(...peaks: number[]): Float32Array {
  const logits = new Float32Array(200 * (peaks.length + 1)).fill(UNASKED);
  for (const [i, peak] of peaks.entries()) logits[200 * i + 100] = peak;
  return logits;
}

/** Of so many hours, half a false accept an hour. */
const AIM = { hours: 4.71, perHour: 0.5 };

/** What both opinions gave a bank of 4.71 hours for "hey kitchen": hardly anything asked the second, and one peak was far below the others. */
const FEW = [
  ...[4.1, 0.4, 0, 0, -0.1, -1.3, -1.3, -1.6, -1.8, -2.2, -2.6, -2.7, -2.9, -3.2, -3.7, -4.3, -4.3],
  ...[-5.6, -5.6, -5.7, -5.8, -6.3, -7.1, -10.7],
];

test('a bank with few peaks, some of them far below, does not make a keyword deaf', () => {
  // Some of the voices are missed anyway, so that nothing is gained for free.
  const heldOut = Float32Array.of(-20, 6, 7, 8);
  const { bar, perHour } = barOf(bankWith(...FEW), AIM, heldOut, -3);
  assert.ok(bar > 0.4 && bar < 4.1, `${bar}: one of the peaks is let through`);
  assert.ok(perHour <= 0.7 * 0.5 + 1e-9, `${perHour}`);
});

test('however far apart the highest peaks are, none over them is needed for what is aimed at', () => {
  const far = Array.from({ length: 60 }, (_, i) => 9 - 1.5 * i);
  const { bar } = barOf(bankWith(...far), AIM, Float32Array.of(-20), -3);
  assert.ok(bar > 6 && bar < 9.2, `${bar}`);
});

test('of a handful of peaks no more are let through than are aimed at', () => {
  const { bar, perHour } = barOf(bankWith(8, 7, 6, 5), AIM, Float32Array.of(9), 3);
  assert.ok(bar > 6 && bar < 7, `${bar}`);
  assert.ok(Math.abs(perHour - (0.7 * 2) / 4.71) < 1e-9);
  assert.equal(barOf(bankWith(), AIM, Float32Array.of(9), 3).bar, 3);
});
