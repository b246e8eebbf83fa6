import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';

const MODULE = new URL('../src/collect-garbage.js', import.meta.url).href;

/** Takes the flag back again and again, as another thread does that has what it needs. */
const OTHER = `
const { setFlagsFromString } = require('node:v8');
const { workerData, parentPort } = require('node:worker_threads');
parentPort.postMessage('begun');
const isOver = new Int32Array(workerData);
while (Atomics.load(isOver, 0) === 0) setFlagsFromString('--no-expose-gc');
`;

const COLLECTOR = `
const { parentPort } = require('node:worker_threads');
import(${JSON.stringify(MODULE)}).then(({ collectGarbage }) => {
  parentPort.postMessage('begun');
  collectGarbage();
  parentPort.postMessage('collected');
});
`;

test('garbage is collected while another thread takes back the flag that this needs', async (t) => {
  const isOver = new Int32Array(new SharedArrayBuffer(4));
  const other = new Worker(OTHER, { eval: true, workerData: isOver.buffer });
  t.after(() => other.terminate());
  await once(other, 'message');
  const collector = new Worker(COLLECTOR, { eval: true });
  await once(collector, 'message');
  const collected = once(collector, 'message');
  await sleep(50);
  Atomics.store(isOver, 0, 1);
  assert.deepEqual(await collected, ['collected']);
});
