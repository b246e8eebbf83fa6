import { WakegateError } from '../../errors.js';
import { SAMPLE_RATE } from '../source.js';
import { type DecodeContext, planarToMono } from './mono.js';
import type { PacketDecoder } from './packet-decoder.js';

const OPUS_RATE = 48_000;
const HEAD_BYTES = 19;
/** Surround sound has up to 8; what has more is not sound for ears. */
const MAX_CHANNELS = 8;

/**
 * Opens a decoder of Opus packets, straight to 16 kHz.
 *
 * @param head the OpusHead packet (RFC 7845, section 5.1), as Ogg and Matroska have it
 * @throws WakegateError WG_AUDIO_INVALID, WG_AUDIO_UNSUPPORTED
 */
export async function openOpus(head: Uint8Array, context: DecodeContext): Promise<PacketDecoder> {
  const { name } = context;
  const cut = () => new WakegateError('WG_AUDIO_INVALID', `${name} is damaged: its Opus header is cut`);
  if (head.length < HEAD_BYTES) throw cut();
  const view = new DataView(head.buffer, head.byteOffset, head.length);
  const channels = view.getUint8(9);
  const preSkip = view.getUint16(10, true);
  const family = view.getUint8(18);
  if (channels === 0 || channels > MAX_CHANNELS || (family === 0 && channels > 2)) {
    throw new WakegateError(
      'WG_AUDIO_UNSUPPORTED',
      `${name} has ${channels} channels of Opus: 1 to ${MAX_CHANNELS} are read`,
    );
  }
  if (family !== 0 && head.length < 21 + channels) throw cut();
  const { OpusDecoder } = await import('opus-decoder');
  const decoder = new OpusDecoder({
    channels,
    sampleRate: SAMPLE_RATE,
    preSkip: Math.round((preSkip / OPUS_RATE) * SAMPLE_RATE),
    forceStereo: false,
    ...(family !== 0 && {
      streamCount: head[19],
      coupledStreamCount: head[20],
      channelMappingTable: [...head.subarray(21, 21 + channels)],
    }),
  });
  await decoder.ready;
  return {
    granulesPerSample: OPUS_RATE / SAMPLE_RATE,
    preSkip,
    decode: (packet) => {
      const { channelData, samplesDecoded, errors } = decoder.decodeFrame(packet);
      if (errors.length > 0) {
        throw new WakegateError('WG_AUDIO_INVALID', `${name} is damaged: ${errors[0].message}`);
      }
      if (samplesDecoded <= 0) return null;
      return { samples: planarToMono(channelData, samplesDecoded, context), rate: SAMPLE_RATE };
    },
    free: () => decoder.free(),
  };
}
