import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WriteBatches } from '../src/write-batches.js';

/** Batches whose writes end when the test says so. */
function batches(intervalMs = 0) {
  const written: (readonly number[])[] = [];
  const ends: ((error?: Error) => void)[] = [];
  const writing = new WriteBatches<number>((changes) => {
    written.push(changes);
    return new Promise((resolve, reject) => ends.push((error) => (error ? reject(error) : resolve())));
  }, intervalMs);
  return { written, writing, end: (error?: Error) => ends.shift()!(error) };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

test('what comes while one is written is written together next, and each is answered by the write that holds it', async () => {
  const { written, writing, end } = batches();
  let answered = 0;
  const add = (change: number) => writing.add(change).then(() => answered++);
  const first = add(1);
  await turn();
  const others = [2, 3, 4].map(add);
  await turn();
  assert.deepEqual(written, [[1]]);
  end();
  await first;
  await turn();
  assert.equal(answered, 1);
  assert.deepEqual(written, [[1], [2, 3, 4]]);
  end();
  await Promise.all(others);
});

test('a write that fails is the answer to what it holds alone', async () => {
  const { written, writing, end } = batches();
  const first = writing.add(1);
  const refused = assert.rejects(first, /full/);
  await turn();
  const second = writing.add(2);
  end(new Error('the disk is full'));
  await refused;
  await turn();
  assert.deepEqual(written, [[1], [2]]);
  end();
  await second;
});

test('between two writes there is a time, but for the last: closing writes at once, and takes no more', async () => {
  const written: (readonly number[])[] = [];
  const writing = new WriteBatches<number>(async (changes) => void written.push(changes), 60_000);
  await writing.add(1);
  const second = writing.add(2);
  await turn();
  assert.deepEqual(written, [[1]]);
  const closed = writing.close();
  await Promise.all([second, closed]);
  assert.deepEqual(written, [[1], [2]]);
  await assert.rejects(writing.add(3), { code: 'WG_CLASSIFIER_CLOSED' });
});
