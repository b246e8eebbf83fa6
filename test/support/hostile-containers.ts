import { oggPage } from './hostile-audio.js';
import { chunk, fmt, riff } from './wav-bytes.js';
import { element } from './webm-bytes.js';

/** Files whose structure promises, or takes, far more than there is in them. */

/** Bits as Vorbis packs them: the lowest first. */
class VorbisBits {
  readonly #bits: number[] = [];

  write(value: number, count: number): this {
    for (let bit = 0; bit < count; bit++) this.#bits.push(Math.floor(value / 2 ** bit) & 1);
    return this;
  }

  bytes(): Buffer {
    const bytes = Buffer.alloc(Math.ceil(this.#bits.length / 8));
    for (const [at, bit] of this.#bits.entries()) bytes[at >> 3] |= bit << (at & 7);
    return bytes;
  }
}

/**
 * Ogg Vorbis whose setup describes code books of 2 ** `lengthBits` entries, each in ten bytes (Vorbis I, section 3.2.1).
 */
export function vorbisOfHugeBooks(books: number, lengthBits: number): Buffer {
  const identification = Buffer.from('\x01vorbis\0\0\0\0\x01\x80\x3e\0\0', 'latin1');
  const sizes = Buffer.from([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xb8, 1]);
  const bits = new VorbisBits().write(books - 1, 8);
  for (let book = 0; book < books; book++) {
    bits
      .write(0x56_4342, 24)
      .write(1, 16)
      .write(2 ** lengthBits, 24)
      .write(1, 1);
    bits
      .write(lengthBits - 1, 5)
      .write(2 ** lengthBits, lengthBits + 1)
      .write(0, 4);
  }
  const setup = Buffer.concat([Buffer.from('\x05vorbis'), bits.bytes(), Buffer.alloc(64)]);
  const comment = Buffer.from('\x03vorbis\0\0\0\0\0\0\0\0\x01', 'latin1');
  return Buffer.concat([
    oggPage(2, 0, 0, [Buffer.concat([identification, sizes])]),
    oggPage(0, 1, 0, [comment, setup]),
    oggPage(4, 2, 960, [Buffer.of(0, 0, 0, 0)]),
  ]);
}

/** Ogg in which one stream of Opus with a packet of sound follows the other. */
export function oggOfManyStreams(streams: number): Buffer {
  const head = Buffer.from('OpusHead\x01\x01\x00\x00\x80\xbb\x00\x00\x00\x00\x00', 'latin1');
  const tags = Buffer.from('OpusTags\0\0\0\0\0\0\0\0', 'latin1');
  const one = [oggPage(2, 0, 0, [head]), oggPage(0, 1, 0, [tags]), oggPage(4, 2, 120, [Buffer.of(0xe0, 0)])];
  return Buffer.concat(Array.from({ length: streams }, () => one).flat());
}

/** WebM of elements without content, two bytes each, or of one that promises 2 ** 55 bytes. */
export function webmOfNothing(elements: number): Buffer {
  const head = Buffer.concat([
    element('1a45dfa3', Buffer.alloc(0)),
    Buffer.from('1853806701ffffffffffffff', 'hex'),
  ]);
  return Buffer.concat([head, Buffer.alloc(2 * elements, 'ec80', 'hex')]);
}
export function webmOfAbsurdSize(): Buffer {
  const head = element('1a45dfa3', Buffer.alloc(0));
  return Buffer.concat([
    head,
    Buffer.from('1853806701ffffffffffffff', 'hex'),
    Buffer.from('ec0180000000000000', 'hex'),
    Buffer.alloc(1000),
  ]);
}

/** MP4 whose boxes lie in one another. */
export function mp4OfNestedBoxes(depth: number): Buffer {
  const boxes = Buffer.alloc(8 * depth);
  for (let at = 0; at < depth; at++) {
    boxes.writeUInt32BE(8 * (depth - at), 8 * at);
    boxes.write('moov', 8 * at + 4, 'latin1');
  }
  return Buffer.concat([Buffer.from('000000186674797069736f6d000002006d703431', 'hex'), boxes]);
}

/** AIFF whose description promises 4 GB, or whose sound promises 4 billion frames of 32 channels. */
export function aiffOfHugeCommon(): Buffer {
  return Buffer.concat([
    Buffer.from('464f524dffffffff41494646434f4d4dffffffff', 'hex'),
    Buffer.alloc(300_000, 1),
  ]);
}
export function aiffOfManyFrames(): Buffer {
  const common = '434f4d4d000000120020ffffffff0020400cfa00000000000000';
  return Buffer.concat([
    Buffer.from(`464f524dffffffff41494646${common}53534e44ffffffff0000000000000000`, 'hex'),
    Buffer.alloc(2_000_000, 7),
  ]);
}

/** WAV of chunks without content, before its sound. */
export function wavOfManyChunks(chunks: number): Buffer {
  const junk = Buffer.alloc(8 * chunks, Buffer.from('junk\0\0\0\0', 'latin1'));
  const sound = [
    fmt({ tag: 1, bits: 16, rate: 16_000, channels: 1 }),
    junk,
    chunk('data', Buffer.alloc(32_000)),
  ];
  return riff(sound);
}

/** MP3 frames of nothing, each at another rate of MPEG-1, 2 and 2.5 than the one before. */
export function mp3OfManyRates(frames: number): Buffer {
  // Headers of layer 3 at 64 kbit/s in mono, and how long such a frame is.
  const kinds: [header: string, bytes: number][] = [
    ['fffb50c0', 208],
    ['fffb54c0', 192],
    ['fff384c0', 192],
    ['fff388c0', 288],
    ['ffe384c0', 384],
  ];
  return Buffer.concat(
    Array.from({ length: frames }, (_, n) => {
      const [header, bytes] = kinds[n % kinds.length];
      return Buffer.concat([Buffer.from(header, 'hex'), Buffer.alloc(bytes - 4)]);
    }),
  );
}
