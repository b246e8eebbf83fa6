import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isoTime } from '../src/iso-time.js';

test('moments are written as Date writes them', () => {
  fc.assert(
    fc.property(fc.date({ noInvalidDate: true }), (date) => {
      assert.equal(isoTime(date.getTime()), date.toISOString());
    }),
  );
  for (const ms of [0, -1, 951_782_400_000, 1_795_799_999_999, 253_402_300_799_999, 253_402_300_800_000]) {
    assert.equal(isoTime(ms), new Date(ms).toISOString());
  }
  assert.throws(() => isoTime(Number.NaN), RangeError);
});
