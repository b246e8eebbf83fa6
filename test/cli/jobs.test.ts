import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startJobs } from '../../src/cli/jobs.js';

/** Lets everything continue that can. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

test('items are started in order, so many at a time, and results come in the order of the items', async () => {
  const started: number[] = [];
  const finish: (() => void)[] = [];
  const results = startJobs([10, 20, 30, 40], 2, async (item, index) => {
    started.push(index);
    await new Promise<void>((resolve) => {
      finish[index] = resolve;
    });
    return item + index;
  });
  await settle();
  assert.deepEqual(started, [0, 1]);
  finish[1]();
  await settle();
  assert.deepEqual(started, [0, 1, 2]);
  finish[2]();
  await settle();
  assert.deepEqual(started, [0, 1, 2, 3]);
  finish[3]();
  finish[0]();
  assert.deepEqual(await Promise.all(results), [10, 21, 32, 43]);
});

test('one that fails makes room for the next', async () => {
  const [first, second] = startJobs(['bad', 'good'], 1, async (item) => {
    if (item === 'bad') throw new Error('bad');
    return item;
  });
  await assert.rejects(first, /bad/);
  assert.equal(await second, 'good');
});
