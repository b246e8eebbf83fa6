import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeBytes } from '../../../src/audio/codecs/decode.js';
import { resampled } from '../../../src/audio/resample.js';
import { WakegateError } from '../../../src/errors.js';
import {
  flacBomb,
  flacHeaders,
  flacOfManyRates,
  mp3Headers,
  oggFlacBomb,
  wavOfChannels,
} from '../../support/hostile-audio.js';

async function* whole(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

/** Bytes in pieces of 4 KiB, and how many of them were asked for. */
class Counted {
  taken = 0;
  readonly pieces: AsyncIterable<Uint8Array>;

  constructor(bytes: Uint8Array) {
    this.pieces = this.#cut(bytes);
  }

  async *#cut(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < bytes.length; at += 4096) {
      this.taken = Math.min(bytes.length, at + 4096);
      yield bytes.subarray(at, at + 4096);
    }
  }
}

function fault(code: string, message: RegExp): (error: unknown) => boolean {
  return (error) => error instanceof WakegateError && error.code === code && message.test(error.message);
}

async function drain(bytes: Uint8Array): Promise<number> {
  let samples = 0;
  for await (const block of resampled(decodeBytes(whole(bytes), 'x'))) samples += block.length;
  return samples;
}

for (const [kind, bomb] of [
  ['FLAC', flacBomb],
  ['FLAC in Ogg', oggFlacBomb],
] as const) {
  test(`${kind} that unfolds to millions of samples comes one frame at a time, in bounded blocks`, async () => {
    const file = bomb(1500);
    assert.ok(file.length < 80_000);
    const source = new Counted(file);
    let samples = 0;
    for await (const block of decodeBytes(source.pieces, 'bomb')) {
      assert.equal(block.samples.length, 65_535);
      assert.ok(Math.abs(block.samples[1000] - 0x1234 / 32_768) < 1e-7);
      samples += block.samples.length;
      if (samples > 10 * 65_535) break;
    }
    assert.ok(source.taken <= 24_576, `${source.taken} bytes were taken for 11 frames`);
    for await (const block of resampled(decodeBytes(whole(bomb(2, 1000)), 'bomb'))) {
      assert.ok(block.length <= 16 * 8192 + 64, `${block.length} samples at once`);
    }
  });
}

test('bytes that look like FLAC frames are refused at the first', async () => {
  const source = new Counted(flacHeaders(2_000_000));
  await assert.rejects(
    async () => {
      for await (const _ of decodeBytes(source.pieces, 'x'));
    },
    fault('WG_AUDIO_INVALID', /damaged at byte 42/),
  );
  assert.ok(source.taken <= 20_480, `${source.taken} bytes were taken`);
});

test('bytes that look like MP3 frames give silence at their own pace, or are refused early', async () => {
  const source = new Counted(mp3Headers(2_000_000));
  let samples = 0;
  try {
    for await (const block of decodeBytes(source.pieces, 'x')) samples += block.samples.length;
  } catch (error) {
    assert.ok(fault('WG_AUDIO_INVALID', /./)(error));
  }
  // A frame of MPEG-1 layer 3 has 1152 samples, here in 104 bytes; 64 may give nothing.
  assert.ok(
    source.taken / 104 <= samples / 1152 + 64 + 4096,
    `${source.taken} bytes gave ${samples} samples`,
  );
});

test('more channels than any recorder has are refused before any sample is read', async () => {
  for (const channels of [33, 255, 65_535]) {
    await assert.rejects(drain(wavOfChannels(channels)), fault('WG_AUDIO_UNSUPPORTED', /up to 32/));
  }
  assert.equal(await drain(wavOfChannels(32)), 1);
});

test('a sample rate that changes all the time is refused', async () => {
  await assert.rejects(drain(flacOfManyRates(40)), fault('WG_AUDIO_INVALID', /changes more than 4 times/));
  assert.ok((await drain(flacOfManyRates(4))) > 0);
});
