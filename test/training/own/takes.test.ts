import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkTakes, type Take, usableTakes } from '../../../src/training/own/takes.js';

/** A second with a tone of so many seconds in it, as loud as that. */
function take(name: string, seconds: number, amplitude = 6000): Take {
  const length = Math.round(16_000 * seconds);
  const samples = new Int16Array(16_000 + length);
  for (let i = 0; i < length; i++) {
    const tone = amplitude * Math.sin(i / 5) * Math.sin((Math.PI * i) / length);
    samples[8000 + i] = Math.max(-32_768, Math.min(32_767, Math.round(tone)));
  }
  return { name, samples };
}

test('takes that are alike are used', () => {
  const takes = [take('a', 0.6), take('b', 0.7), take('c', 0.65)];
  assert.equal(usableTakes(takes).length, 3);
});

test('takes that are silent, clipped, too short or of another length are named', () => {
  const others = [take('b', 0.6), take('c', 0.65)];
  assert.throws(() => usableTakes([take('a', 0.6, 0), ...others]), /a is silent/);
  assert.throws(() => usableTakes([take('a', 0.6, 500_000), ...others]), /a is clipped/);
  assert.throws(() => usableTakes([take('a', 1.6), ...others]), /a is of another length/);
});

test('a take of another word sounds neither like the others nor like the phrase', () => {
  const takes = ['a', 'b', 'c', 'd', 'e'].map((name) => take(name, 0.6));
  const unlike = [0.06, 0.05, 0.25, 0.07, 0.05];
  const check = (unlike: number[], scores: number[]) => checkTakes(takes, unlike, () => scores);
  assert.throws(() => check(unlike, [0.9, 0.8, 0.02, 0.95, 0.7]), /^.*c does not sound like/);
  check(unlike, [0.9, 0.05, 0.9, 0.04, 0.03]);
  check([0.2, 0.19, 0.21, 0.18, 0.19], [0, 0, 0, 0, 0]);
});

test('nothing is trained to judge takes that are alike', () => {
  const takes = ['a', 'b', 'c', 'd', 'e'].map((name) => take(name, 0.6));
  checkTakes(takes, [0.06, 0.05, 0.1, 0.07, 0.05], () => assert.fail('it was trained'));
  checkTakes([], [], () => assert.fail('it was trained'));
});
