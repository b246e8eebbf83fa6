import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type HeldSound, SoundPages } from '../../src/audio/sound-pages.js';

const CAPACITY = 20_000;

/** Never 0, which is what is not held. */
const sampleOf = (stream: number, sample: number) => ((sample * 7 + stream * 1009) % 30_011) + 1;

test('what is held stays as it was, whatever comes after it', () => {
  const write = fc.record({ write: fc.integer({ min: 0, max: 9000 }), part: fc.boolean() });
  const hold = fc.record({ hold: fc.integer({ min: 1, max: CAPACITY }) });
  const restart = fc.record({ restart: fc.integer({ min: 0, max: 30_000 }) });
  const steps = fc.array(fc.oneof({ weight: 4, arbitrary: write }, { weight: 2, arbitrary: hold }, restart), {
    minLength: 20,
    maxLength: 60,
  });
  fc.assert(
    fc.property(steps, (all) => {
      const pages = new SoundPages(CAPACITY);
      const held: { sound: HeldSound; from: number; samples: Int16Array }[] = [];
      let stream = 0;
      let begin = 0;
      let next = 0;
      for (const step of all) {
        if ('restart' in step) {
          pages.restart(step.restart);
          stream++;
          begin = step.restart;
          next = begin;
        } else if ('write' in step) {
          const samples = Int16Array.from({ length: step.write }, (_, i) => sampleOf(stream, next + i));
          if (step.part) pages.write(Int16Array.of(0, ...samples, 0), 1, 1 + samples.length);
          else pages.write(samples);
          next += samples.length;
        } else {
          const from = next - step.hold;
          const samples = Int16Array.from({ length: step.hold }, (_, i) =>
            from + i < begin ? 0 : sampleOf(stream, from + i),
          );
          held.push({ sound: pages.hold(from, next), from, samples });
        }
        assert.equal(pages.nextSample, next);
      }
      for (const { sound, from, samples } of held) {
        assert.deepEqual(sound.copy(from, from + samples.length), samples);
        const inner = Math.floor(samples.length / 3);
        assert.deepEqual(sound.copy(from + inner, from + 2 * inner), samples.subarray(inner, 2 * inner));
        const around = sound.copy(from - 5, from + samples.length + 5);
        assert.deepEqual(around.subarray(-5), new Int16Array(5), 'what came later is not held');
      }
    }),
    { numRuns: 60 },
  );
});

test('sound that is longer than what is kept begins with zeros', () => {
  const pages = new SoundPages(CAPACITY);
  pages.write(new Int16Array(100_000).fill(1));
  const copy = pages.hold(0, 100_000).copy(0, 100_000);
  assert.equal(copy[0], 0);
  assert.ok(copy.subarray(-CAPACITY).every((sample) => sample === 1));
});
