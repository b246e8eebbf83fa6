import { WakegateError } from '../../errors.js';
import type { ByteReader } from './byte-reader.js';
import {
  BYTES_PER_SAMPLE,
  type DecodeContext,
  interleavedToMono,
  MAX_CHANNELS,
  type MonoBlock,
  type SampleFormat,
} from './mono.js';

/** What a `fmt ` chunk says. */
interface WavFormat {
  /** `24-in-32` until the samples show which three of the four bytes they are in. */
  readonly sample: SampleFormat | '24-in-32';
  readonly channels: number;
  readonly rate: number;
}

const BLOCK_FRAMES = 8192;

/** A size that a writer puts down when it cannot go back and fill in the true one. */
const UNKNOWN_SIZE = 0xffff_ffff;
/** From here on, sizes are what sox and arecord write when they cannot seek: the data may end earlier. */
const PLACEHOLDER_SIZE = 0x7fff_f000;

const TAG_PCM = 0x0001;
const TAG_FLOAT = 0x0003;
const TAG_A_LAW = 0x0006;
const TAG_MU_LAW = 0x0007;
const TAG_EXTENSIBLE = 0xfffe;

const SAMPLE_KINDS: Readonly<Record<number, string>> = {
  [TAG_PCM]: 'PCM',
  [TAG_FLOAT]: 'float',
  [TAG_A_LAW]: 'A-law',
  [TAG_MU_LAW]: 'mu-law',
};

const COMPRESSED_CODECS: Readonly<Record<number, string>> = {
  2: 'Microsoft ADPCM',
  17: 'IMA ADPCM',
  49: 'GSM 6.10',
  64: 'G.721 ADPCM',
  80: 'MPEG layer 2',
  85: 'MP3',
  255: 'AAC',
  353: 'Windows Media Audio',
  26447: 'Ogg Vorbis',
  61868: 'FLAC',
};

/**
 * Decodes a WAV stream (RIFF, RF64 or BW64) of PCM, float, A-law or mu-law samples.
 *
 * @throws WakegateError WG_AUDIO_INVALID where the bytes are not what the headers say; WG_AUDIO_UNSUPPORTED for a
 *   compressed codec or an unknown sample width
 */
export async function* decodeWav(bytes: ByteReader, context: DecodeContext): AsyncGenerator<MonoBlock> {
  const { name } = context;
  const riff = view(await bytes.read(12));
  if (riff.byteLength < 12)
    throw cutOff(name, `inside its RIFF header, after ${riff.byteLength} of 12 bytes`);
  if (fourCC(riff, 8) !== 'WAVE') throw invalid(name, 'is a RIFF file, but does not hold WAVE audio');
  const riffSize = riff.getUint32(4, true);

  let format: WavFormat | null = null;
  let size64 = 0;
  for (;;) {
    const header = view(await bytes.read(8));
    if (header.byteLength < 8) throw cutOff(name, 'before its data chunk');
    const id = fourCC(header, 0);
    const size = header.getUint32(4, true);

    if (id === 'data') {
      if (!format) throw invalid(name, 'has its data chunk before its fmt chunk');
      if (size > 0 || !(await isEmpty(bytes, riffSize))) {
        yield* decodeData(bytes, format, size === UNKNOWN_SIZE && size64 > 0 ? size64 : size, context);
      }
      return;
    }
    if (id === 'fmt ') format = parseFormat(await readChunk(bytes, id, size, name), name);
    else if (id === 'ds64') size64 = parseDataSize64(await readChunk(bytes, id, size, name), name);
    else if ((await bytes.skip(size)) < size) throw cutOff(name, `inside its ${JSON.stringify(id)} chunk`);
    if (size % 2 === 1) await bytes.skip(1);
  }
}

/**
 * A whole WAV file of mono int16 samples.
 *
 * @param rate in Hz
 */
export function writeWav(samples: Int16Array, rate: number): Buffer {
  const dataBytes = samples.length * 2;
  const file = Buffer.alloc(44 + dataBytes);
  file.write('RIFF', 0, 'latin1');
  file.writeUInt32LE(36 + dataBytes, 4);
  file.write('WAVEfmt ', 8, 'latin1');
  file.writeUInt32LE(16, 16);
  file.writeUInt16LE(TAG_PCM, 20);
  file.writeUInt16LE(1, 22);
  file.writeUInt32LE(rate, 24);
  file.writeUInt32LE(rate * 2, 28);
  file.writeUInt16LE(2, 32);
  file.writeUInt16LE(16, 34);
  file.write('data', 36, 'latin1');
  file.writeUInt32LE(dataBytes, 40);
  for (let i = 0; i < samples.length; i++) file.writeInt16LE(samples[i], 44 + i * 2);
  return file;
}

/**
 * Whether a data chunk whose size is 0 is that: writers who cannot go back leave it so, some of them with the size of the whole
 * filled in. After one that has no samples, there is the end or another chunk.
 */
async function isEmpty(bytes: ByteReader, riffSize: number): Promise<boolean> {
  if (riffSize === UNKNOWN_SIZE) return false;
  const left = riffSize + 8 - bytes.position;
  if (left <= 0) return false;
  const next = view(await bytes.peek(8));
  if (next.byteLength < 8) return true;
  return /^[ -~]{4}$/.test(fourCC(next, 0)) && next.getUint32(4, true) <= left - 8;
}

/** @param size as declared; 0 and {@link UNKNOWN_SIZE} mean "until the end" */
async function* decodeData(
  bytes: ByteReader,
  format: WavFormat,
  size: number,
  context: DecodeContext,
): AsyncGenerator<MonoBlock> {
  const { name, onCut } = context;
  let sample = format.sample;
  const frameBytes = (sample === '24-in-32' ? 4 : BYTES_PER_SAMPLE[sample]) * format.channels;
  const limit = size === 0 || size === UNKNOWN_SIZE ? Number.POSITIVE_INFINITY : size;
  const sizeIsPromise = size > 0 && (size < PLACEHOLDER_SIZE || size > UNKNOWN_SIZE);

  let taken = 0;
  while (taken < limit) {
    const block = await bytes.read(Math.min(BLOCK_FRAMES * frameBytes, limit - taken));
    if (block.length === 0) break;
    taken += block.length;
    if (sample === '24-in-32') sample = whereAre24Bits(block);
    // Where nothing but zeros came so far, either way gives silence.
    const known = sample === '24-in-32' ? 's32' : sample;
    const samples = interleavedToMono(block, known, format.channels, context);
    if (samples.length > 0) yield { samples, rate: format.rate };
  }
  if (taken < limit && sizeIsPromise) {
    onCut(`${name} ends inside its data chunk, after ${taken} of ${size} bytes: it was cut off`);
  }
}

/** Some writers put the 24 bits into the upper bytes, others into the lower ones, and no header says which. */
function whereAre24Bits(block: Uint8Array): SampleFormat | '24-in-32' {
  let isUpper = true;
  let isSilent = true;
  for (let at = 0; at + 4 <= block.length; at += 4) {
    if (block[at] !== 0) isUpper = false;
    if (block[at] !== 0 || block[at + 1] !== 0 || block[at + 2] !== 0) isSilent = false;
  }
  if (isSilent) return '24-in-32';
  return isUpper ? 's32' : 's24of32';
}

function parseFormat(fmt: DataView, name: string): WavFormat {
  if (fmt.byteLength < 16) throw invalid(name, `has a fmt chunk of ${fmt.byteLength} bytes; the least is 16`);
  let tag = fmt.getUint16(0, true);
  const isExtensible = tag === TAG_EXTENSIBLE;
  // The subformat of an extensible header is a GUID that begins with the plain tag.
  if (tag === TAG_EXTENSIBLE && fmt.byteLength >= 26) tag = fmt.getUint16(24, true);
  const channels = fmt.getUint16(2, true);
  const rate = fmt.getUint32(4, true);
  const blockAlign = fmt.getUint16(12, true);
  const bits = fmt.getUint16(14, true);

  const bytesEach = Math.ceil(bits / 8);
  if (![TAG_PCM, TAG_FLOAT, TAG_A_LAW, TAG_MU_LAW].includes(tag)) {
    const codec = COMPRESSED_CODECS[tag] ?? `codec 0x${tag.toString(16).padStart(4, '0')}`;
    throw unsupported(name, `holds ${codec} audio; of WAV files PCM, float, A-law and mu-law are read`);
  }
  if (channels === 0 || rate === 0) {
    throw invalid(name, `says that it has ${channels} channels at ${rate} Hz`);
  }
  if (channels > MAX_CHANNELS) {
    throw unsupported(name, `has ${channels} channels, and up to ${MAX_CHANNELS} are read`);
  }
  if (tag === TAG_PCM && bits === 24 && blockAlign === 4 * channels && !isExtensible) {
    return { sample: '24-in-32', channels, rate };
  }
  // Odd widths (12 or 20 bits) are stored left-aligned in whole bytes, so the container is what matters. An extensible
  // header may say the width of the samples in place of the container's.
  const containerBytes = isExtensible && blockAlign === 4 * channels ? 4 : bytesEach;
  const sample = sampleFormat(tag, containerBytes);
  if (!sample) throw unsupported(name, `has ${bits}-bit ${SAMPLE_KINDS[tag]} samples`);
  if (blockAlign !== 0 && blockAlign !== containerBytes * channels) {
    throw invalid(name, `says ${blockAlign} bytes a frame for ${channels} channels of ${bits} bits`);
  }
  return { sample, channels, rate };
}

function sampleFormat(tag: number, containerBytes: number): SampleFormat | undefined {
  if (tag === TAG_FLOAT) return ({ 4: 'f32', 8: 'f64' } as const)[containerBytes];
  if (tag === TAG_A_LAW || tag === TAG_MU_LAW) {
    if (containerBytes !== 1) return undefined;
    return tag === TAG_A_LAW ? 'alaw' : 'mulaw';
  }
  return ({ 1: 'u8', 2: 's16', 3: 's24', 4: 's32' } as const)[containerBytes];
}

/** The data chunk's size from an RF64 file's ds64 chunk, in bytes. */
function parseDataSize64(ds64: DataView, name: string): number {
  if (ds64.byteLength < 16) throw invalid(name, 'has a ds64 chunk that is too short');
  return Number(ds64.getBigUint64(8, true));
}

async function readChunk(bytes: ByteReader, id: string, size: number, name: string): Promise<DataView> {
  if (size > 65_536) throw invalid(name, `says that its ${JSON.stringify(id)} chunk has ${size} bytes`);
  const body = await bytes.read(size);
  if (body.length < size) {
    throw cutOff(name, `inside its ${JSON.stringify(id)} chunk, after ${body.length} of ${size} bytes`);
  }
  return view(body);
}

function view(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function fourCC(bytes: DataView, at: number): string {
  return String.fromCharCode(...new Uint8Array(bytes.buffer, bytes.byteOffset + at, 4));
}

function cutOff(name: string, where: string): WakegateError {
  return invalid(name, `ends ${where}: it was cut off, so copy or record it again`);
}

function invalid(name: string, what: string): WakegateError {
  return new WakegateError('WG_AUDIO_INVALID', `${name} ${what}`);
}

function unsupported(name: string, what: string): WakegateError {
  return new WakegateError('WG_AUDIO_UNSUPPORTED', `${name} ${what}: convert it to 16-bit PCM`);
}
