import assert from 'node:assert/strict';
import { test } from 'node:test';
import { balancedAccuracy } from '../../../src/training/evaluation/balanced-accuracy.js';

test('counts a class of few clips as much as one of many', () => {
  const { rate } = balancedAccuracy({ cat: { right: 5, of: 10 }, other: { right: 1000, of: 1000 } });
  assert.equal(rate, 0.75);
});

test('has a wider interval where a class has few clips', () => {
  const widthFor = (clips: number) => {
    const { interval } = balancedAccuracy({ cat: { right: clips / 2, of: clips } });
    return interval[1] - interval[0];
  };
  // Two normal quantiles of a share of one half: 1.96 / sqrt(clips) wide in all.
  assert.ok(Math.abs(widthFor(100) - 0.196) < 0.02, String(widthFor(100)));
  assert.ok(Math.abs(widthFor(1600) - 0.049) < 0.01, String(widthFor(1600)));
});
