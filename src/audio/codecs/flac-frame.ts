import { BitReader } from './bit-reader.js';

/** What a FLAC stream says of itself in its STREAMINFO block (RFC 9639, section 8.2). */
export interface FlacInfo {
  readonly rate: number;
  readonly channels: number;
  readonly bits: number;
  /** Samples a channel; 0 where the encoder did not know. */
  readonly samples: number;
}

export interface FlacFrameHeader {
  readonly bytes: number;
  readonly blockSize: number;
  readonly rate: number;
  readonly channels: number;
  /** How the channels are coded: 0 by itself, 8 left/side, 9 side/right, 10 mid/side. */
  readonly stereo: number;
  readonly bits: number;
}

/** Longest header of a frame, in bytes: sync and codes, a coded number of 7, two sizes of 2, a checksum. */
export const MAX_HEADER_BYTES = 16;
export const STREAMINFO_BYTES = 34;
const SPARE_BYTES = 64;

/** What is wrong with a frame, in a few words. */
export class FlacFault extends Error {}

/** @param block the 34 bytes of a STREAMINFO block */
export function parseStreamInfo(block: Uint8Array): FlacInfo {
  const bits = new BitReader(block.subarray(10));
  return {
    rate: bits.bits(20),
    channels: bits.bits(3) + 1,
    bits: bits.bits(5) + 1,
    samples: bits.bits(4) * 2 ** 32 + bits.bits(32),
  };
}

/**
 * @param bytes begin with a frame, and hold its whole header
 * @throws FlacFault; OutOfBits where the header is cut
 */
export function parseFlacHeader(bytes: Uint8Array, info: FlacInfo): FlacFrameHeader {
  const bits = new BitReader(bytes.subarray(0, MAX_HEADER_BYTES));
  // Sync code of 14 bits, a zero, and whether block sizes vary.
  if (bits.bits(15) !== 0x7ffc) throw new FlacFault('no FLAC frame begins there');
  bits.bits(1);
  const sizeCode = bits.bits(4);
  const rateCode = bits.bits(4);
  const channelCode = bits.bits(4);
  const widthCode = bits.bits(3);
  if (bits.bits(1) !== 0 || channelCode > 10) throw new FlacFault('its frame header uses reserved codes');
  skipCodedNumber(bits);
  const blockSize = blockSizeOf(sizeCode, bits);
  const rate = rateOf(rateCode, bits, info);
  const width = [info.bits, 8, 12, 0, 16, 20, 24, 32][widthCode];
  if (width === 0) throw new FlacFault('its frame header uses reserved codes');
  const length = bits.position / 8 + 1;
  const checksum = bits.bits(8);
  if (crc8(bytes.subarray(0, length - 1)) !== checksum) {
    throw new FlacFault('its frame header has a wrong checksum');
  }
  return {
    bytes: length,
    blockSize,
    rate,
    channels: channelCode < 8 ? channelCode + 1 : 2,
    stereo: channelCode < 8 ? 0 : channelCode,
    bits: width,
  };
}

/**
 * As many bytes as a frame can sensibly have: no encoder makes a frame larger than twice its samples, since it may
 * store them as they are.
 */
export function maxFrameBytes({ bytes, blockSize, channels, bits }: FlacFrameHeader): number {
  return bytes + SPARE_BYTES + Math.ceil((2 * blockSize * channels * (bits + 1)) / 8);
}

/** Memory for the channels of a frame, which is used for the next one too: new memory for each would be megabytes. */
export class FlacPlanes {
  readonly #whole: Float64Array[] = [];
  readonly #scaled: Float32Array[] = [];

  /** Samples as whole numbers, of a channel. Holds what was there before. */
  whole(channel: number, size: number): Float64Array {
    if ((this.#whole[channel]?.length ?? 0) < size) this.#whole[channel] = new Float64Array(size);
    return this.#whole[channel].subarray(0, size);
  }

  /** Samples as they are returned, of a channel. */
  scaled(channel: number, size: number): Float32Array {
    if ((this.#scaled[channel]?.length ?? 0) < size) this.#scaled[channel] = new Float32Array(size);
    return this.#scaled[channel].subarray(0, size);
  }
}

/**
 * Decodes a frame.
 *
 * @param bytes begin with the frame that has this header
 * @param room what is returned lies there
 * @returns [channels][blockSize] of full scale [-1, 1), and the bytes that the frame takes
 * @throws FlacFault; OutOfBits where the frame may be longer than the bytes
 */
export function decodeFlacFrame(
  bytes: Uint8Array,
  { bytes: headerBytes, blockSize, channels, stereo, bits: width }: FlacFrameHeader,
  room: FlacPlanes,
): { readonly planes: Float32Array[]; readonly bytes: number } {
  const bits = new BitReader(bytes);
  for (let skipped = 0; skipped < headerBytes; skipped++) bits.bits(8);
  const planes: Float64Array[] = [];
  for (let channel = 0; channel < channels; channel++) {
    const isSide = (stereo === 9 && channel === 0) || ((stereo === 8 || stereo === 10) && channel === 1);
    const plane = room.whole(channel, blockSize);
    decodeSubframe(bits, plane, width + (isSide ? 1 : 0));
    planes.push(plane);
  }
  bits.align();
  const end = bits.position / 8;
  if (bits.bits(16) !== crc16(bytes.subarray(0, end))) throw new FlacFault('its frame has a wrong checksum');
  joinStereo(planes, stereo);
  const scale = 2 ** (1 - width);
  const scaled = planes.map((plane, channel) => {
    const samples = room.scaled(channel, blockSize);
    for (let i = 0; i < blockSize; i++) samples[i] = plane[i] * scale;
    return samples;
  });
  return { planes: scaled, bytes: end + 2 };
}

/** The number of the frame or of its first sample, in the manner of UTF-8. */
function skipCodedNumber(bits: BitReader): void {
  const first = bits.bits(8);
  const ones = Math.clz32(~(first << 24));
  if (ones === 1 || ones === 8) throw new FlacFault('its frame header has a number that cannot be');
  for (let rest = 1; rest < ones; rest++) {
    if (bits.bits(8) >> 6 !== 2) throw new FlacFault('its frame header has a number that cannot be');
  }
}

function blockSizeOf(code: number, bits: BitReader): number {
  if (code === 0) throw new FlacFault('its frame header uses reserved codes');
  if (code === 1) return 192;
  if (code <= 5) return 144 << code;
  if (code === 6) return bits.bits(8) + 1;
  if (code === 7) return bits.bits(16) + 1;
  return 1 << code;
}

const RATES = [0, 88_200, 176_400, 192_000, 8000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000, 96_000];

function rateOf(code: number, bits: BitReader, info: FlacInfo): number {
  if (code === 0) return info.rate;
  if (code === 12) return bits.bits(8) * 1000;
  if (code === 13) return bits.bits(16);
  if (code === 14) return bits.bits(16) * 10;
  if (code === 15) throw new FlacFault('its frame header uses reserved codes');
  return RATES[code];
}

/** Samples as whole numbers, which a double holds exactly whatever their width. */
function decodeSubframe(bits: BitReader, samples: Float64Array, width: number): void {
  if (bits.bits(1) !== 0) throw new FlacFault('a subframe does not begin with 0');
  const kind = bits.bits(6);
  const wasted = bits.bits(1) === 1 ? bits.unary() + 1 : 0;
  const depth = width - wasted;
  if (depth < 1) throw new FlacFault('a subframe has no bits left');
  const size = samples.length;
  if (kind === 0) samples.fill(bits.signed(depth));
  else if (kind === 1) for (let i = 0; i < size; i++) samples[i] = bits.signed(depth);
  else if (kind >= 8 && kind <= 12) decodePredicted(bits, samples, depth, FIXED[kind - 8], 0);
  else if (kind >= 32) decodeLinear(bits, samples, depth, kind - 31);
  else throw new FlacFault('a subframe is of a reserved kind');
  if (wasted > 0) for (let i = 0; i < size; i++) samples[i] *= 2 ** wasted;
}

/** Weights of the samples before, the newest first (RFC 9639, section 9.2.5). */
const FIXED: readonly (readonly number[])[] = [[], [1], [2, -1], [3, -3, 1], [4, -6, 4, -1]];

function decodeLinear(bits: BitReader, samples: Float64Array, depth: number, order: number): void {
  const warmUp = readWarmUp(bits, samples, depth, order);
  const precision = bits.bits(4) + 1;
  const shift = bits.signed(5);
  if (precision === 16 || shift < 0) throw new FlacFault('a subframe has a predictor that cannot be');
  const weights = Float64Array.from({ length: warmUp }, () => bits.signed(precision));
  predict(bits, samples, weights, shift);
}

function decodePredicted(
  bits: BitReader,
  samples: Float64Array,
  depth: number,
  weights: readonly number[],
  shift: number,
): void {
  readWarmUp(bits, samples, depth, weights.length);
  predict(bits, samples, Float64Array.from(weights), shift);
}

function readWarmUp(bits: BitReader, samples: Float64Array, depth: number, order: number): number {
  if (order > samples.length) throw new FlacFault('a subframe is shorter than its predictor');
  for (let i = 0; i < order; i++) samples[i] = bits.signed(depth);
  return order;
}

/** Reads the residual into the samples after the warm-up, and adds what is predicted. */
function predict(bits: BitReader, samples: Float64Array, weights: Float64Array, shift: number): void {
  const order = weights.length;
  readResidual(bits, samples, order);
  const scale = 2 ** -shift;
  for (let i = order; i < samples.length; i++) {
    let sum = 0;
    for (let k = 0; k < order; k++) sum += weights[k] * samples[i - 1 - k];
    const sample = samples[i] + Math.floor(sum * scale);
    // No sample has more than 33 bits: beyond, the sums would not be exact, and could grow to infinity.
    if (!(Math.abs(sample) <= 2 ** 33)) throw new FlacFault('a subframe runs over');
    samples[i] = sample;
  }
}

function readResidual(bits: BitReader, samples: Float64Array, order: number): void {
  const method = bits.bits(2);
  if (method > 1) throw new FlacFault('a residual is coded in a reserved way');
  const parameterBits = 4 + method;
  const escaped = 2 ** parameterBits - 1;
  const partitionOrder = bits.bits(4);
  const partitionSize = samples.length / 2 ** partitionOrder;
  if (!Number.isInteger(partitionSize) || partitionSize < order) {
    throw new FlacFault('a residual is cut into parts that cannot be');
  }
  for (let end = partitionSize, i = order; end <= samples.length; end += partitionSize) {
    const parameter = bits.bits(parameterBits);
    if (parameter === escaped) {
      const width = bits.bits(5);
      for (; i < end; i++) samples[i] = width === 0 ? 0 : bits.signed(width);
      continue;
    }
    const most = 2 ** (32 - parameter);
    for (; i < end; i++) {
      const high = bits.unary();
      if (high >= most) throw new FlacFault('a residual is larger than 32 bits');
      const folded = (high << parameter) | bits.bits(parameter);
      samples[i] = (folded >>> 1) ^ -(folded & 1);
    }
  }
}

function joinStereo(planes: readonly Float64Array[], stereo: number): void {
  if (stereo === 0) return;
  const [first, second] = planes;
  for (let i = 0; i < first.length; i++) {
    const a = first[i];
    const b = second[i];
    if (stereo === 8) second[i] = a - b;
    else if (stereo === 9) first[i] = a + b;
    else {
      // The lowest bit of the sum got lost in the middle: it is that of the difference.
      const sum = 2 * a + (Math.abs(b) % 2);
      first[i] = (sum + b) / 2;
      second[i] = (sum - b) / 2;
    }
  }
}

function crc8(bytes: Uint8Array): number {
  let crc = 0;
  for (const byte of bytes) crc = CRC8[crc ^ byte];
  return crc;
}

function crc16(bytes: Uint8Array): number {
  let crc = 0;
  for (let i = 0; i < bytes.length; i++) crc = ((crc << 8) & 0xffff) ^ CRC16[(crc >> 8) ^ bytes[i]];
  return crc;
}

const CRC8 = Uint8Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 0x80 ? (crc << 1) ^ 0x07 : crc << 1;
  return crc;
});

const CRC16 = Uint16Array.from({ length: 256 }, (_, byte) => {
  let crc = byte << 8;
  for (let bit = 0; bit < 8; bit++) crc = crc & 0x8000 ? (crc << 1) ^ 0x8005 : crc << 1;
  return crc;
});
