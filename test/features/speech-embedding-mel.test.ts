import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openSecondLookLevels, SPEECH_EMBEDDING_LEVELS } from '../../src/features/index.js';
import { speech } from '../support/speech.js';

/** The definition, written out: a slow Fourier transform, and the area of each triangle over all bins. */
function levelsOf(frame: Int16Array): number[] {
  const hann = (i: number) => (i < 56 || i >= 456 ? 0 : Math.sin((Math.PI * (i - 56)) / 400) ** 2);
  const power = Array.from({ length: 257 }, (_, k) => {
    let [re, im] = [0, 0];
    for (const [i, sample] of frame.entries()) {
      re += hann(i) * sample * Math.cos((2 * Math.PI * k * i) / 512);
      im += hann(i) * sample * Math.sin((2 * Math.PI * k * i) / 512);
    }
    return re * re + im * im;
  });
  // Below 1 kHz a mel is 66.7 Hz, and above it 27 steps are a factor of 6.4.
  const hzOf = (mel: number) => (mel < 15 ? (mel * 200) / 3 : 1000 * 6.4 ** ((mel - 15) / 27));
  const [low, high] = [60 / (200 / 3), 15 + (27 * Math.log(3.8)) / Math.log(6.4)];
  return Array.from({ length: 32 }, (_, band) => {
    const [a, b, c] = [0, 1, 2].map((i) => hzOf(low + ((high - low) * (band + i)) / 33)) as [
      number,
      number,
      number,
    ];
    let sum = 0;
    for (const [k, p] of power.entries()) {
      const hz = k * 31.25;
      sum += p * Math.max(0, Math.min((hz - a) / (b - a), (c - hz) / (c - b))) * (2 / (c - a));
    }
    return Math.log10(Math.max(1e-10, sum)) + 2;
  });
}

test('gives the levels of its definition, at most 80 dB below the loudest', async () => {
  const samples = (await speech('She had your dark suit.')).slice(3000, 3000 + 512 + 12 * 160);
  samples.fill(0, 0, 512);
  const levels = openSecondLookLevels(SPEECH_EMBEDDING_LEVELS).frames(samples);
  assert.equal(levels.length, 13 * 32);
  const expected = Array.from({ length: 13 }, (_, n) =>
    levelsOf(samples.subarray(n * 160, n * 160 + 512)),
  ).flat();
  const loudest = Math.max(...expected);
  assert.ok(expected[0]! < loudest - 8, 'silence would be lower');
  for (const [i, value] of expected.entries()) {
    const least = Math.max(loudest - 8, value);
    assert.ok(Math.abs(levels[i]! - least) < 1e-4, `${i}: ${levels[i]} for ${least}`);
  }
});

test('a warp moves a tone to a band further down or up', () => {
  const tone = Int16Array.from({ length: 512 }, (_, i) => 8000 * Math.sin((2 * Math.PI * 1500 * i) / 16_000));
  const loudest = (warp: number) => {
    const levels = openSecondLookLevels(SPEECH_EMBEDDING_LEVELS, warp).frames(tone);
    return levels.indexOf(Math.max(...levels));
  };
  assert.ok(loudest(1.12) < loudest(1));
  assert.ok(loudest(0.88) > loudest(1));
});
