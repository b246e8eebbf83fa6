import assert from 'node:assert/strict';
import { test } from 'node:test';
import { convolved } from '../../../src/training/conditions/convolve.js';
import { roomResponse } from '../../../src/training/conditions/room.js';
import { Random } from '../../../src/training/random.js';

const RATE = 16_000;

/** RT60 in seconds of an impulse response: a line through its decay from -5 dB on (Schroeder 1965, ISO 3382). */
function rt60Of(taps: Float64Array, lowest: number): number {
  let left = 0;
  const remaining = Float64Array.from(taps);
  for (let i = taps.length - 1; i >= 0; i--) {
    left += taps[i] ** 2;
    remaining[i] = left;
  }
  const points = [...remaining]
    .map((energy, i) => [i / RATE, 10 * Math.log10(energy / remaining[0])] as const)
    .filter(([, db]) => db <= -5 && db >= lowest);
  const mean = (of: 0 | 1) => points.reduce((sum, point) => sum + point[of], 0) / points.length;
  const [x, y] = [mean(0), mean(1)];
  const slope =
    points.reduce((sum, [a, b]) => sum + (a - x) * (b - y), 0) /
    points.reduce((sum, [a]) => sum + (a - x) ** 2, 0);
  return -60 / slope;
}

/** Energy of the direct sound: of the first millisecond, in which no echo comes. */
const direct = (taps: Float64Array) => taps.subarray(0, 16).reduce((sum, tap) => sum + tap * tap, 0);

test('a room decays in the time that was asked for', () => {
  for (const rt60 of [0.3, 0.5]) {
    for (const [seed, distance] of [
      [1, 2],
      [2, 5],
      [3, 8],
    ]) {
      const response = roomResponse({ distance, rt60 }, new Random(seed));
      // By two definitions: a room's decay is no straight line.
      for (const [lowest, tolerance] of [
        [-35, 0.02],
        [-25, 0.1],
      ]) {
        const found = rt60Of(response, lowest);
        const what = `asked ${rt60} s, found ${found.toFixed(3)} s to ${lowest} dB, at ${distance} m`;
        assert.ok(Math.abs(found / rt60 - 1) < tolerance, what);
      }
    }
  }
});

test('the direct sound falls with distance as in air, and what the room adds does not', () => {
  const at = (distance: number) => roomResponse({ distance, rt60: 0.4 }, new Random(4));
  const [near, far] = [at(1), at(8)];
  const fall = 10 * Math.log10(direct(near) / direct(far));
  assert.ok(
    Math.abs(fall - 18.06) < 3,
    `${fall.toFixed(1)} dB from 1 m to 8 m, and 18.1 by the square of the distance`,
  );
  const ratio = (taps: Float64Array) => {
    const all = taps.reduce((sum, tap) => sum + tap * tap, 0);
    return 10 * Math.log10(direct(taps) / (all - direct(taps)));
  };
  assert.ok(ratio(near) > ratio(far) + 8, `direct to echo ${ratio(near)} dB near, ${ratio(far)} dB far`);
  const first = near.findIndex((tap) => Math.abs(tap) > 0.3);
  assert.ok(first <= 9, `the direct sound is at the start, not at ${first}`);
});

test('convolution is the sum it stands for', () => {
  const random = new Random(9);
  const samples = Float64Array.from({ length: 301 }, () => random.normal());
  const taps = Float64Array.from({ length: 77 }, () => random.normal());
  const out = convolved(samples, taps);
  assert.equal(out.length, samples.length);
  out.forEach((value, n) => {
    let sum = 0;
    for (let k = 0; k <= Math.min(n, taps.length - 1); k++) sum += taps[k] * samples[n - k];
    assert.ok(Math.abs(value - sum) < 1e-9);
  });
});
