import assert from 'node:assert/strict';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { withTurn } from '../../../src/training/own/turn.js';
import { temporaryFolder } from '../../support/temp-folder.js';

const folder = temporaryFolder();

test('one waits until the other is done, whether that works or fails', async () => {
  const order: string[] = [];
  let isWaiting = () => {};
  const waits = new Promise<void>((resolve) => {
    isWaiting = resolve;
  });
  const first = withTurn(folder, assert.fail, async () => {
    order.push('first');
    await waits;
    order.push('first done');
    throw new Error('as it happens');
  });
  const failed = assert.rejects(first, /as it happens/);
  while (!existsSync(join(folder, 'turn'))) await new Promise(setImmediate);
  await withTurn(folder, isWaiting, async () => order.push('second'), 1);
  await failed;
  assert.deepEqual(order, ['first', 'first done', 'second']);
  assert.deepEqual(readdirSync(folder), []);
});

test('the turn of a process that was killed is taken over at once', async () => {
  // Of this number there is a process, but it has started at another time.
  for (const holder of [`${process.pid} 1`, '99999999 1', '']) {
    writeFileSync(join(folder, 'turn'), holder);
    assert.equal(await withTurn(folder, assert.fail, async () => 'done'), 'done');
  }
});
