import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Resampler, resampled } from '../../src/audio/resample.js';
import { amplitudeOf, tone } from '../support/signals.js';

/** Everything that comes out, when the samples go in cut into pieces of the given sizes, over and over. */
async function resample(samples: Float32Array, rate: number, pieces: readonly number[]): Promise<Int16Array> {
  const resampler = await Resampler.create(rate);
  const out: number[] = [];
  for (let at = 0, i = 0; at < samples.length; at += pieces[i % pieces.length], i++) {
    out.push(...resampler.push(samples.subarray(at, at + pieces[i % pieces.length])));
  }
  out.push(...resampler.flush());
  resampler.close();
  return Int16Array.from(out);
}

test('at 16 kHz the samples come through as they are', async () => {
  const values = [-32_768, -1, 0, 1, 2, 32_767];
  const out = await resample(
    Float32Array.from(values, (value) => value / 32_768),
    16_000,
    [4],
  );
  assert.deepEqual([...out], values);
});

test('samples over full scale are clipped, at 16 kHz and at others', async () => {
  assert.deepEqual([...(await resample(Float32Array.of(1.5, -1.5), 16_000, [2]))], [32_767, -32_768]);
  const loud = await resample(tone(500, 48_000, 0.1, 4), 48_000, [1000]);
  assert.equal(Math.max(...loud), 32_767);
  assert.equal(Math.min(...loud), -32_768);
});

for (const rate of [8000, 11_025, 22_050, 44_100, 48_000, 96_000, 192_000]) {
  test(`a 1 kHz tone at ${rate} Hz is the same tone at 16 kHz, in place, and as long`, async () => {
    const out = await resample(tone(1000, rate, 0.4), rate, [999]);
    assert.equal(out.length, 6400);
    const wanted = tone(1000, 16_000, 0.4);
    // The ends are left out: there the filter sees the tone begin and break off.
    for (let i = 200; i < 6200; i++) {
      assert.ok(
        Math.abs(out[i] / 32_768 - wanted[i]) < 1e-3,
        `sample ${i}: ${out[i] / 32_768}, not ${wanted[i]}`,
      );
    }
  });
}

test('from 48 kHz, 5 kHz is kept and 12 kHz is suppressed by at least 50 dB, not folded down to 4 kHz', async () => {
  const kept = await resample(tone(5000, 48_000, 1), 48_000, [4800]);
  const keptDb = 20 * Math.log10(amplitudeOf(5000, 16_000, kept.subarray(1000, 15_000)) / 16_384);
  assert.ok(Math.abs(keptDb) < 0.1, `5 kHz at ${keptDb} dB`);

  const folded = await resample(tone(12_000, 48_000, 1), 48_000, [4800]);
  const rms = Math.sqrt(folded.subarray(1000, 15_000).reduce((sum, sample) => sum + sample ** 2, 0) / 14_000);
  assert.ok(20 * Math.log10(Math.max(rms, 0.01) / 11_585) < -50, `RMS ${rms}`);
});

test('however the input is cut, the output is the same to the last sample', async () => {
  const rate = 44_100;
  const samples = tone(700, rate, 0.3);
  const whole = await resample(samples, rate, [samples.length]);
  assert.equal(whole.length, 4800);
  const sizes = fc.array(fc.integer({ min: 1, max: 3000 }), { minLength: 1, maxLength: 8 });
  await fc.assert(
    fc.asyncProperty(sizes, async (pieces) => {
      const cut = await resample(samples, rate, pieces);
      assert.equal(cut.length, whole.length);
      for (let i = 0; i < whole.length; i++) assert.ok(Math.abs(cut[i] - whole[i]) <= 1, `sample ${i}`);
    }),
    { numRuns: 15 },
  );
});

test('even a few samples come out, at the right length', async () => {
  for (const [rate, input, output] of [
    [48_000, 3, 1],
    [48_000, 1, 0],
    [8000, 1, 2],
    [44_100, 100, 36],
    [1000, 7, 112],
  ]) {
    assert.equal((await resample(new Float32Array(input), rate, [1])).length, output);
  }
});

test('a stream whose rate changes goes on', async () => {
  async function* blocks() {
    yield { samples: tone(500, 16_000, 0.25), rate: 16_000 };
    yield { samples: tone(500, 48_000, 0.25), rate: 48_000 };
    yield { samples: tone(500, 8000, 0.25), rate: 8000 };
  }
  let length = 0;
  for await (const block of resampled(blocks())) length += block.length;
  assert.equal(length, 12_000);
});
