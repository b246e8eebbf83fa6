import { WakegateError } from '../../errors.js';
import { type DecodeContext, planarToMono } from './mono.js';
import type { PacketDecoder } from './packet-decoder.js';

const IDENTIFICATION_BYTES = 30;
const MAX_CHANNELS = 8;

/** The decoder of packets inside `OggVorbisDecoder`, which would look for pages and packets by itself. */
interface VorbisPackets {
  readonly ready: Promise<void>;
  sendSetupHeader(packet: Uint8Array): void;
  initDsp(): void;
  decodePackets(packets: readonly Uint8Array[]): {
    readonly channelData: Float32Array[];
    readonly samplesDecoded: number;
    readonly sampleRate: number;
    readonly errors: readonly { readonly message: string }[];
  };
  free(): void;
}

/**
 * Opens a decoder of Vorbis packets.
 *
 * @param identification the first packet of the stream (Vorbis I, section 4.2.2)
 * @throws WakegateError WG_AUDIO_INVALID, WG_AUDIO_UNSUPPORTED
 */
export async function openVorbis(identification: Uint8Array, context: DecodeContext): Promise<PacketDecoder> {
  const { name } = context;
  if (identification.length < IDENTIFICATION_BYTES) {
    throw new WakegateError('WG_AUDIO_INVALID', `${name} is damaged: its Vorbis header is cut`);
  }
  const channels = identification[11];
  if (channels === 0 || channels > MAX_CHANNELS) {
    throw new WakegateError(
      'WG_AUDIO_UNSUPPORTED',
      `${name} has ${channels} channels of Vorbis: 1 to ${MAX_CHANNELS} are read`,
    );
  }
  const { OggVorbisDecoder } = await import('@wasm-audio-decoders/ogg-vorbis');
  const outer = new OggVorbisDecoder();
  await outer.ready;
  const decoder = (outer as unknown as { readonly _decoder: VorbisPackets })._decoder;
  decoder.sendSetupHeader(identification);
  let isSetUp = false;
  return {
    granulesPerSample: 1,
    preSkip: 0,
    decode: (packet) => {
      if ((packet[0] & 1) === 1) {
        // A header: of comments, which nobody reads, or the setup.
        if (packet[0] !== 5 || isSetUp) return null;
        decoder.sendSetupHeader(packet);
        decoder.initDsp();
        isSetUp = true;
        return null;
      }
      if (!isSetUp)
        throw new WakegateError('WG_AUDIO_INVALID', `${name} is damaged: its Vorbis setup is missing`);
      const { channelData, samplesDecoded, sampleRate, errors } = decoder.decodePackets([packet]);
      if (errors.length > 0) {
        throw new WakegateError('WG_AUDIO_INVALID', `${name} is damaged: ${errors[0].message}`);
      }
      if (samplesDecoded <= 0 || channelData.length === 0) return null;
      return { samples: planarToMono(channelData, samplesDecoded, context), rate: sampleRate };
    },
    free: () => decoder.free(),
  };
}
