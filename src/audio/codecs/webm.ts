import { WakegateError } from '../../errors.js';
import type { ByteReader } from './byte-reader.js';
import type { DecodeContext, MonoBlock } from './mono.js';
import { openOpus } from './opus.js';
import type { PacketDecoder } from './packet-decoder.js';
import { LacingFault, lacedPackets } from './webm-lacing.js';

/** Elements of Matroska (RFC 9559) that lead to the sound; all others are passed over. */
const SEGMENT = 0x1853_8067;
const TRACKS = 0x1654_ae6b;
const TRACK_ENTRY = 0xae;
const TRACK_NUMBER = 0xd7;
const CODEC_ID = 0x86;
const CODEC_PRIVATE = 0x63a2;
const CLUSTER = 0x1f43_b675;
const BLOCK_GROUP = 0xa0;
const BLOCK = 0xa1;
const SIMPLE_BLOCK = 0xa3;

/** What is looked into in place of being read whole. */
const CONTAINERS: ReadonlySet<number> = new Set([SEGMENT, CLUSTER, BLOCK_GROUP]);
const MAX_TRACKS_BYTES = 65_536;
/** Recordings that were put together have their tracks again and again, but with sound in between. */
const MAX_SILENT_TRACKS = 16;
/** A second of Opus at its highest rate for 8 channels. */
const MAX_BLOCK_BYTES = 524_288;
/** A size of all ones: the element ends where the one around it does, or the next of its kind begins. */
const UNKNOWN = Number.POSITIVE_INFINITY;

interface Track {
  readonly number: number;
  readonly codec: string;
  readonly setup: Uint8Array;
}

/**
 * Decodes the first track of sound of a WebM file, as browsers record them: Opus, straight to 16 kHz.
 *
 * @throws WakegateError WG_AUDIO_INVALID for damage, WG_AUDIO_UNSUPPORTED for a codec other than Opus
 */
export async function* decodeWebm(bytes: ByteReader, context: DecodeContext): AsyncGenerator<MonoBlock> {
  const { name, onCut } = context;
  let track: Track | null = null;
  let decoder: PacketDecoder | null = null;
  let silentTracks = 0;
  try {
    for (;;) {
      const at = bytes.position;
      const element = await readElementHeader(bytes);
      if (element === 'end') return;
      if (element === 'cut') {
        onCut(`${name} ends inside a WebM element at byte ${at}: it was cut off`);
        return;
      }
      const { id, size } = element;
      if (CONTAINERS.has(id)) continue;
      if (size === UNKNOWN) throw invalid(name, `is damaged: the WebM element at byte ${at} has no size`);
      if (id !== TRACKS && id !== BLOCK && id !== SIMPLE_BLOCK) {
        if ((await bytes.skip(size)) === size) continue;
        onCut(`${name} ends inside a WebM element at byte ${at}: it was cut off`);
        return;
      }
      if (size > (id === TRACKS ? MAX_TRACKS_BYTES : MAX_BLOCK_BYTES)) {
        throw invalid(name, `is damaged: the WebM element at byte ${at} has ${size} bytes`);
      }
      const body = await bytes.read(size);
      if (body.length < size) {
        onCut(`${name} ends inside a WebM element at byte ${at}: it was cut off`);
        return;
      }
      if (id === TRACKS) {
        track = soundTrack(body, name);
        if (++silentTracks > MAX_SILENT_TRACKS) throw invalid(name, 'is damaged: its tracks have no sound');
        if (decoder) {
          decoder.free();
          decoder = null;
          context.onFreed();
        }
        decoder = await openOpus(track.setup, context);
        continue;
      }
      if (!track || !decoder) throw invalid(name, 'has WebM blocks before it says what is in them');
      for (const packet of packetsOf(body, track.number, name)) {
        const block = packet.length > 0 ? await decoder.decode(packet) : null;
        if (!block) continue;
        silentTracks = 0;
        yield block;
      }
    }
  } catch (error) {
    if (error instanceof WakegateError) throw error;
    throw new WakegateError('WG_AUDIO_INVALID', `${name} is damaged: it cannot be decoded`, { cause: error });
  } finally {
    decoder?.free();
  }
}

async function readElementHeader(
  bytes: ByteReader,
): Promise<{ readonly id: number; readonly size: number } | 'end' | 'cut'> {
  const start = await bytes.peek(12);
  if (start.length === 0) return 'end';
  const header = parseElementHeader(start, 0);
  if (!header) return 'cut';
  await bytes.read(header.length);
  return header;
}

/** An identifier and a size, whose first bits say how long they are (RFC 8794). null where they are cut or cannot be. */
function parseElementHeader(
  bytes: Uint8Array,
  at: number,
): { readonly id: number; readonly size: number; readonly length: number } | null {
  const idLength = Math.clz32(bytes[at] ?? 0) - 23;
  if (idLength > 4 || at + idLength >= bytes.length) return null;
  const sizeLength = Math.clz32(bytes[at + idLength]) - 23;
  if (sizeLength > 8 || at + idLength + sizeLength > bytes.length) return null;
  let id = 0;
  for (let i = 0; i < idLength; i++) id = id * 256 + bytes[at + i];
  let size = bytes[at + idLength] & (0xff >> sizeLength);
  let isUnknown = size === 0xff >> sizeLength;
  for (let i = 1; i < sizeLength; i++) {
    const byte = bytes[at + idLength + i];
    size = size * 256 + byte;
    isUnknown &&= byte === 0xff;
  }
  return { id, size: isUnknown ? UNKNOWN : size, length: idLength + sizeLength };
}

/** The first track of sound, which must be Opus. */
function soundTrack(tracks: Uint8Array, name: string): Track {
  const codecs: string[] = [];
  for (const [id, entry] of elements(tracks)) {
    if (id !== TRACK_ENTRY) continue;
    const fields = new Map(elements(entry));
    const codec = Buffer.from(fields.get(CODEC_ID) ?? []).toString('latin1');
    codecs.push(codec);
    if (codec !== 'A_OPUS') continue;
    const setup = fields.get(CODEC_PRIVATE);
    if (!setup) throw invalid(name, 'is damaged: its Opus track has no header');
    return { number: (fields.get(TRACK_NUMBER) ?? [1]).at(-1) ?? 1, codec, setup };
  }
  const sound = codecs.filter((codec) => codec.startsWith('A_')).join(', ') || 'no sound';
  throw new WakegateError(
    'WG_AUDIO_UNSUPPORTED',
    `${name} is WebM or Matroska with ${sound}; only Opus is read: convert it, for example by ffmpeg -i in out.wav`,
  );
}

/** The elements that lie side by side in a body; what is cut at its end is left out. */
function* elements(body: Uint8Array): Generator<[id: number, content: Uint8Array]> {
  for (let at = 0; at < body.length; ) {
    const header = parseElementHeader(body, at);
    if (!header || header.size === UNKNOWN) return;
    const start = at + header.length;
    yield [header.id, body.subarray(start, start + header.size)];
    at = start + header.size;
  }
}

/** The packets of a block; none where the block is of another track. */
function packetsOf(block: Uint8Array, track: number, name: string): Uint8Array[] {
  const numberLength = Math.clz32(block[0] ?? 0) - 23;
  const start = numberLength + 3; // after a time of two bytes and the flags
  if (numberLength > 2 || block.length < start) throw invalid(name, 'is damaged: a WebM block is cut');
  const number = numberLength === 1 ? block[0] & 0x7f : ((block[0] & 0x3f) << 8) | block[1];
  if (number !== track) return [];
  try {
    return lacedPackets(block.subarray(start), block[start - 1]);
  } catch (error) {
    if (!(error instanceof LacingFault)) throw error;
    throw invalid(name, 'is damaged: the packets of a WebM block do not fit into it');
  }
}

function invalid(name: string, what: string): WakegateError {
  return new WakegateError('WG_AUDIO_INVALID', `${name} ${what}`);
}
