import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { checkRawFormat, RawPcmConverter } from '../../../src/audio/codecs/raw-pcm.js';
import { AudioDecoding, type DecodedAudio } from '../../../src/audio/decoding/audio-decoding.js';
import { DecodingThread } from '../../../src/audio/decoding/thread.js';
import { encodedBlocks } from '../../../src/audio/encoded-blocks.js';
import { rechunk } from '../../../src/audio/rechunk.js';
import { WakegateError } from '../../../src/errors.js';
import { flacBomb } from '../../support/hostile-audio.js';
import { s16le, voice } from '../../support/signals.js';
import { wavBytes } from '../../support/wav-bytes.js';

async function* cut(bytes: Uint8Array, pieceBytes: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += pieceBytes) yield bytes.subarray(at, at + pieceBytes);
}

async function samplesOf(
  audio: AsyncIterable<{ samples: Int16Array; startSample: number }>,
): Promise<number[]> {
  const all: number[] = [];
  for await (const { samples, startSample } of audio) {
    assert.equal(startSample, all.length);
    all.push(...samples);
  }
  return all;
}

function fault(code: string, message: RegExp): (error: unknown) => boolean {
  return (error) => error instanceof WakegateError && error.code === code && message.test(error.message);
}

const wav = wavBytes(
  Float64Array.from(voice(44_100, 2), (sample) => sample / 32_768),
  {
    tag: 1,
    bits: 16,
    rate: 44_100,
    channels: 1,
  },
);

test('the samples are those that are decoded in place, to the last bit, and one thread does it', async (t) => {
  const decoding = new AudioDecoding();
  t.after(() => decoding.close());
  const expected = await samplesOf(rechunk(encodedBlocks(cut(wav, 9999), { name: 'x', raw: null }), 1280));
  for (const pieceBytes of [999, 200_000]) {
    const audio = decoding.decode(cut(wav, pieceBytes), { name: 'x' });
    assert.deepEqual(await samplesOf(audio), expected);
    assert.equal(audio.warning, null);
  }
  const raw = { rate: 48_000, channels: 2, channel: 2 };
  const bytes = s16le(voice(48_000, 1));
  const inPlace = await samplesOf(
    rechunk(encodedBlocks(cut(bytes, 4001), { name: 'x', raw: checkRawFormat(raw) }), 1280),
  );
  assert.deepEqual(await samplesOf(decoding.decode(cut(bytes, 4001), { name: 'x', raw })), inPlace);
  assert.equal(decoding.threads, 1);
});

test('streams share one thread, and get what a converter of their own would give', async (t) => {
  const decoding = new AudioDecoding();
  t.after(() => decoding.close());
  const pieces = [...Array(5)].map((_, i) => s16le(voice(8000, 0.5)).subarray(0, 4001 + i));
  await Promise.all(
    Array.from({ length: 8 }, async (_, n) => {
      const format = checkRawFormat({ rate: n % 2 === 0 ? 8000 : 44_100 });
      const own = await RawPcmConverter.create(format);
      const converter = await decoding.converter(format, 'x');
      for (const piece of pieces) assert.deepEqual(await converter.push(piece), own.push(piece).slice());
      assert.deepEqual(await converter.flush(), own.flush().slice());
      converter.close();
      own.close();
    }),
  );
  assert.equal(decoding.threads, 1);
  const plain = await decoding.converter({}, 'x');
  assert.deepEqual(plain.push(s16le(Int16Array.of(1, 2, 3))), Int16Array.of(1, 2, 3));
});

test('faults come as they are decoded in place, and the thread takes the next', async (t) => {
  const decoding = new AudioDecoding();
  t.after(() => decoding.close());
  const all = (bytes: Uint8Array, options = {}) =>
    samplesOf(decoding.decode(cut(bytes, 5000), { name: 'x', ...options }));
  await assert.rejects(
    all(Buffer.from('hello, this is text')),
    fault('WG_AUDIO_UNSUPPORTED', /x is not audio/),
  );
  await assert.rejects(all(Buffer.alloc(0)), fault('WG_AUDIO_EMPTY', /x is empty/));
  await assert.rejects(all(wav, { channel: 2 }), fault('WG_USAGE', /only one/));
  await assert.rejects(
    async () => samplesOf(decoding.decode(failing(), { name: 'x' })),
    (error: Error) => error.message === 'the sender went away',
  );
  const short = decoding.decode(cut(wav.subarray(0, 100_000), 5000), { name: 'x' });
  assert.ok((await samplesOf(short)).length > 10_000);
  assert.match(short.warning ?? '', /x ends inside its data chunk.*was heard/);
});

async function* failing(): AsyncGenerator<Uint8Array> {
  yield wav.subarray(0, 1000);
  throw new Error('the sender went away');
}

test('nothing is decoded ahead of who listens, and pieces are asked for one at a time', async (t) => {
  const decoding = new AudioDecoding();
  t.after(() => decoding.close());
  const bomb = flacBomb(1500);
  let taken = 0;
  async function* counted(): AsyncGenerator<Uint8Array> {
    for await (const piece of cut(bomb, 500)) {
      taken += piece.length;
      yield piece;
    }
  }
  let chunks = 0;
  for await (const _ of decoding.decode(counted(), { name: 'bomb' })) {
    if (++chunks === 20) break;
    await sleep(5);
  }
  // 20 chunks are 1.6 s, and the thread may be a second ahead: a few frames of 40 bytes. FLAC is looked at 16 KiB at once.
  assert.ok(taken <= 17_000, `${taken} of ${bomb.length} bytes were taken`);
});

test('a thread that has nothing to do is ended', async (t) => {
  const decoding = new AudioDecoding({ idleMs: 20 });
  t.after(() => decoding.close());
  await samplesOf(decoding.decode(cut(wav, 50_000), { name: 'x' }));
  const converter = await decoding.converter({ rate: 8000 }, 'x');
  assert.equal(decoding.threads, 2);
  converter.close();
  while (decoding.threads > 0) await sleep(5);
  assert.ok((await samplesOf(decoding.decode(cut(wav, 50_000), { name: 'x' }))).length > 0);
});

test('more files than threads wait for each other', async (t) => {
  const decoding = new AudioDecoding();
  t.after(() => decoding.close());
  const lengths = await Promise.all(
    Array.from(
      { length: 9 },
      async () => (await samplesOf(decoding.decode(cut(wav, 9999), { name: 'x' }))).length,
    ),
  );
  assert.deepEqual(new Set(lengths), new Set([32_000]));
  assert.ok(decoding.threads <= 4);
});

test('what gives no sign in time is refused and its thread ended; the job next to it is not touched', async (t) => {
  const decoding = new AudioDecoding({ stallMs: 1 });
  t.after(() => decoding.close());
  // No thread starts within a millisecond.
  await assert.rejects(
    samplesOf(decoding.decode(cut(wav, 9999), { name: 'x' })),
    fault('WG_AUDIO_TOO_COSTLY', /x takes more time/),
  );
  assert.equal(decoding.threads, 0);
});

test('a thread that needs more memory than it may have ends alone, with a sentence', async (t) => {
  let ended = 0;
  const thread = new DecodingThread(() => ended++);
  t.after(() => thread.end());
  const faults = await new Promise<WakegateError>((resolve) => {
    thread.open(1, { name: 'x', onMessage: () => {}, onFault: resolve });
    // More objects than the heap of the thread may hold.
    const name = Array.from({ length: 2_000_000 }, () => [0]) as never;
    const request = { name, raw: null, channel: 0 };
    thread.send({ kind: 'decode', job: 1, request }, true);
  });
  assert.equal(faults.code, 'WG_AUDIO_TOO_COSTLY');
  assert.match(faults.message, /memory/);
  assert.equal(ended, 1);
});

test('closing fails what is being decoded', async () => {
  const decoding = new AudioDecoding();
  const audio: DecodedAudio = decoding.decode(endless(), { name: 'x' });
  const failed = assert.rejects(samplesOf(audio), fault('WG_NOT_READY', /stopping/));
  await sleep(50);
  await decoding.close();
  await failed;
});

async function* endless(): AsyncGenerator<Uint8Array> {
  yield wav.subarray(0, 1000);
  await new Promise(() => {});
}
