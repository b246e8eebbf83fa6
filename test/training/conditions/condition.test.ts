import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { findOnPath, readAudioFile } from '../../../src/audio/index.js';
import { conditionOf, USUAL_CONDITIONS } from '../../../src/training/conditions/condition.js';
import { throughALaw, throughMuLaw } from '../../../src/training/conditions/telephone.js';
import { Random } from '../../../src/training/random.js';
import { temporaryFolder } from '../../support/temp-folder.js';

const RATE = 16_000;
const folder = temporaryFolder();

const tone = (hz: number, amplitude = 8000) =>
  Int16Array.from({ length: RATE }, (_, i) =>
    Math.round(amplitude * Math.sin((2 * Math.PI * hz * i) / RATE)),
  );
/** A burst in the middle of near silence, as a word is. */
function burst(): Int16Array {
  const random = new Random(5);
  return Int16Array.from({ length: 24_000 }, (_, i) =>
    Math.round((i > 8000 && i < 16_000 ? 3000 : 3) * random.normal()),
  );
}
const heard = (name: string, samples: Int16Array, noises: readonly Int16Array[] = []) =>
  conditionOf(name)!.apply(samples, noises);
/** dB of one frequency, by a naive DFT over the middle half. */
function levelAt(samples: Int16Array, hz: number): number {
  const middle = samples.subarray(samples.length / 4, (3 * samples.length) / 4);
  let [re, im] = [0, 0];
  middle.forEach((x, i) => {
    const window = 1 - Math.cos((2 * Math.PI * i) / middle.length);
    re += window * x * Math.cos((2 * Math.PI * hz * i) / RATE);
    im += window * x * Math.sin((2 * Math.PI * hz * i) / RATE);
  });
  return 20 * Math.log10((2 * Math.hypot(re, im)) / middle.length + 1e-9);
}
const power = (samples: Int16Array) => samples.reduce((sum, x) => sum + x * x, 0) / samples.length;
const decibel = (a: number, b: number) => 10 * Math.log10(a / b);
/** By how many samples the second is later than the first. */
function lag(first: Int16Array, second: Int16Array): number {
  let [best, at] = [-1, 0];
  for (let shift = -40; shift <= 40; shift++) {
    let sum = 0;
    for (let i = 100; i < first.length - 100; i++) sum += first[i] * second[i + shift];
    if (sum > best) [best, at] = [sum, shift];
  }
  return at;
}

for (const [name, edge] of [
  ['band8k', 4000],
  ['band11k', 5512],
  ['band12k', 6000],
] as const) {
  test(`${name} keeps the band, takes all above it, and moves nothing`, async () => {
    for (const hz of [100, 1000, 0.85 * edge]) {
      const change = levelAt(await heard(name, tone(hz)), hz) - levelAt(tone(hz), hz);
      assert.ok(Math.abs(change) < 0.3, `${hz} Hz changed by ${change} dB`);
    }
    for (const hz of [1.05 * edge, 1.2 * edge, 7500]) {
      const out = await heard(name, tone(hz));
      // Where the tone begins and ends there is sound of any frequency.
      const left = decibel(power(out.subarray(4000, 12_000)), power(tone(hz)));
      assert.ok(left < -60, `${hz} Hz, its aliases too: ${left} dB`);
    }
    const out = await heard(name, burst());
    assert.equal(out.length, burst().length);
    assert.equal(lag(burst(), out), 0);
  });
}

test('a telephone has neither bass nor treble, and the quantization of G.711', async () => {
  for (const name of ['telephone', 'telephone-alaw']) {
    const change = async (hz: number) => levelAt(await heard(name, tone(hz)), hz) - levelAt(tone(hz), hz);
    assert.ok((await change(100)) < -30);
    assert.ok((await change(7000)) < -50);
    assert.ok(Math.abs(await change(1000)) < 0.5);
    // G.711 has a signal to noise ratio of about 38 dB.
    const out = await heard(name, tone(1000));
    const own = 10 ** (levelAt(out, 1000) / 10) / 2;
    const noise = power(out.subarray(4000, 12_000)) - own;
    assert.ok(decibel(own, noise) > 30 && decibel(own, noise) < 45, `${decibel(own, noise)} dB`);
  }
});

/** What a decoder that was written and tested elsewhere makes of all 256 codes. */
async function decoded(tag: number): Promise<number[]> {
  const file = Buffer.alloc(44 + 256);
  file.write('RIFF', 0, 'latin1');
  file.writeUInt32LE(36 + 256, 4);
  file.write('WAVEfmt ', 8, 'latin1');
  file.writeUInt32LE(16, 16);
  file.writeUInt16LE(tag, 20);
  file.writeUInt16LE(1, 22);
  file.writeUInt32LE(RATE, 24);
  file.writeUInt32LE(RATE, 28);
  file.writeUInt16LE(1, 32);
  file.writeUInt16LE(8, 34);
  file.write('data', 36, 'latin1');
  file.writeUInt32LE(256, 40);
  for (let code = 0; code < 256; code++) file[44 + code] = code;
  const path = join(folder, `law${tag}.wav`);
  writeFileSync(path, file);
  return [...(await readAudioFile(path))];
}

test('mu-law and A-law give values that their decoders know, at most half a step away', async () => {
  for (const [tag, through, step] of [
    [7, throughMuLaw, 4],
    [6, throughALaw, 8],
  ] as const) {
    const values = await decoded(tag);
    for (let sample = -32_768; sample < 32_768; sample += 37) {
      const out = through(sample);
      assert.ok(values.includes(out), `${sample}: ${out} is no value of the decoder`);
      // Sixteen steps to an octave, and equal steps near zero; the largest value stands for all beyond it.
      const half = Math.max(step, (Math.abs(sample) + 132) / 32);
      assert.ok(Math.abs(out - sample) <= half + (Math.abs(sample) > 32_000 ? 256 : 0), `${sample}: ${out}`);
    }
    for (const value of values) assert.equal(through(value), value === 0 ? 0 : value);
  }
});

test('clip clips the share of the word that it says, and no more', async () => {
  for (const [name, share] of [
    ['clip', 0.1],
    ['clip30', 0.3],
  ] as const) {
    const out = await heard(name, burst());
    const counted = out.filter((x) => x === 32_767 || x === -32_768).length / 8000;
    // The region of the word begins a little before the burst, and ends a little after it.
    assert.ok(counted >= share && counted < 1.3 * share, `${counted}`);
  }
});

test('a gain is that gain, and stays within int16', async () => {
  assert.ok(Math.abs(decibel(power(await heard('gain-20', tone(500))), power(tone(500))) + 20) < 0.01);
  const loud = await heard('gain+30', tone(500));
  assert.equal(Math.max(...loud), 32_767);
  assert.equal(Math.min(...loud), -32_768);
});

test('noise lies as far below the word as its name says, by the noise alone', async () => {
  const noise = Int16Array.from({ length: 30_000 }, (_, i) => (i % 2 === 0 ? 900 : -900));
  const word = tone(400, 6000);
  const out = await heard('snr10', word, [noise]);
  const added = out.map((x, i) => x - word[i]);
  assert.ok(Math.abs(decibel(power(word), power(added)) - 10) < 0.1);
  await assert.rejects(heard('snr10', word, [new Int16Array(16_000)]), { code: 'WG_DATA_INVALID' });
});

test('codecs keep the sound in its place and lose some of it', async (t) => {
  if (!findOnPath('ffmpeg')) return t.skip('ffmpeg is not installed');
  for (const name of ['opus16k', 'mp3']) {
    const out = await heard(name, tone(700));
    assert.equal(out.length, RATE);
    assert.ok(Math.abs(levelAt(out, 700) - levelAt(tone(700), 700)) < 2, name);
    assert.notDeepEqual(out, tone(700));
  }
});

test('the same clip is always heard in the same way, and another clip in another', async () => {
  const noises = [1, 2, 3, 4].map((seed) => {
    const random = new Random(seed);
    return Int16Array.from({ length: 40_000 }, () => Math.round(1000 * random.normal()));
  });
  for (const name of ['snr10', 'far2m', 'clip', 'telephone']) {
    const first = await heard(name, burst(), noises);
    assert.deepEqual(await heard(name, burst(), noises), first, name);
  }
  const other = burst().map((x) => -x);
  const added = (out: Int16Array, of: Int16Array) => out.map((x, i) => x - of[i]);
  assert.notDeepEqual(
    added(await heard('snr10', other, noises), other),
    added(await heard('snr10', burst(), noises), burst()),
  );
});

test('names are read strictly', () => {
  for (const name of USUAL_CONDITIONS) assert.equal(conditionOf(name)?.name, name);
  for (const name of [
    '',
    'snr',
    'snr99',
    'band16k',
    'far9m',
    'opus1k',
    'clip0',
    'clip99',
    'gain',
    'gain-99',
    'mp3x',
  ]) {
    assert.equal(conditionOf(name), null, name);
  }
});
