import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { rechunk } from '../../src/audio/rechunk.js';

test('blocks of any lengths become chunks of one length, in order, with the rest at the end', async () => {
  const lengths = fc.array(fc.integer({ min: 0, max: 50 }));
  await fc.assert(
    fc.asyncProperty(lengths, fc.integer({ min: 1, max: 40 }), async (blockLengths, chunkSamples) => {
      let next = 0;
      async function* blocks() {
        for (const length of blockLengths) yield Int16Array.from({ length }, () => next++);
      }
      const seen: number[] = [];
      const sizes: number[] = [];
      for await (const { samples, startSample } of rechunk(blocks(), chunkSamples)) {
        assert.equal(startSample, seen.length);
        seen.push(...samples);
        sizes.push(samples.length);
      }
      assert.deepEqual(
        seen,
        Array.from({ length: next }, (_, i) => i),
      );
      assert.ok(sizes.slice(0, -1).every((size) => size === chunkSamples));
      assert.ok(sizes.length === 0 || sizes.at(-1)! > 0);
    }),
  );
});
