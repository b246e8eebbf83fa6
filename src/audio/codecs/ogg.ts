import { WakegateError } from '../../errors.js';
import { OutOfBits } from './bit-reader.js';
import type { ByteReader } from './byte-reader.js';
import { decodeFlacPacket } from './flac.js';
import { FlacFault, FlacPlanes, parseStreamInfo, STREAMINFO_BYTES } from './flac-frame.js';
import type { DecodeContext, MonoBlock } from './mono.js';
import { HEADER_BYTES, oggPackets } from './ogg-pages.js';
import { openOpus } from './opus.js';
import type { PacketDecoder } from './packet-decoder.js';
import { openVorbis } from './vorbis.js';

export type OggCodec = 'opus' | 'vorbis' | 'flac';

/** Headers have a handful of packets; sound without any samples comes in no larger numbers. */
const MAX_SILENT_PACKETS = 1024;
/** For opening a decoder takes longer than a packet does. */
const SILENT_PACKETS_PER_STREAM = 64;

/**
 * Decodes Opus (straight to 16 kHz), Vorbis or FLAC in Ogg.
 *
 * @throws WakegateError WG_AUDIO_INVALID where a page or a packet is altered or missing
 */
export async function* decodeOgg(bytes: ByteReader, context: DecodeContext): AsyncGenerator<MonoBlock> {
  const { name } = context;
  let decoder: PacketDecoder | null = null;
  let silent = 0;
  try {
    /** Granule at the end of the page before; and whether sound has come in an earlier page. */
    let granule = 0;
    let isBegun = false;
    for await (const { page, packets } of oggPackets(bytes, context)) {
      let rest = packets;
      if (page.first && packets.length > 0) {
        if (decoder) {
          decoder.free();
          decoder = null;
          context.onFreed();
        }
        decoder = await orDamaged(name, () => open(packets[0], context));
        rest = packets.slice(1);
        granule = 0;
        isBegun = false;
        silent += SILENT_PACKETS_PER_STREAM;
        if (silent > MAX_SILENT_PACKETS) throw damaged(name, 'one stream after the other gives no sound');
      }
      if (!decoder) continue;
      // The end of the last page may be padding: its granule says where the sound ends.
      let left = Number.POSITIVE_INFINITY;
      if (page.last && page.granule >= 0) {
        const skipped = isBegun ? 0 : decoder.preSkip;
        left = Math.max(0, Math.round((page.granule - granule - skipped) / decoder.granulesPerSample));
      }
      for (const packet of rest) {
        if (packet.length === 0) continue;
        const block = await orDamaged(name, () => decoder!.decode(packet));
        const count = Math.min(left, block?.samples.length ?? 0);
        silent = block && block.samples.length > 0 ? 0 : silent + 1;
        if (silent > MAX_SILENT_PACKETS) {
          throw damaged(name, `${MAX_SILENT_PACKETS} packets in a row give no sound`);
        }
        if (!block || count === 0) continue;
        isBegun = true;
        left -= count;
        yield { samples: block.samples.subarray(0, count), rate: block.rate };
      }
      if (page.granule >= 0) granule = page.granule;
    }
  } finally {
    decoder?.free();
  }
}

/** The codec that the first page of an Ogg stream announces, or null for one that is not known. */
export function oggCodec(firstPage: Uint8Array): OggCodec | null {
  return codecOf(firstPage.subarray(HEADER_BYTES + firstPage[26]));
}

function codecOf(packet: Uint8Array): OggCodec | null {
  const start = Buffer.from(packet.subarray(0, 8)).toString('latin1');
  if (start.startsWith('OpusHead')) return 'opus';
  if (start.startsWith('\x01vorbis')) return 'vorbis';
  if (start.startsWith('\x7fFLAC')) return 'flac';
  return null;
}

async function open(first: Uint8Array, context: DecodeContext): Promise<PacketDecoder> {
  switch (codecOf(first)) {
    case 'opus':
      return skippingTags(await openOpus(first, context));
    case 'vorbis':
      return openVorbis(first, context);
    case 'flac':
      return openFlac(first, context);
    default:
      throw new WakegateError(
        'WG_AUDIO_INVALID',
        `${context.name} continues with an Ogg stream of another codec`,
      );
  }
}

/** In Ogg, a packet of tags comes before the sound (RFC 7845, section 5.2). */
function skippingTags(decoder: PacketDecoder): PacketDecoder {
  let isTags = true;
  return {
    ...decoder,
    decode: (packet) => {
      if (!isTags) return decoder.decode(packet);
      isTags = false;
      return null;
    },
  };
}

/** RFC 9639, section 10.1: 13 bytes, of which 2 are the number of header packets that follow, before STREAMINFO. */
function openFlac(first: Uint8Array, context: DecodeContext): PacketDecoder {
  if (first.length < 17 + STREAMINFO_BYTES) throw damaged(context.name, 'its FLAC header is cut');
  const info = parseStreamInfo(first.subarray(17));
  const room = new FlacPlanes();
  return {
    granulesPerSample: 1,
    preSkip: 0,
    // A frame begins with a sync code; the header packets, whose kinds go up to 127, do not.
    decode: (packet) => (packet[0] === 0xff ? decodeFlacPacket(packet, info, room, context) : null),
    free: () => {},
  };
}

async function orDamaged<Made>(name: string, make: () => Made | Promise<Made>): Promise<Made> {
  try {
    return await make();
  } catch (error) {
    if (error instanceof WakegateError) throw error;
    if (error instanceof FlacFault) throw damaged(name, error.message);
    if (error instanceof OutOfBits) throw damaged(name, 'a packet is cut');
    throw new WakegateError('WG_AUDIO_INVALID', `${name} is damaged: it cannot be decoded`, { cause: error });
  }
}

function damaged(name: string, what: string): WakegateError {
  return new WakegateError('WG_AUDIO_INVALID', `${name} is damaged: ${what}`);
}
