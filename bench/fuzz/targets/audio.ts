import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { decodeBytes } from '../../../src/audio/codecs/decode.js';
import { writeWav } from '../../../src/audio/codecs/wav.js';
import { resampled } from '../../../src/audio/resample.js';
import { flacBomb, mp3Headers, oggFlacBomb, oggOpusOfNothing } from '../../../test/support/hostile-audio.js';
import { vorbisOfHugeBooks } from '../../../test/support/hostile-containers.js';
import { block, webm } from '../../../test/support/webm-bytes.js';
import { mutate } from '../mutate.js';
import type { FuzzTarget } from '../target.js';

/** Sound of each file that is decoded, in samples at 16 kHz. */
const MOST_SAMPLES = 16_000 * 5;

/**
 * What real encoders make of 0.12 s of a tone and noise, for codecs that are too large to be written by hand: ffmpeg 5.1, `-f lavfi -i
 * sine=440:d=0.12:r=16000 -f lavfi -i anoisesrc=d=0.12:r=16000:a=0.2 -filter_complex amix=2`, without metadata.
 */
const SEEDS = fileURLToPath(new URL('../../../../bench/fuzz/seeds', import.meta.url));

/** Files of all kinds of sound. Those in the folder WAKEGATE_DATA/fuzz, where there is one, are altered too. */
export const audio: FuzzTarget = {
  name: 'audio',
  code: ['/src/audio/'],
  mutate,

  seeds() {
    const tone = Int16Array.from({ length: 800 }, (_, i) => Math.round(8000 * Math.sin(i / 5)));
    const made = [
      writeWav(tone, 16_000),
      aiff(tone),
      flacBomb(1),
      oggFlacBomb(1),
      oggOpusOfNothing(),
      mp3Headers(104 * 4),
      webm([0, 2, 4, 6].map((flags) => block(flags, OPUS_PACKETS))),
      vorbisOfHugeBooks(1, 4),
      ...filesIn(SEEDS),
    ];
    const folder = join(process.env.WAKEGATE_DATA ?? '../shared/data', 'fuzz');
    try {
      return [...made, ...filesIn(folder)];
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

/** The number of packets less one, and noise, which is sound to an Opus decoder, and sizes to whoever shares a block out. */
const OPUS_PACKETS = Uint8Array.from({ length: 61 }, (_, i) => (i < 2 ? [1, 0xf8][i] : (i * 37) % 251));

/** 16 bits, mono, at 16 kHz. */
function aiff(samples: Int16Array): Buffer {
  const sound = Buffer.from(samples.slice().buffer).swap16();
  const common = Buffer.from('434f4d4d000000120001000000000010400cfa00000000000000', 'hex');
  common.writeUInt32BE(samples.length, 10);
  const head = Buffer.from('53534e44000000000000000000000000', 'hex');
  head.writeUInt32BE(sound.length + 8, 4);
  const form = Buffer.from('464f524d0000000041494646', 'hex');
  form.writeUInt32BE(4 + common.length + head.length + sound.length, 4);
  return Buffer.concat([form, common, head, sound]);
}

function filesIn(folder: string): Buffer[] {
  return readdirSync(folder).map((name) => readFileSync(join(folder, name)));
}

async function* whole(bytes: Buffer): AsyncGenerator<Uint8Array> {
  yield bytes;
}
