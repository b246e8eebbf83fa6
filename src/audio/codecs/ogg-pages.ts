import { WakegateError } from '../../errors.js';
import type { ByteReader } from './byte-reader.js';
import type { DecodeContext } from './mono.js';

export interface OggPage {
  /** Whole, header included. */
  readonly bytes: Uint8Array;
  readonly serial: number;
  readonly sequence: number;
  readonly continued: boolean;
  readonly first: boolean;
  readonly last: boolean;
  /** Samples up to its end, at the codec's rate, from wherever the stream began; -1 where no packet ends in it. */
  readonly granule: number;
}

/** Packets that end in one page. */
export interface OggPackets {
  readonly page: OggPage;
  readonly packets: readonly Uint8Array[];
}

export const HEADER_BYTES = 27;

/** Larger than any packet of sound, and than the headers of all but the oddest files. */
const MAX_PACKET_BYTES = 4 * 1024 * 1024;

/**
 * The packets of the first logical stream, and of those chained after it; streams in between are left out. Pages are
 * checked here, since decoders make sound even of the pieces of a cut one.
 *
 * @throws WakegateError WG_AUDIO_INVALID where a page is altered or missing
 */
export async function* oggPackets(bytes: ByteReader, context: DecodeContext): AsyncGenerator<OggPackets> {
  let parts: Uint8Array[] = [];
  let partBytes = 0;
  for await (const page of audioPages(bytes, context)) {
    if (!page.continued) {
      parts = [];
      partBytes = 0;
    }
    const packets: Uint8Array[] = [];
    const segments = page.bytes[26];
    let at = HEADER_BYTES + segments;
    let start = at;
    for (let segment = 0; segment < segments; segment++) {
      const lacing = page.bytes[HEADER_BYTES + segment];
      at += lacing;
      if (lacing === 255) continue;
      packets.push(
        parts.length === 0
          ? page.bytes.subarray(start, at)
          : Buffer.concat([...parts, page.bytes.subarray(start, at)]),
      );
      parts = [];
      partBytes = 0;
      start = at;
    }
    if (at > start) {
      parts.push(page.bytes.subarray(start, at));
      partBytes += at - start;
    }
    if (partBytes > MAX_PACKET_BYTES) {
      throw invalid(context.name, `holds an Ogg packet of more than ${MAX_PACKET_BYTES} bytes`);
    }
    yield { page, packets };
  }
}

async function* audioPages(bytes: ByteReader, context: DecodeContext): AsyncGenerator<OggPage> {
  const { name, onCut } = context;
  let serial: number | null = null;
  let sequence = 0;
  for (;;) {
    const at = bytes.position;
    const page = await readPage(bytes, name);
    if (page === 'end' || page === 'cut') {
      if (page === 'cut' || serial !== null) {
        onCut(`${name} ends after ${bytes.position} bytes, before its last Ogg page: it was cut off`);
      }
      return;
    }
    if (serial === null && page.first) {
      serial = page.serial;
      sequence = page.sequence;
    }
    if (page.serial !== serial) continue;
    if (page.sequence !== sequence) throw invalid(name, `lacks Ogg page ${sequence} before byte ${at}`);
    sequence++;
    if (page.last) serial = null;
    yield page;
  }
}

/** One whole page (RFC 3533). */
async function readPage(bytes: ByteReader, name: string): Promise<OggPage | 'end' | 'cut'> {
  const at = bytes.position;
  const fixed = await bytes.peek(HEADER_BYTES);
  if (fixed.length === 0) return 'end';
  if (fixed.length < HEADER_BYTES) return 'cut';
  if (Buffer.from(fixed.subarray(0, 4)).toString('latin1') !== 'OggS') {
    throw invalid(name, `holds something other than an Ogg page at byte ${at}`);
  }
  const segments = await bytes.peek(HEADER_BYTES + fixed[26]);
  let length = HEADER_BYTES + fixed[26];
  for (const lacing of segments.subarray(HEADER_BYTES)) length += lacing;
  const page = await bytes.read(length);
  if (page.length < length) return 'cut';

  const header = new DataView(page.buffer, page.byteOffset, HEADER_BYTES);
  if (pageChecksum(page) !== header.getUint32(22, true)) {
    throw invalid(name, `is damaged: the Ogg page at byte ${at} has a wrong checksum`);
  }
  const flags = header.getUint8(5);
  return {
    bytes: page,
    serial: header.getUint32(14, true),
    sequence: header.getUint32(18, true),
    continued: (flags & 1) !== 0,
    first: (flags & 2) !== 0,
    last: (flags & 4) !== 0,
    granule: Number(header.getBigInt64(6, true)),
  };
}

function invalid(name: string, what: string): WakegateError {
  return new WakegateError('WG_AUDIO_INVALID', `${name} ${what}`);
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
