import assert from 'node:assert/strict';
import { test } from 'node:test';
import { countInterval, rateInterval, rateUpperBound } from '../../../src/training/evaluation/intervals.js';

const near = (actual: number, expected: number, tolerance = 5e-4) =>
  assert.ok(Math.abs(actual - expected) <= tolerance, `${actual} instead of ${expected}`);

test('Clopper-Pearson intervals are those of the tables', () => {
  // Zero of n: the upper end is 1 - 0.025^(1/n) in closed form; all of n mirrors it.
  near(rateInterval(0, 30)[1], 1 - 0.025 ** (1 / 30));
  assert.equal(rateInterval(0, 30)[0], 0);
  near(rateInterval(30, 30)[0], 0.025 ** (1 / 30));
  assert.equal(rateInterval(30, 30)[1], 1);
  // 4 of 20, R: binom.test(4, 20)
  near(rateInterval(4, 20)[0], 0.0573);
  near(rateInterval(4, 20)[1], 0.4366);
});

test('the one-sided bound of no event in 300 is the rule of three', () => {
  near(rateUpperBound(0, 300, 0.95), 1 - 0.05 ** (1 / 300), 1e-9);
  assert.ok(rateUpperBound(0, 300, 0.95) < 0.01);
  assert.ok(rateUpperBound(0, 290, 0.95) > 0.01);
});

test('Poisson intervals are exact', () => {
  // Garwood's table: 0 -> 0 to 3.689, 1 -> 0.0253 to 5.572, 10 -> 4.795 to 18.39
  near(countInterval(0, 1)[1], 3.6889);
  near(countInterval(1, 1)[0], 0.0253);
  near(countInterval(1, 1)[1], 5.5716);
  near(countInterval(10, 2)[0], 4.7954 / 2);
  near(countInterval(10, 2)[1], 18.3904 / 2);
});
