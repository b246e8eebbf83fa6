import { chunk, fmt, riff } from './wav-bytes.js';

/** Small bodies that promise, or unfold to, far more than they are. Checksums are right, computed bit by bit. */

/** A FLAC file of frames of 65 535 samples in each of 8 channels, in about 40 bytes each. */
export function flacBomb(frames: number, rate = 44_100): Buffer {
  return Buffer.concat([Buffer.from('fLaC'), streamInfo(rate, true), ...flacFrames(frames)]);
}

/** The same frames as packets of an Ogg stream. */
export function oggFlacBomb(frames: number, rate = 44_100): Buffer {
  const head = Buffer.concat([Buffer.from('\x7fFLAC\x01\x00\x00\x00fLaC', 'latin1'), streamInfo(rate, true)]);
  const pages = [oggPage(2, 0, 0, [head])];
  const packets = flacFrames(frames);
  for (let at = 0; at < packets.length; at += 100) {
    const isLast = at + 100 >= packets.length;
    pages.push(oggPage(isLast ? 4 : 0, pages.length, (at + 100) * 65_535, packets.slice(at, at + 100)));
  }
  return Buffer.concat(pages);
}

/** Ogg Opus with a packet that no encoder makes, of which the decoder complains on the console. */
export function oggOpusOfNothing(): Buffer {
  const head = Buffer.from('OpusHead\x01\x01\x00\x00\x80\xbb\x00\x00\x00\x00\x00', 'latin1');
  const tags = Buffer.from('OpusTags\0\0\0\0\0\0\0\0', 'latin1');
  return Buffer.concat([
    oggPage(2, 0, 0, [head]),
    oggPage(0, 1, 0, [tags]),
    oggPage(4, 2, 960, [Buffer.of(0xff, 0xff, 0xff)]),
  ]);
}

/** A FLAC header, then what looks like the beginning of a frame again and again. */
export function flacHeaders(bytes: number): Buffer {
  return Buffer.concat([
    Buffer.from('fLaC'),
    streamInfo(44_100, true),
    Buffer.alloc(bytes, 'fff87918', 'hex'),
  ]);
}

/** MP3 frame headers with nothing between them: 192 bytes a frame of MPEG-1 layer 3, all of the same header. */
export function mp3Headers(bytes: number): Buffer {
  return Buffer.alloc(bytes, 'fffb1000', 'hex');
}

export function wavOfChannels(channels: number, frames = 1): Buffer {
  const data = Buffer.alloc(2 * channels * frames);
  return riff([fmt({ tag: 1, bits: 16, rate: 16_000, channels }), chunk('data', data)]);
}

/** A FLAC file whose frames take turns in having one of two rates. */
export function flacOfManyRates(frames: number): Buffer {
  const all = Array.from({ length: frames }, (_, i) => flacFrame(i, 16, i % 2 === 0 ? 8000 : 11_025));
  return Buffer.concat([Buffer.from('fLaC'), streamInfo(8000, true), ...all]);
}

function flacFrames(count: number): Buffer[] {
  return Array.from({ length: count }, (_, number) => flacFrame(number, 65_535, null));
}

/** Of 8 channels, each one value all the time. @param rate null for that of the stream */
function flacFrame(number: number, samples: number, rate: number | null): Buffer {
  const sizeAndRate = 0x70 | (rate === null ? 0 : 13);
  const header = [
    0xff,
    0xf8,
    sizeAndRate,
    0x78,
    ...codedNumber(number),
    (samples - 1) >> 8,
    (samples - 1) & 0xff,
  ];
  if (rate !== null) header.push(rate >> 8, rate & 0xff);
  header.push(remainder(header, 8, 0x07));
  const body = [...header, ...Array.from({ length: 8 }, () => [0x00, 0x12, 0x34]).flat()];
  const check = remainder(body, 16, 0x8005);
  return Buffer.from([...body, check >> 8, check & 0xff]);
}

function codedNumber(number: number): number[] {
  if (number < 0x80) return [number];
  if (number < 0x800) return [0xc0 | (number >> 6), 0x80 | (number & 0x3f)];
  return [0xe0 | (number >> 12), 0x80 | ((number >> 6) & 0x3f), 0x80 | (number & 0x3f)];
}

/** The STREAMINFO block with its header: 8 channels of 16 bits, of unknown length. */
function streamInfo(rate: number, isLast: boolean): Buffer {
  const block = Buffer.alloc(38);
  block.writeUInt32BE((isLast ? 0x8000_0000 : 0) + 34);
  block.writeUInt16BE(16, 4);
  block.writeUInt16BE(65_535, 6);
  block.writeUInt32BE(((rate << 12) | (7 << 9) | (15 << 4)) >>> 0, 14);
  return block;
}

export function oggPage(
  flags: number,
  sequence: number,
  granule: number,
  packets: readonly Buffer[],
): Buffer {
  const lacing = packets.flatMap(({ length }) => [
    ...Array(Math.floor(length / 255)).fill(255),
    length % 255,
  ]);
  const header = Buffer.alloc(27);
  header.write('OggS');
  header.writeUInt8(flags, 5);
  header.writeBigInt64LE(BigInt(granule), 6);
  header.writeUInt32LE(7, 14);
  header.writeUInt32LE(sequence, 18);
  header.writeUInt8(lacing.length, 26);
  const page = Buffer.concat([header, Buffer.from(lacing), ...packets]);
  page.writeUInt32LE(remainder(page, 32, 0x04c1_1db7), 22);
  return page;
}

/** Remainder of the bytes, as a polynomial over two elements, by another: a CRC without inversions. */
function remainder(bytes: Iterable<number>, width: number, polynomial: number): number {
  // In the upper bits of 32, so that the top is the sign whatever the width.
  const divisor = polynomial << (32 - width);
  let rest = 0;
  for (const byte of bytes) {
    rest ^= byte << 24;
    for (let bit = 0; bit < 8; bit++) rest = rest < 0 ? (rest << 1) ^ divisor : rest << 1;
  }
  return rest >>> (32 - width);
}
