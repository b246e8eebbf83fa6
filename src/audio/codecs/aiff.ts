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

/** What a COMM chunk says. */
interface AiffFormat {
  readonly sample: SampleFormat;
  readonly channels: number;
  readonly rate: number;
  readonly frames: number;
}

const BLOCK_FRAMES = 8192;
const MAX_COMMON_BYTES = 4096;

/**
 * Decodes an AIFF or AIFC stream (Apple's Audio Interchange File Format 1.3) of PCM, float, A-law or mu-law samples.
 *
 * @throws WakegateError WG_AUDIO_INVALID where the bytes are not what the headers say; WG_AUDIO_UNSUPPORTED for a
 *   compressed codec or an unknown sample width
 */
export async function* decodeAiff(bytes: ByteReader, context: DecodeContext): AsyncGenerator<MonoBlock> {
  const { name, onCut } = context;
  await bytes.skip(12);
  let format: AiffFormat | null = null;
  for (;;) {
    const header = Buffer.from(await bytes.read(8));
    if (header.length < 8) {
      onCut(`${name} ends before its sound: it was cut off`);
      return;
    }
    const id = header.toString('latin1', 0, 4);
    const size = header.readUInt32BE(4);
    if (id === 'SSND') {
      if (!format) throw unsupported(name, 'has its sound before the chunk that describes it');
      yield* decodeSound(bytes, format, size, context);
      return;
    }
    if (id === 'COMM' && size <= MAX_COMMON_BYTES) {
      format = parseCommon(Buffer.from(await bytes.read(size)), name);
    } else if ((await bytes.skip(size)) < size) {
      onCut(`${name} ends inside its ${JSON.stringify(id)} chunk: it was cut off`);
      return;
    }
    if (size % 2 === 1) await bytes.skip(1);
  }
}

async function* decodeSound(
  bytes: ByteReader,
  { sample, channels, rate, frames }: AiffFormat,
  size: number,
  context: DecodeContext,
): AsyncGenerator<MonoBlock> {
  const { name, onCut } = context;
  const header = Buffer.from(await bytes.read(8));
  if (header.length === 8) await bytes.skip(header.readUInt32BE(0)); // to where the blocks are aligned
  const frameBytes = BYTES_PER_SAMPLE[sample] * channels;
  const wanted = frames > 0 ? frames * frameBytes : Math.max(0, size - 8);
  let taken = 0;
  while (taken < wanted) {
    const block = await bytes.read(Math.min(BLOCK_FRAMES * frameBytes, wanted - taken));
    if (block.length === 0) break;
    taken += block.length;
    const samples = interleavedToMono(block, sample, channels, context);
    if (samples.length > 0) yield { samples, rate };
  }
  if (taken < wanted) {
    onCut(`${name} ends inside its sound, after ${taken} of ${wanted} bytes: it was cut off`);
  }
}

function parseCommon(common: Buffer, name: string): AiffFormat {
  if (common.length < 18) throw invalid(name, 'has a COMM chunk that is too short');
  const channels = common.readUInt16BE(0);
  const frames = common.readUInt32BE(2);
  const bits = common.readUInt16BE(6);
  const rate = Math.round(extended(common, 8));
  const compression = common.length >= 22 ? common.toString('latin1', 18, 22) : 'NONE';
  if (channels === 0 || !(rate > 0))
    throw invalid(name, `says that it has ${channels} channels at ${rate} Hz`);
  if (channels > MAX_CHANNELS) {
    throw unsupported(name, `has ${channels} channels, and up to ${MAX_CHANNELS} are read`);
  }
  const sample = sampleFormat(compression, Math.ceil(bits / 8));
  if (sample) return { sample, channels, rate, frames };
  throw unsupported(name, `holds ${bits}-bit audio of the AIFF codec ${JSON.stringify(compression)}`);
}

function sampleFormat(compression: string, bytesEach: number): SampleFormat | undefined {
  switch (compression) {
    case 'NONE':
    case 'twos':
      return ({ 1: 's8', 2: 's16be', 3: 's24be', 4: 's32be' } as const)[bytesEach];
    case 'sowt':
      return ({ 1: 's8', 2: 's16', 3: 's24', 4: 's32' } as const)[bytesEach];
    case 'in24':
      return 's24be';
    case 'in32':
      return 's32be';
    case 'raw ':
      return bytesEach === 1 ? 'u8' : undefined;
    case 'fl32':
    case 'FL32':
      return 'f32be';
    case 'fl64':
    case 'FL64':
      return 'f64be';
    case 'alaw':
    case 'ALAW':
      return 'alaw';
    case 'ulaw':
    case 'ULAW':
      return 'mulaw';
    default:
      return undefined;
  }
}

/** An 80-bit float of IEEE 754, of which a rate uses the upper bits only. */
function extended(bytes: Buffer, at: number): number {
  const exponent = (bytes.readUInt16BE(at) & 0x7fff) - 16_383;
  return bytes.readUInt32BE(at + 2) * 2 ** (exponent - 31);
}

function invalid(name: string, what: string): WakegateError {
  return new WakegateError('WG_AUDIO_INVALID', `${name} ${what}`);
}

function unsupported(name: string, what: string): WakegateError {
  return new WakegateError('WG_AUDIO_UNSUPPORTED', `${name} ${what}: convert it to 16-bit PCM`);
}
