import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { decodeBytes } from '../../../src/audio/codecs/decode.js';
import { writeWav } from '../../../src/audio/codecs/wav.js';
import { resampled } from '../../../src/audio/resample.js';
import { flacBomb, mp3Headers, oggFlacBomb } from '../../../test/support/hostile-audio.js';
import { mutate } from '../mutate.js';
import type { FuzzTarget } from '../target.js';

/** Sound of each file that is decoded, in samples at 16 kHz. */
const MOST_SAMPLES = 16_000 * 5;

/** Files of all kinds of sound. Those in the folder WAKEGATE_DATA/fuzz, where there is one, are altered too. */
export const audio: FuzzTarget = {
  name: 'audio',
  code: ['/src/audio/'],
  mutate,

  seeds() {
    const tone = Int16Array.from({ length: 800 }, (_, i) => Math.round(8000 * Math.sin(i / 5)));
    const made = [writeWav(tone, 16_000), flacBomb(1), oggFlacBomb(1), mp3Headers(104 * 4)];
    const folder = join(process.env.WAKEGATE_DATA ?? '../shared/data', 'fuzz');
    try {
      return [...made, ...readdirSync(folder).map((name) => readFileSync(join(folder, name)))];
    } catch {
      return made;
    }
  },

  async read(input, pause) {
    let samples = 0;
    for await (const block of resampled(decodeBytes(whole(input), 'x'))) {
      pause();
      samples += block.length;
      if (samples > MOST_SAMPLES) break;
    }
  },
};

async function* whole(bytes: Buffer): AsyncGenerator<Uint8Array> {
  yield bytes;
}
