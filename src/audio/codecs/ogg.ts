import { WakegateError } from '../../errors.js';
import { SAMPLE_RATE } from '../source.js';
import type { ByteReader } from './byte-reader.js';
import { type MonoBlock, planarToMono } from './mono.js';

export type OggCodec = 'opus' | 'vorbis' | 'flac';

interface OggPage {
  readonly bytes: Uint8Array;
  readonly serial: number;
  readonly sequence: number;
  readonly first: boolean;
  readonly last: boolean;
}

/** What the WebAssembly decoders have in common. */
interface PageDecoder {
  readonly ready: Promise<void>;
  decode(bytes: Uint8Array): Promise<DecodedAudio>;
  /** Gives the rest and makes ready for another stream. */
  flush(): Promise<DecodedAudio>;
  free(): void;
}

interface DecodedAudio {
  readonly channelData: Float32Array[];
  readonly samplesDecoded: number;
  readonly sampleRate: number;
  readonly errors: readonly { readonly message: string }[];
}

const HEADER_BYTES = 27;

/**
 * Decodes Opus (straight to 16 kHz), Vorbis or FLAC in Ogg. Pages are checked here, since the decoders make sound even
 * of the pieces of a cut one: only whole pages with a right checksum reach them.
 *
 * @param name what the stream is called in errors
 * @throws WakegateError WG_AUDIO_INVALID where a page is cut, altered or missing, or the last page is not there
 */
export async function* decodeOgg(
  bytes: ByteReader,
  codec: OggCodec,
  name: string,
): AsyncGenerator<MonoBlock> {
  const decoder = await createDecoder(codec);
  try {
    await decoder.ready;
    for await (const page of audioPages(bytes, name)) {
      yield* block(await decoder.decode(page.bytes), name);
      if (page.last) yield* block(await decoder.flush(), name);
    }
  } catch (error) {
    if (error instanceof WakegateError) throw error;
    throw new WakegateError('WG_AUDIO_INVALID', `${name} cannot be decoded as Ogg ${codec}`, {
      cause: error,
    });
  } finally {
    decoder.free();
  }
}

/** The codec that the first page of an Ogg stream announces, or null for one that is not known. */
export function oggCodec(firstPage: Uint8Array): OggCodec | null {
  const packet = Buffer.from(firstPage.subarray(HEADER_BYTES + firstPage[26])).toString('latin1');
  if (packet.startsWith('OpusHead')) return 'opus';
  if (packet.startsWith('\x01vorbis')) return 'vorbis';
  if (packet.startsWith('\x7fFLAC')) return 'flac';
  return null;
}

async function createDecoder(codec: OggCodec): Promise<PageDecoder> {
  if (codec === 'vorbis') return new (await import('@wasm-audio-decoders/ogg-vorbis')).OggVorbisDecoder();
  if (codec === 'flac') return new (await import('@wasm-audio-decoders/flac')).FLACDecoder();
  const { OggOpusDecoder } = await import('ogg-opus-decoder');
  // `sampleRate` is documented by the decoder, but missing from its types.
  const options = { forceStereo: false, sampleRate: SAMPLE_RATE };
  const decoder = new OggOpusDecoder(options);
  return {
    ready: decoder.ready,
    decode: async (bytes) => decoder.decode(bytes),
    flush: () => decoder.flush(),
    free: () => decoder.free(),
  };
}

function* block(decoded: DecodedAudio, name: string): Generator<MonoBlock> {
  if (decoded.errors.length > 0) {
    throw new WakegateError('WG_AUDIO_INVALID', `${name} is damaged: ${decoded.errors[0].message}`);
  }
  if (decoded.samplesDecoded <= 0) return;
  yield {
    samples: planarToMono(decoded.channelData, decoded.samplesDecoded),
    rate: decoded.sampleRate,
  };
}

/** The pages of the first logical stream, and of those chained after it; streams in between are left out. */
async function* audioPages(bytes: ByteReader, name: string): AsyncGenerator<OggPage> {
  let serial: number | null = null;
  let sequence = 0;
  for (;;) {
    const at = bytes.position;
    const page = await readPage(bytes, name);
    if (!page) break;
    if (serial === null && page.first) {
      serial = page.serial;
      sequence = page.sequence;
    }
    if (page.serial !== serial) continue;
    if (page.sequence !== sequence) {
      throw new WakegateError('WG_AUDIO_INVALID', `${name} lacks Ogg page ${sequence} before byte ${at}`);
    }
    sequence++;
    if (page.last) serial = null;
    yield page;
  }
  if (serial !== null) throw cutOff(name, bytes.position);
}

/** One whole page (RFC 3533), or null at the end of the bytes. */
async function readPage(bytes: ByteReader, name: string): Promise<OggPage | null> {
  const at = bytes.position;
  const fixed = await bytes.peek(HEADER_BYTES);
  if (fixed.length === 0) return null;
  if (fixed.length < HEADER_BYTES) throw cutOff(name, at + fixed.length);
  if (Buffer.from(fixed.subarray(0, 4)).toString('latin1') !== 'OggS') {
    throw new WakegateError(
      'WG_AUDIO_INVALID',
      `${name} holds something other than an Ogg page at byte ${at}`,
    );
  }
  const segments = await bytes.peek(HEADER_BYTES + fixed[26]);
  let length = HEADER_BYTES + fixed[26];
  for (const lacing of segments.subarray(HEADER_BYTES)) length += lacing;
  const page = await bytes.read(length);
  if (page.length < length) throw cutOff(name, at + page.length);

  const header = new DataView(page.buffer, page.byteOffset, HEADER_BYTES);
  if (pageChecksum(page) !== header.getUint32(22, true)) {
    throw new WakegateError(
      'WG_AUDIO_INVALID',
      `${name} is damaged: the Ogg page at byte ${at} has a wrong checksum`,
    );
  }
  const flags = header.getUint8(5);
  return {
    bytes: page,
    serial: header.getUint32(14, true),
    sequence: header.getUint32(18, true),
    first: (flags & 2) !== 0,
    last: (flags & 4) !== 0,
  };
}

function cutOff(name: string, at: number): WakegateError {
  return new WakegateError(
    'WG_AUDIO_INVALID',
    `${name} ends after ${at} bytes, before its last Ogg page: it was cut off, so copy or record it again`,
  );
}

/** CRC-32 with polynomial 0x04c11db7, not reflected, over the page with its checksum field as zeros. */
function pageChecksum(page: Uint8Array): number {
  let crc = 0;
  for (let i = 0; i < page.length; i++) {
    const byte = i >= 22 && i < 26 ? 0 : page[i];
    crc = (crc << 8) ^ CRC_TABLE[(crc >>> 24) ^ byte];
  }
  return crc >>> 0;
}

const CRC_TABLE = Int32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte << 24;
  for (let bit = 0; bit < 8; bit++) crc = crc < 0 ? (crc << 1) ^ 0x04c11db7 : crc << 1;
  return crc;
});
