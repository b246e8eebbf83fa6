import assert from 'node:assert/strict';
import { PassThrough, Readable } from 'node:stream';
import { test } from 'node:test';
import fc from 'fast-check';
import { RawCheck } from '../../src/audio/codecs/not-raw.js';
import { writeWav } from '../../src/audio/codecs/wav.js';
import { StdinSource, type StdinSourceOptions } from '../../src/audio/stdin-source.js';
import { WakegateError } from '../../src/errors.js';
import { correlation, s16le, voice } from '../support/signals.js';

async function collect(source: StdinSource): Promise<number[]> {
  const heard: number[] = [];
  for await (const { samples, startSample } of source) {
    assert.equal(startSample, heard.length);
    heard.push(...samples);
  }
  return heard;
}

function isFault(code: string): (error: unknown) => boolean {
  return (error) => error instanceof WakegateError && error.code === code;
}

test('16 kHz mono comes through as it is, however the bytes are cut', async () => {
  const samples = voice(16_000, 0.1);
  const bytes = s16le(samples);
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 700 }), { minLength: 1 }), async (sizes) => {
      const pieces: Buffer[] = [];
      for (let at = 0, i = 0; at < bytes.length; at += sizes[i++ % sizes.length]) {
        pieces.push(bytes.subarray(at, at + sizes[i % sizes.length]));
      }
      assert.deepEqual(await collect(new StdinSource(Readable.from(pieces))), [...samples]);
    }),
    { numRuns: 30 },
  );
});

test('half a sample at the end is left out', async () => {
  const bytes = Buffer.concat([s16le(Int16Array.of(1, -2, 3)), Buffer.from([9])]);
  assert.deepEqual(await collect(new StdinSource(Readable.from([bytes]))), [1, -2, 3]);
});

test('48 kHz stereo is averaged and resampled', async () => {
  const mono = voice(48_000, 0.5);
  const stereo = new Int16Array(mono.length * 2);
  for (let i = 0; i < mono.length; i++) {
    stereo[2 * i] = mono[i] / 2 + 1000;
    stereo[2 * i + 1] = mono[i] / 2 - 1000;
  }
  const bytes = s16le(stereo);
  const pieces = [bytes.subarray(0, 1001), bytes.subarray(1001)];
  const heard = await collect(new StdinSource(Readable.from(pieces), { rate: 48_000, channels: 2 }));
  assert.equal(heard.length, 8000);
  assert.ok(correlation(heard, voice(16_000, 0.5)) > 0.99);
});

test('nothing on stdin is WG_AUDIO_EMPTY, half a sample too', async () => {
  await assert.rejects(collect(new StdinSource(Readable.from([]))), isFault('WG_AUDIO_EMPTY'));
  await assert.rejects(
    collect(new StdinSource(Readable.from([Buffer.from([1])]))),
    isFault('WG_AUDIO_EMPTY'),
  );
});

test('a stream that breaks is WG_AUDIO_INVALID', async () => {
  const stream = new PassThrough();
  stream.write(Buffer.alloc(100));
  setImmediate(() => stream.destroy(new Error('the pipe burst')));
  await assert.rejects(
    collect(new StdinSource(stream)),
    (error) => isFault('WG_AUDIO_INVALID')(error) && /the pipe burst/.test((error as Error).message),
  );
});

test('rates and channels that cannot be are WG_USAGE', () => {
  const nonsense: StdinSourceOptions[] = [
    { rate: 0 },
    { rate: 7999 },
    { rate: 192_001 },
    { rate: Number.NaN },
    { rate: 16_000.5 },
    { channels: 0 },
    { channels: 9 },
    { channels: 1.5 },
  ];
  for (const options of nonsense) {
    assert.throws(
      () => new StdinSource(Readable.from([]), options),
      isFault('WG_USAGE'),
      JSON.stringify(options),
    );
  }
});

test('close ends the iteration while it waits for bytes', { timeout: 5000 }, async () => {
  const stream = new PassThrough();
  stream.write(s16le(new Int16Array(1280)));
  const source = new StdinSource(stream);
  let chunks = 0;
  for await (const _ of source) {
    chunks++;
    setImmediate(() => source.close());
  }
  assert.equal(chunks, 1);
  assert.ok(stream.destroyed);
  await source.close();
});

/** 64 bytes, at 16 kHz. */
const ADTS_FRAME = Buffer.concat([Buffer.from('fff160400800fc', 'hex'), Buffer.alloc(57, 0x21)]);

test('a file or floats in place of raw samples are refused with what they are, and how to make raw ones', async () => {
  const floats = Float32Array.from(voice(16_000, 1), (sample) => sample / 32_768);
  const mp3 = Buffer.alloc(4 * 104);
  for (let at = 0; at < mp3.length; at += 104) mp3.write('fffb1000', at, 'hex');
  for (const [bytes, says] of [
    [writeWav(voice(16_000, 1), 16_000), /a WAV file.*ffmpeg/],
    [mp3, /MP3/],
    [Buffer.from('ID3\x04\0\0\0\0\0\0\0\0'), /MP3 file with tags/],
    [Buffer.from(floats.buffer), /32-bit floats/],
    [Buffer.from(Float64Array.from(floats).buffer), /64-bit floats/],
    [s16le(voice(16_000, 1)).swap16(), /16-bit samples with the high byte first/],
    [Buffer.from(Uint8Array.from(voice(8000, 1), (sample) => (sample >> 8) + 128)), /8-bit samples/],
    [Buffer.concat([ADTS_FRAME, ADTS_FRAME, Buffer.alloc(100)]), /AAC/],
  ] as const) {
    const pieces = [bytes.subarray(0, 7), bytes.subarray(7)];
    await assert.rejects(
      collect(new StdinSource(Readable.from(pieces))),
      (error: unknown) =>
        error instanceof WakegateError && error.code === 'WG_AUDIO_UNSUPPORTED' && says.test(error.message),
    );
  }
});

test('raw sound of any loudness is never taken for something else', async () => {
  const sounds: Record<string, (i: number) => number> = {
    tone: (i) => 32_767 * Math.sin(i / 3),
    square: (i) => (Math.floor(i / 20) % 2 === 0 ? 30_000 : -30_000),
    'noise at full volume that is clipped': (i) => Math.max(-32_768, Math.min(32_767, 20_000 * normal(i))),
    'noise of a few bits': (i) => 4 * normal(i),
    'noise of the lowest bit': (i) => Math.round(normal(i)) & 1,
    'of 8 bits': (i) => 256 * Math.round(40 * normal(i)),
    'of 8 bits and loud': (i) => 256 * Math.round(90 * Math.sin(i / 7)),
    'with an offset': (i) => 3000 + 50 * normal(i),
    'with a silent channel': (i) => (i % 2 === 0 ? 0 : 3000 * normal(i)),
  };
  for (const [what, at] of Object.entries(sounds)) {
    const samples = Int16Array.from({ length: 512 }, (_, i) => at(i));
    assert.equal(new RawCheck().push(s16le(samples)), null, what);
  }
  for (const gain of [0.001, 0.1, 0.5, 1]) {
    for (const rate of [8000, 16_000, 48_000]) {
      const samples = voice(rate, 1).map((sample) => sample * gain);
      for (let at = 0; at + 1024 < samples.length; at += 777) {
        assert.equal(new RawCheck().push(s16le(samples.subarray(at))), null);
      }
    }
  }
});

/** Normally distributed, by the sum of twelve uniform numbers; the same for each run. */
function normal(i: number): number {
  let sum = -6;
  for (let k = 1; k <= 12; k++) sum += Math.abs(Math.sin(12.9898 * (i * 12 + k)) * 43_758.5453) % 1;
  return sum;
}
