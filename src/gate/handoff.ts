/**
 * The handoff: one self-contained message that carries a window of compressed activations to the full
 * classifier.
 *
 * | bytes | what |
 * | --- | --- |
 * | 1 | `W` |
 * | 1 | version of this format |
 * | 4 | fingerprint of the model pack, little-endian |
 * | 1 to 8 each | stream id, number of the last step, sample number at its end, steps, channels: LEB128 |
 * | the rest | levels, range coded (see {@link encodeLevels}) |
 * | 4 | CRC-32 of everything before it, little-endian |
 */
// Not by its name, which Node 18 does not have: whoever imports wakegate there is told the version that it needs.
import zlib from 'node:zlib';
import { WakegateError } from '../errors.js';
import type { Compression } from '../model/pack.js';
import { AdaptiveBits, RangeDecoder, RangeEncoder } from './range-coder.js';

const MAGIC = 0x57;
const VERSION = 1;
const CHECKSUM_BYTES = 4;
/** Magic, version and fingerprint; what has no fixed place comes after. */
const FIXED_BYTES = 6;
const NUMBERS = 5;
/** LEB128 of 2^53 - 1, the largest whole number that JavaScript holds exactly. */
const LONGEST_NUMBER = 8;

export interface HandoffHeader {
  readonly streamId: number;
  /** Number of the window's last step, counted from the start of the stream. */
  readonly step: number;
  /** Sample number at the end of that step. */
  readonly endSample: number;
}

export interface Handoff extends HandoffHeader {
  /** [steps, channels], each 0..maxLevel. */
  readonly levels: Uint8Array;
}

/** Writes handoffs of one pack. Its working memory is reused; what `encode` returns is the caller's. */
export class HandoffEncoder {
  readonly #compression: Compression;
  readonly #windowSteps: number;
  readonly #contexts: LevelContexts;
  readonly #coder = new RangeEncoder();
  readonly #head = new Uint8Array(FIXED_BYTES + NUMBERS * LONGEST_NUMBER);

  /**
   * @param fingerprint the pack's, 32 bits
   * @param windowSteps steps in every handoff
   */
  constructor(compression: Compression, fingerprint: number, windowSteps: number) {
    this.#compression = compression;
    this.#windowSteps = windowSteps;
    this.#contexts = new LevelContexts(compression);
    this.#head[0] = MAGIC;
    this.#head[1] = VERSION;
    writeUint32(this.#head, 2, fingerprint);
  }

  /**
   * @param levels [windowSteps, channels], each 0..maxLevel
   * @throws WakegateError `WG_HANDOFF_INVALID` for levels or numbers that no decoder could give back
   */
  encode(header: HandoffHeader, levels: Uint8Array): Uint8Array {
    const { channels, maxLevel } = this.#compression;
    if (levels.length !== this.#windowSteps * channels) {
      throw invalid(
        `${levels.length} levels given, but a handoff has ${this.#windowSteps} steps of ${channels}`,
      );
    }
    let headBytes = FIXED_BYTES;
    for (const value of [header.streamId, header.step, header.endSample, this.#windowSteps, channels]) {
      headBytes = writeNumber(this.#head, headBytes, value);
    }
    this.#contexts.start();
    this.#coder.start();
    encodeLevels(this.#coder, this.#contexts, levels, channels, maxLevel);
    const payload = this.#coder.finish();

    const message = new Uint8Array(headBytes + payload.length + CHECKSUM_BYTES);
    message.set(this.#head.subarray(0, headBytes));
    message.set(payload, headBytes);
    const end = message.length - CHECKSUM_BYTES;
    writeUint32(message, end, zlib.crc32(message.subarray(0, end)));
    return message;
  }
}

/** Reads handoffs of one pack, and refuses all else. */
export class HandoffDecoder {
  readonly #compression: Compression;
  readonly #fingerprint: number;
  readonly #windowSteps: number;
  readonly #contexts: LevelContexts;
  readonly #coder = new RangeDecoder();

  /** The same arguments as the {@link HandoffEncoder}'s. */
  constructor(compression: Compression, fingerprint: number, windowSteps: number) {
    this.#compression = compression;
    this.#fingerprint = fingerprint >>> 0;
    this.#windowSteps = windowSteps;
    this.#contexts = new LevelContexts(compression);
  }

  /**
   * Time and memory are bounded by the pack's window, whatever the bytes.
   *
   * @returns the handoff, with levels of its own
   * @throws WakegateError `WG_HANDOFF_INVALID` for a message that is cut, altered, too long, or of another pack
   *   or version
   */
  decode(message: Uint8Array): Handoff {
    const end = message.length - CHECKSUM_BYTES;
    if (end < FIXED_BYTES + NUMBERS) throw invalid(`a message of ${message.length} bytes is cut short`);
    if (message[0] !== MAGIC) throw invalid(`a message that begins with byte ${message[0]} is no handoff`);
    if (message[1] !== VERSION) {
      throw invalid(
        `its format is version ${message[1]}, this is version ${VERSION}: run one release on both ends`,
      );
    }
    if (readUint32(message, end) !== zlib.crc32(message.subarray(0, end))) {
      throw invalid('its checksum does not match: it was cut, lengthened or altered on the way');
    }
    const fingerprint = readUint32(message, 2);
    if (fingerprint !== this.#fingerprint) {
      throw invalid(
        `it is of model pack ${hex(fingerprint)}, this is ${hex(this.#fingerprint)}: use one pack on both ends`,
      );
    }

    const numbers = new NumberReader(message, FIXED_BYTES, end);
    const streamId = numbers.next();
    const step = numbers.next();
    const endSample = numbers.next();
    const steps = numbers.next();
    const channels = numbers.next();
    const { channels: ourChannels, maxLevel } = this.#compression;
    if (steps !== this.#windowSteps || channels !== ourChannels) {
      throw invalid(
        `it holds ${steps} steps of ${channels}, this pack has ${this.#windowSteps} of ${ourChannels}`,
      );
    }

    const levels = new Uint8Array(steps * channels);
    this.#contexts.start();
    this.#coder.start(message.subarray(numbers.position, end));
    decodeLevels(this.#coder, this.#contexts, levels, channels, maxLevel);
    if (this.#coder.unread > 0) throw invalid(`it is ${this.#coder.unread} bytes longer than its levels`);
    return { streamId, step, endSample, levels };
  }
}

/**
 * Stream, step and sample number of a handoff of our own making, of any pack.
 *
 * @throws WakegateError `WG_HANDOFF_INVALID` where its header is cut
 */
export function readHandoffHeader(message: Uint8Array): HandoffHeader {
  const numbers = new NumberReader(message, FIXED_BYTES, message.length);
  return { streamId: numbers.next(), step: numbers.next(), endSample: numbers.next() };
}

/**
 * How likely a zero is after each level, for {@link Compression.zeroPrior}.
 *
 * @param windows each [steps, channels]
 * @returns [channels, 3], in 1/256, each 1..255
 */
export function estimateZeroPrior(windows: Iterable<Uint8Array>, channels: number): Uint8Array {
  const zeros = new Float64Array(channels * BEFORE);
  const seen = new Float64Array(channels * BEFORE);
  for (const levels of windows) {
    for (let i = 0; i < levels.length; i++) {
      const before = i < channels ? 0 : levels[i - channels];
      const context = zeroContext(i % channels, before);
      seen[context]++;
      if (levels[i] === 0) zeros[context]++;
    }
  }
  // One zero and one other are counted in, so that what was never seen is even and nothing is impossible.
  return Uint8Array.from(zeros, (count, i) => {
    return Math.min(255, Math.max(1, Math.round((256 * (count + 1)) / (seen[i] + 2))));
  });
}

// Levels. Whether a level is zero depends on its channel and on the level before (of the same channel, one
// step ago); how large it is, mostly on the level before. How many of its neighbours are zero says little
// more: mixed in, it saved 1 % of the bytes on speech through an untrained front half.

/** Previous levels that the context of a zero distinguishes: 0, 1, and 2 or more. */
const BEFORE = 3;
/** The prior counts as this many levels. */
const ZERO_CONFIDENCE = 20;
/** Bits of "larger still" that have a context of their own: from 1, 2, 3, and 4 or more. */
const MORE_BINS = 4;
/**
 * P(larger still) in 1/65536 at first, for each class of the level before: 0, 1, 2, 3 to 4, 5 to 7, 8 or
 * more. Measured on speech through an untrained front half; a pack with coarser or finer levels is learned as
 * the window continues.
 */
const MORE_START = [40_600, 43_300, 45_900, 49_200, 52_400, 57_700];
const MORE_CONFIDENCE = 30;
/**
 * From this level on the rest is written as an Exp-Golomb number, so that one large level does not cost a bit
 * a unit.
 */
const ESCAPE_LEVEL = 16;
/** Levels fit 8 bits, so no rest has a longer prefix. */
const LONGEST_PREFIX = 8;

function zeroContext(channel: number, before: number): number {
  return channel * BEFORE + Math.min(before, BEFORE - 1);
}

function moreContext(level: number, before: number): number {
  const beforeClass = before < 3 ? before : before < 5 ? 3 : before < 8 ? 4 : 5;
  return beforeClass * MORE_BINS + Math.min(level, MORE_BINS) - 1;
}

class LevelContexts {
  readonly zero: AdaptiveBits;
  readonly more = new AdaptiveBits(MORE_START.length * MORE_BINS);

  readonly #zeroPrior: Uint8Array;

  constructor(compression: Compression) {
    this.#zeroPrior = compression.zeroPrior;
    this.zero = new AdaptiveBits(compression.channels * BEFORE);
  }

  /** Forgets what was learned: each handoff can be read without any other. */
  start(): void {
    this.#zeroPrior.forEach((zeros, i) => {
      this.zero.start(i, 256 * zeros, ZERO_CONFIDENCE);
    });
    for (let i = 0; i < MORE_START.length * MORE_BINS; i++) {
      this.more.start(i, MORE_START[Math.floor(i / MORE_BINS)], MORE_CONFIDENCE);
    }
  }
}

/**
 * Each level: zero or not; then unary up to the escape, where nothing is written for what maxLevel rules out.
 */
function encodeLevels(
  coder: RangeEncoder,
  contexts: LevelContexts,
  levels: Uint8Array,
  channels: number,
  maxLevel: number,
): void {
  for (let start = 0; start < levels.length; start += channels) {
    for (let channel = 0; channel < channels; channel++) {
      const i = start + channel;
      const level = levels[i];
      if (level > maxLevel)
        throw invalid(`level ${level} given, where ${maxLevel} is the largest of this pack`);
      const before = start === 0 ? 0 : levels[i - channels];
      coder.encode(contexts.zero, zeroContext(channel, before), level === 0 ? 1 : 0);
      if (level === 0) continue;
      const last = Math.min(maxLevel, ESCAPE_LEVEL);
      for (let reached = 1; reached < last; reached++) {
        coder.encode(contexts.more, moreContext(reached, before), level > reached ? 1 : 0);
        if (level === reached) break;
      }
      if (level >= ESCAPE_LEVEL && maxLevel > ESCAPE_LEVEL) encodeExpGolomb(coder, level - ESCAPE_LEVEL);
    }
  }
}

/** The mirror of {@link encodeLevels}. */
function decodeLevels(
  coder: RangeDecoder,
  contexts: LevelContexts,
  levels: Uint8Array,
  channels: number,
  maxLevel: number,
): void {
  for (let start = 0; start < levels.length; start += channels) {
    for (let channel = 0; channel < channels; channel++) {
      const i = start + channel;
      const before = start === 0 ? 0 : levels[i - channels];
      if (coder.decode(contexts.zero, zeroContext(channel, before)) === 1) continue;
      const last = Math.min(maxLevel, ESCAPE_LEVEL);
      let level = 1;
      while (level < last && coder.decode(contexts.more, moreContext(level, before)) === 1) level++;
      if (level === ESCAPE_LEVEL && maxLevel > ESCAPE_LEVEL) level += decodeExpGolomb(coder);
      if (level > maxLevel)
        throw invalid(`it holds level ${level}, where ${maxLevel} is the largest of this pack`);
      levels[i] = level;
    }
  }
}

/** Order 0: as many ones as value + 1 has bits after its first, a zero, then those bits. */
function encodeExpGolomb(coder: RangeEncoder, value: number): void {
  const prefix = 31 - Math.clz32(value + 1);
  for (let i = 0; i < prefix; i++) coder.encodeEven(1);
  coder.encodeEven(0);
  for (let i = prefix - 1; i >= 0; i--) coder.encodeEven(((value + 1) >>> i) & 1 ? 1 : 0);
}

function decodeExpGolomb(coder: RangeDecoder): number {
  let prefix = 0;
  while (prefix < LONGEST_PREFIX && coder.decodeEven() === 1) prefix++;
  let value = 1;
  for (let i = 0; i < prefix; i++) value = 2 * value + coder.decodeEven();
  return value - 1;
}

// Numbers. LEB128: seven bits a byte, the lowest first, the top bit set on all but the last.

function writeNumber(bytes: Uint8Array, at: number, value: number): number {
  if (!Number.isSafeInteger(value) || value < 0) {
    throw invalid(`${value} given, where stream, step and sample numbers are whole and from 0 to 2^53 - 1`);
  }
  let rest = value;
  let position = at;
  while (rest >= 0x80) {
    bytes[position++] = (rest % 0x80) | 0x80;
    rest = Math.floor(rest / 0x80);
  }
  bytes[position++] = rest;
  return position;
}

class NumberReader {
  /** Where the next number begins. */
  position: number;
  readonly #bytes: Uint8Array;
  readonly #end: number;

  constructor(bytes: Uint8Array, position: number, end: number) {
    this.#bytes = bytes;
    this.position = position;
    this.#end = end;
  }

  next(): number {
    let value = 0;
    let unit = 1;
    for (let i = 0; i < LONGEST_NUMBER; i++, unit *= 0x80) {
      if (this.position >= this.#end) throw invalid('it ends within its header');
      const byte = this.#bytes[this.position++];
      value += (byte & 0x7f) * unit;
      if (byte < 0x80 && Number.isSafeInteger(value)) return value;
    }
    throw invalid('a number of its header is over 2^53 - 1');
  }
}

function writeUint32(bytes: Uint8Array, at: number, value: number): void {
  for (let i = 0; i < 4; i++) bytes[at + i] = value >>> (8 * i);
}

function readUint32(bytes: Uint8Array, at: number): number {
  return (bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24)) >>> 0;
}

function hex(fingerprint: number): string {
  return (fingerprint >>> 0).toString(16).padStart(8, '0');
}

function invalid(reason: string): WakegateError {
  return new WakegateError('WG_HANDOFF_INVALID', `This handoff cannot be used: ${reason}.`);
}
