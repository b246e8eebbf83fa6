import assert from 'node:assert/strict';
import { test } from 'node:test';
import { surviveDeaths } from '../../bench/daemon/deaths.js';

test('seven deaths of a recorder: each reported as what it was, each healed, and the word after it heard', {
  timeout: 300_000,
}, async () => {
  const { deaths, ...faults } = await surviveDeaths('wake-words-en', 7);
  assert.equal(deaths, 8);
  assert.deepEqual(faults, { untold: 0, late: 0, missed: 0, leaked: 0 });
});
