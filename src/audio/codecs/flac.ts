import { WakegateError } from '../../errors.js';
import { OutOfBits } from './bit-reader.js';
import type { ByteReader } from './byte-reader.js';
import {
  decodeFlacFrame,
  FlacFault,
  type FlacFrameHeader,
  type FlacInfo,
  FlacPlanes,
  MAX_HEADER_BYTES,
  maxFrameBytes,
  parseFlacHeader,
  parseStreamInfo,
  STREAMINFO_BYTES,
} from './flac-frame.js';
import { type DecodeContext, type MonoBlock, planarToMono } from './mono.js';

/** Most frames have less, so that no more is looked at than they need. */
const FIRST_LOOK_BYTES = 16_384;
const STREAMINFO = 0;

/**
 * Decodes a native FLAC stream (RFC 9639). Frames are read one after the other, never looked for: so what is decoded is
 * bounded by what is read, and damage shows at once.
 *
 * @throws WakegateError WG_AUDIO_INVALID where a frame is damaged, or the stream ends inside its header
 */
export async function* decodeFlac(bytes: ByteReader, context: DecodeContext): AsyncGenerator<MonoBlock> {
  const { name, onCut } = context;
  const info = await readMetadata(bytes, name);
  const room = new FlacPlanes();
  let decoded = 0;
  for (;;) {
    const at = bytes.position;
    const start = await bytes.peek(MAX_HEADER_BYTES);
    // Tags of players may follow the last frame.
    if (start.length === 0 || (info.samples > 0 && decoded >= info.samples)) break;
    const block = await orFault(name, at, () => readFrame(bytes, start, info, room, context));
    if (!block) break;
    decoded += block.samples.length;
    yield block;
  }
  if (decoded < info.samples) {
    onCut(`${name} gives ${decoded} of the ${info.samples} samples that it says it has: it was cut off`);
  }
}

/**
 * Decodes a frame that is whole, as it is in an Ogg packet.
 *
 * @throws FlacFault, OutOfBits
 */
export function decodeFlacPacket(
  packet: Uint8Array,
  info: FlacInfo,
  room: FlacPlanes,
  context: DecodeContext,
): MonoBlock {
  const header = parseFlacHeader(packet, info);
  return toBlock(decodeFlacFrame(packet, header, room).planes, header, context);
}

/** The next frame, or null where the stream ends inside it. */
async function readFrame(
  bytes: ByteReader,
  start: Uint8Array,
  info: FlacInfo,
  room: FlacPlanes,
  context: DecodeContext,
): Promise<MonoBlock | null> {
  const header = whole(() => parseFlacHeader(start, info));
  if (!header) return null;
  const most = maxFrameBytes(header);
  for (let look = Math.min(FIRST_LOOK_BYTES, most); ; look = Math.min(2 * look, most)) {
    const seen = await bytes.peek(look);
    const frame = whole(() => decodeFlacFrame(seen, header, room));
    if (frame) {
      await bytes.read(frame.bytes);
      return toBlock(frame.planes, header, context);
    }
    if (seen.length < look) return null;
    if (look === most) throw new FlacFault('its frame is larger than its samples would be');
  }
}

function toBlock(
  planes: readonly Float32Array[],
  { blockSize, rate }: FlacFrameHeader,
  context: DecodeContext,
): MonoBlock {
  return { samples: planarToMono(planes, blockSize, context), rate };
}

/** What is made, or null where there are too few bits. */
function whole<Made>(make: () => Made): Made | null {
  try {
    return make();
  } catch (error) {
    if (error instanceof OutOfBits) return null;
    throw error;
  }
}

async function orFault<Made>(name: string, at: number, make: () => Promise<Made>): Promise<Made> {
  try {
    return await make();
  } catch (error) {
    if (!(error instanceof FlacFault)) throw error;
    throw new WakegateError('WG_AUDIO_INVALID', `${name} is damaged at byte ${at}: ${error.message}`);
  }
}

/** Passes over the blocks before the first frame. */
async function readMetadata(bytes: ByteReader, name: string): Promise<FlacInfo> {
  await bytes.read(4);
  let info: FlacInfo | null = null;
  for (let isLast = false; !isLast; ) {
    const header = await bytes.read(4);
    if (header.length < 4) throw cutInHeader(name);
    isLast = header[0] >> 7 === 1;
    const length = (header[1] << 16) | (header[2] << 8) | header[3];
    if ((header[0] & 0x7f) === STREAMINFO && length === STREAMINFO_BYTES) {
      const block = await bytes.read(length);
      if (block.length < length) throw cutInHeader(name);
      info = parseStreamInfo(block);
    } else if ((await bytes.skip(length)) < length) {
      throw cutInHeader(name);
    }
  }
  if (info) return info;
  throw new WakegateError('WG_AUDIO_INVALID', `${name} is a FLAC file without a STREAMINFO block`);
}

function cutInHeader(name: string): WakegateError {
  return new WakegateError('WG_AUDIO_INVALID', `${name} ends inside its FLAC header: it was cut off`);
}
