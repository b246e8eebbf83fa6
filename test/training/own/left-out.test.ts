import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LeftOut } from '../../../src/training/own/left-out.js';

test('what touches a stretch is what looking at each of them says', () => {
  const stretches = [
    { from: 500, until: 560 },
    { from: 0, until: 10 },
    { from: 100, until: 180 },
    { from: 180, until: 200 },
  ];
  const leftOut = new LeftOut(stretches);
  assert.equal(leftOut.clips, 4);
  assert.equal(leftOut.steps, 170);
  let touched = 0;
  for (let from = 0; from < 620; from++) {
    for (const length of [1, 32, 52]) {
      const expected = stretches.some((one) => one.from < from + length && one.until > from);
      assert.equal(leftOut.touches(from, from + length), expected, `${from} to ${from + length}`);
      if (expected) touched++;
    }
  }
  assert.ok(touched > 500);
  assert.ok(!new LeftOut([]).touches(0, 100));
});
