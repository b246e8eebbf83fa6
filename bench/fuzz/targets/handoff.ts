import { crc32 } from 'node:zlib';
import { HandoffDecoder, HandoffEncoder } from '../../../src/gate/handoff.js';
import type { ModelPack } from '../../../src/model/index.js';
import { mutate } from '../mutate.js';
import type { FuzzTarget } from '../target.js';

const CHECKSUM_BYTES = 4;
/** Magic, version and fingerprint. */
const FIXED_BYTES = 6;

/** Messages to the classifier, mostly with a checksum that is right: it would stop nearly all of them. */
export function handoff({ compression, fingerprint, handoff: { windowSteps } }: ModelPack): FuzzTarget {
  const encoder = new HandoffEncoder(compression, fingerprint, windowSteps);
  const decoder = new HandoffDecoder(compression, fingerprint, windowSteps);
  const levelsOf = (level: (index: number) => number) =>
    Uint8Array.from(
      { length: windowSteps * compression.channels },
      (_, i) => level(i) % (compression.maxLevel + 1),
    );
  const seed = encoder.encode(
    { streamId: 0, step: 20, endSample: 1280 },
    levelsOf(() => 0),
  );
  return {
    name: 'handoff',
    code: ['/src/gate/handoff.js', '/src/gate/range-coder.js'],

    seeds: () => [
      Buffer.from(seed),
      Buffer.from(
        encoder.encode(
          { streamId: 300, step: 2 ** 40, endSample: Number.MAX_SAFE_INTEGER },
          levelsOf((i) => i * i),
        ),
      ),
    ],

    mutate(corpus) {
      const message = mutate(corpus);
      const end = message.length - CHECKSUM_BYTES;
      if (end < FIXED_BYTES || Math.random() < 0.1) return message;
      if (Math.random() < 0.9) message.set(seed.subarray(0, FIXED_BYTES));
      message.writeUInt32LE(crc32(message.subarray(0, end)), end);
      return message;
    },

    async read(input) {
      const { levels, streamId, step, endSample } = decoder.decode(input);
      if (levels.some((level) => level > compression.maxLevel)) throw new Error('a level over the highest');
      if (![streamId, step, endSample].every(Number.isSafeInteger))
        throw new Error('a number that is not whole');
    },
  };
}
