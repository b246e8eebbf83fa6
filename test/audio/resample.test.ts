import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Resampler, resampled } from '../../src/audio/resample.js';
import { byLibsamplerate } from '../support/libsamplerate.js';
import { amplitudeOf, correlation, tone } from '../support/signals.js';
import { speech } from '../support/speech.js';

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

const rms = (samples: ArrayLike<number>) =>
  Math.sqrt(Array.from(samples).reduce((sum, sample) => sum + sample ** 2, 0) / samples.length);
const decibels = (amplitude: number) => 20 * Math.log10(amplitude);

/** 44,099 Hz has 16,000 phases, between which is interpolated; 22,254.5 Hz (old Macintosh) is not even whole. */
const RATES = [1000, 8000, 11_025, 15_999, 22_050, 22_254.5, 32_000, 44_099, 44_100, 48_000, 96_000, 192_000];

for (const rate of RATES) {
  test(`tones up to 0.44 of the lower rate at ${rate} Hz are the same tones at 16 kHz, in place, and as long`, async () => {
    const lower = Math.min(rate, 16_000);
    for (const share of [0.001, 0.0625, 0.2, 0.33, 0.44]) {
      const seconds = 0.4;
      const out = await resample(tone(share * lower, rate, seconds), rate, [999]);
      assert.equal(out.length, Math.round((Math.round(rate * seconds) * 16_000) / rate));
      const wanted = tone(share * lower, 16_000, seconds);
      // The ends are left out: there the filter sees the tone begin and break off.
      const margin = Math.ceil((49 * 16_000) / lower);
      let worst = 0;
      for (let i = margin; i < out.length - margin; i++)
        worst = Math.max(worst, Math.abs(out[i] / 32_768 - wanted[i]));
      assert.ok(worst < 1e-4, `${share * lower} Hz is off by ${worst}`);
    }
  });
}

for (const rate of RATES.filter((rate) => rate > 16_000)) {
  test(`from ${rate} Hz, what is above 8 kHz is suppressed by at least 80 dB, not folded down`, async () => {
    for (const hz of [8001, 8500, 9000, 10_000, 12_000, 15_000, 17_000, 24_000, 31_000, 47_000, 79_000]) {
      if (hz >= rate / 2) continue;
      const folded = await resample(tone(hz, rate, 0.5, 0.9), rate, [4800]);
      const level = rms(folded.subarray(200, 7800)) / 32_768;
      // Rounding to int16 alone leaves 0.29 of a unit.
      assert.ok(decibels(level / (0.9 * Math.SQRT1_2)) < -80, `${hz} Hz at ${decibels(level)} dB`);
    }
  });
}

for (const rate of [8000, 44_100, 48_000]) {
  test(`from ${rate} Hz, 0.45 of the lower rate is kept within 0.1 dB`, async () => {
    const hz = 0.45 * Math.min(rate, 16_000);
    const out = await resample(tone(hz, rate, 1), rate, [999]);
    const kept = decibels(amplitudeOf(hz, 16_000, out.subarray(1000, 15_000)) / 16_384);
    assert.ok(Math.abs(kept) < 0.1, `${hz} Hz at ${kept} dB`);
  });
}

for (const rate of [8000, 11_025, 22_050, 44_100, 48_000, 96_000]) {
  test(`speech at ${rate} Hz comes out as libsamplerate has it`, async () => {
    const spoken = Float32Array.from(
      await speech('seven red cats sit by the garden gate'),
      (s) => s / 32_768,
    );
    // Both fall off in the last tenth below half the lower rate, each in its own way: one speech has that, one not.
    const narrow = 0.8 * Math.min(rate, 16_000);
    const full = await byLibsamplerate(spoken, 16_000, rate);
    const limited = await byLibsamplerate(await byLibsamplerate(spoken, 16_000, narrow), narrow, rate);
    for (const [samples, most] of [
      [full, -35],
      [limited, -75],
    ] as const) {
      const ours = Float32Array.from(await resample(samples, rate, [777]), (s) => s / 32_768);
      const theirs = await byLibsamplerate(samples, rate, 16_000);
      assert.ok(Math.abs(ours.length - theirs.length) <= 1);
      const difference = decibels(rms(theirs.map((s, i) => (ours[i] ?? s) - s)) / rms(theirs));
      assert.ok(difference < most, `a difference of ${difference} dB`);
      assert.ok(correlation(ours, theirs) > 0.9998, `a correlation of ${correlation(ours, theirs)}`);
    }
  });
}

test('however the input is cut, the output is the same to the last sample', async () => {
  const sizes = fc.array(fc.integer({ min: 1, max: 3000 }), { minLength: 1, maxLength: 8 });
  await fc.assert(
    fc.asyncProperty(sizes, fc.constantFrom(...RATES), async (pieces, rate) => {
      const samples = tone(700, rate, 0.1);
      const whole = await resample(samples, rate, [samples.length]);
      const cut = await resample(samples, rate, pieces);
      assert.deepEqual(cut, whole);
    }),
    { numRuns: 40 },
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

test('a stream whose rate changes continues', async () => {
  async function* blocks() {
    yield { samples: tone(500, 16_000, 0.25), rate: 16_000 };
    yield { samples: tone(500, 48_000, 0.25), rate: 48_000 };
    yield { samples: tone(500, 8000, 0.25), rate: 8000 };
  }
  let length = 0;
  for await (const block of resampled(blocks())) length += block.length;
  assert.equal(length, 12_000);
});

test('streams of one rate share their coefficients, and a stream makes no garbage of its own', async () => {
  const block = tone(440, 44_100, 0.02);
  const resampler = await Resampler.create(44_100);
  for (let i = 0; i < 20; i++) resampler.push(block);
  assert.equal(resampler.push(block), resampler.push(block));

  const start = process.memoryUsage().arrayBuffers;
  const many = await Promise.all(Array.from({ length: 100 }, () => Resampler.create(44_100)));
  for (const stream of many) stream.push(block);
  const each = (process.memoryUsage().arrayBuffers - start) / many.length;
  assert.ok(each < 8192, `${each} bytes for a stream`);
});
