import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { SerialQueue } from '../src/serial-queue.js';

test('work is done in the order in which it was added, and never two at a time', async () => {
  const queue = new SerialQueue();
  const seen: string[] = [];
  const work = (name: string, turns: number) => async () => {
    seen.push(`${name} begins`);
    for (let i = 0; i < turns; i++) await turn();
    seen.push(`${name} ends`);
    return name;
  };
  // The first takes the longest.
  const results = await Promise.all([
    queue.add(work('a', 5)),
    queue.add(work('b', 1)),
    queue.add(work('c', 0)),
  ]);
  assert.deepEqual(results, ['a', 'b', 'c']);
  assert.deepEqual(seen, ['a begins', 'a ends', 'b begins', 'b ends', 'c begins', 'c ends']);
});

test('work that fails rejects for the one who added it, and what comes after it is done', async () => {
  const queue = new SerialQueue();
  const failing = queue.add(() => Promise.reject(new Error('no')));
  const thrown = queue.add(() => {
    throw new Error('not at all');
  });
  const after = queue.add(() => 'done');
  await assert.rejects(failing, /^Error: no$/);
  await assert.rejects(thrown, /^Error: not at all$/);
  assert.equal(await after, 'done');
});

test('settled waits for what was added, whether or not it fails', async () => {
  const queue = new SerialQueue();
  let ended = false;
  queue
    .add(async () => {
      await turn();
      ended = true;
      throw new Error('no');
    })
    .catch(() => {});
  await queue.settled();
  assert.ok(ended);
});
