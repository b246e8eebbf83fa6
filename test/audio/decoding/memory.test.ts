import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { AudioDecoding } from '../../../src/audio/decoding/audio-decoding.js';
import { flacBomb, oggFlacBomb, wavOfChannels } from '../../support/hostile-audio.js';

const AT_A_TIME = 4;
/** Of the promise, for each. */
const MOST_BYTES = 32 * 1024 * 1024;

/** Of the process, in bytes: the most that it ever had, and what it has. */
function resident(): { readonly most: number; readonly now: number } {
  const status = readFileSync('/proc/self/status', 'utf8');
  const bytes = (name: string) => 1024 * Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)![1]);
  return { most: bytes('VmHWM'), now: bytes('VmRSS') };
}

async function* once(bytes: Buffer): AsyncGenerator<Uint8Array> {
  yield bytes;
}

const skip = process.platform === 'linux' ? false : 'only Linux says what a process has held';

test('as many files as are decoded at a time hold 32 MB each at most, threads included', {
  skip,
}, async (t) => {
  const decoding = new AudioDecoding();
  t.after(() => decoding.close());
  const { now } = resident();
  // Frames of 65 535 samples of 8 channels, and 32 channels of sound.
  const wav = wavOfChannels(32, 200_000);
  for (const bytes of [flacBomb(8), oggFlacBomb(8), wav]) {
    await Promise.all(
      Array.from({ length: AT_A_TIME }, async () => {
        let samples = 0;
        for await (const chunk of decoding.decode(once(bytes), { name: 'x' }))
          samples += chunk.samples.length;
        assert.ok(samples > 0);
      }),
    );
  }
  const growth = resident().most - now;
  assert.ok(growth < AT_A_TIME * MOST_BYTES, `${(growth / 2 ** 20).toFixed(0)} MB`);
});
