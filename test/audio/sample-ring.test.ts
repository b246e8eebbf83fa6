import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { SampleRing } from '../../src/audio/sample-ring.js';

test('however it is written and read, it holds the newest samples under their own numbers', () => {
  const steps = fc.array(fc.tuple(fc.integer({ min: 0, max: 30 }), fc.integer({ min: 0, max: 30 })));
  fc.assert(
    fc.property(steps, fc.integer({ min: 1, max: 20 }), (writesAndReads, capacity) => {
      const ring = new SampleRing(capacity);
      let written = 0;
      let held: number[] = []; // what a plain list would hold
      for (const [write, read] of writesAndReads) {
        const samples = Int16Array.from({ length: write }, () => written++);
        ring.write(samples);
        held = [...held, ...samples].slice(-capacity);
        assert.equal(ring.length, held.length);
        assert.equal(ring.nextSample, written);
        assert.equal(ring.firstSample, written - held.length);
        const from = written - held.length + Math.trunc(read / 2);
        assert.deepEqual([...ring.copy(from, from + read)], held.slice(Math.trunc(read / 2)).slice(0, read));
        const target = new Int16Array(read);
        const count = ring.read(target);
        assert.deepEqual([...target.subarray(0, count)], held.splice(0, count));
        assert.ok(count === read || held.length === 0);
      }
    }),
  );
});
