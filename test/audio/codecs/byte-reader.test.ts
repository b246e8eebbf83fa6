import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ByteReader } from '../../../src/audio/codecs/byte-reader.js';

async function* pieces(...sizes: number[]): AsyncGenerator<Uint8Array> {
  let next = 0;
  for (const length of sizes) yield Uint8Array.from({ length }, () => next++);
}

test('reads, peeks and skips across the borders of pieces', async () => {
  const reader = new ByteReader(pieces(1, 0, 2, 5, 3));
  assert.deepEqual([...(await reader.peek(4))], [0, 1, 2, 3]);
  assert.deepEqual([...(await reader.read(2))], [0, 1]);
  assert.equal(await reader.skip(5), 5);
  assert.equal(reader.position, 7);
  assert.deepEqual([...(await reader.readSome())], [7]);
  assert.deepEqual([...(await reader.readSome())], [8, 9, 10]);
  assert.equal((await reader.readSome()).length, 0);
});

test('gives what there is where the stream ends early', async () => {
  const reader = new ByteReader(pieces(3));
  assert.equal((await reader.peek(10)).length, 3);
  assert.equal((await reader.read(2)).length, 2);
  assert.equal(await reader.skip(10), 1);
  assert.equal((await reader.read(1)).length, 0);
});

test('close ends the stream that it reads', async () => {
  let ended = false;
  async function* endless() {
    try {
      for (;;) yield new Uint8Array(8);
    } finally {
      ended = true;
    }
  }
  const reader = new ByteReader(endless());
  await reader.read(3);
  await reader.close();
  assert.ok(ended);
});
