import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { after, test } from 'node:test';
import { AudioDecoding } from '../../../src/audio/decoding/audio-decoding.js';
import { WakegateError } from '../../../src/errors.js';
import { flacBomb } from '../../support/hostile-audio.js';
import {
  aiffOfHugeCommon,
  aiffOfManyFrames,
  mp3OfManyRates,
  mp4OfNestedBoxes,
  oggOfManyStreams,
  vorbisOfHugeBooks,
  wavOfManyChunks,
  webmOfAbsurdSize,
  webmOfNothing,
} from '../../support/hostile-containers.js';

const MOST_BYTES = 32 * 1024 * 1024;
const decoding = new AudioDecoding();
after(() => decoding.close());

/** Of the process, in bytes, from one moment to another: the most that it had more than at the first. */
function watchMemory(): () => number {
  writeFileSync('/proc/self/clear_refs', '5'); // the peak begins again
  const bytes = (name: string) =>
    1024 * Number(new RegExp(`${name}:\\s+(\\d+)`).exec(readFileSync('/proc/self/status', 'utf8'))![1]);
  const before = bytes('VmRSS');
  return () => bytes('VmHWM') - before;
}

/** @returns samples, and what is wrong */
async function decode(bytes: Buffer): Promise<[samples: number, code: string | null]> {
  async function* pieces(): AsyncGenerator<Uint8Array> {
    yield bytes;
  }
  let samples = 0;
  try {
    for await (const chunk of decoding.decode(pieces(), { name: 'x' })) samples += chunk.samples.length;
    return [samples, null];
  } catch (error) {
    if (!(error instanceof WakegateError)) throw error;
    assert.match(error.message, /^(x|the sample rate) .{10}/);
    return [samples, error.code];
  }
}

const FILES: [what: string, bytes: Buffer, samples: number, code: string | null][] = [
  ['a Vorbis code book of 4 million entries', vorbisOfHugeBooks(1, 22), 0, 'WG_AUDIO_INVALID'],
  ['256 Vorbis code books of 262 144 entries', vorbisOfHugeBooks(256, 18), 0, 'WG_AUDIO_INVALID'],
  ['40 streams of Opus one after the other', oggOfManyStreams(40), 40 * 40, null],
  ['20 000 empty WebM elements', webmOfNothing(20_000), 0, 'WG_AUDIO_EMPTY'],
  ['a WebM element of 2 ** 55 bytes', webmOfAbsurdSize(), 0, 'WG_AUDIO_INVALID'],
  ['MP4 boxes 10 000 deep', mp4OfNestedBoxes(10_000), 0, 'WG_AUDIO_UNSUPPORTED'],
  ['an AIFF description of 4 GB', aiffOfHugeCommon(), 0, 'WG_AUDIO_INVALID'],
  ['AIFF that promises 4 billion frames of 32 channels', aiffOfManyFrames(), 15_625, null],
  ['FLAC of 8 channels at 655 kHz', flacBomb(4, 655_350), 0, 'WG_AUDIO_UNSUPPORTED'],
  ['10 000 empty WAV chunks before the sound', wavOfManyChunks(10_000), 16_000, null],
  ['MP3 frames of five rates in turn', mp3OfManyRates(100), 0, 'WG_AUDIO_INVALID'],
];
const skip = process.platform === 'linux' ? false : 'only Linux says what a process has held';

for (const [what, bytes, samples, code] of FILES) {
  test(`${what}: decoded, or refused in a sentence, in 32 MB`, { skip }, async () => {
    const growth = watchMemory();
    const [heard, refused] = await decode(bytes);
    assert.equal(refused, code);
    if (code === null) assert.equal(heard, samples);
    assert.ok(growth() < MOST_BYTES, `${(growth() / 2 ** 20).toFixed(1)} MiB`);
  });
}
