import { WakegateError } from '../../errors.js';
import type { ByteReader } from './byte-reader.js';
import { type DecodeContext, type MonoBlock, planarToMono } from './mono.js';

/** What a frame's four header bytes say. */
interface FrameHeader {
  /** Whole frame, header included. */
  readonly bytes: number;
  /** Where an `Info` tag would be, counted from the frame's start. */
  readonly tagOffset: number;
}

/** kbit/s by bit rate index, from 1: MPEG-1 layer 3, MPEG-1 layer 2, and MPEG-2/2.5 of both. */
const BIT_RATES = {
  v1layer3: [32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320],
  v1layer2: [32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384],
  v2: [8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
} as const;

/** The first frames may give no sound, when it is made of several; so many in a row are no sound at all. */
const MAX_SILENT_FRAMES = 64;

const MPEG1_RATES = [44_100, 48_000, 32_000] as const;

/**
 * Decodes MP3 (MPEG-1, 2 and 2.5, layers 2 and 3), without the padding that the encoder put around the sound. The
 * stream is walked frame by frame, since a decoder that looks for the next frame by itself would not report a cut
 * or a gap.
 *
 * @throws WakegateError WG_AUDIO_INVALID where something other than a frame comes in between
 */
export async function* decodeMp3(bytes: ByteReader, context: DecodeContext): AsyncGenerator<MonoBlock> {
  const { name, onCut } = context;
  const { MPEGDecoder } = await import('mpg123-decoder');
  const decoder = new MPEGDecoder();
  let frames = 0;
  let promised = 0;
  let silent = 0;
  try {
    await decoder.ready;
    for (;;) {
      const at = bytes.position;
      const start = await bytes.peek(4);
      const header = parseFrameHeader(start);
      if (!header) {
        await expectTrailer(bytes, context);
        break;
      }
      const frame = await bytes.read(header.bytes);
      if (frame.length < header.bytes) {
        onCut(`${name} ends inside the MP3 frame at byte ${at}: it was cut off`);
        return;
      }
      if (frames === 0) promised = framesPromised(frame, header.tagOffset);
      frames++;
      const audio = decoder.decode(frame);
      if (audio.errors.length > 0) throw invalid(name, `is damaged: ${audio.errors[0].message}`);
      silent = audio.samplesDecoded > 0 ? 0 : silent + 1;
      if (silent > MAX_SILENT_FRAMES) {
        throw invalid(name, `is damaged: ${MAX_SILENT_FRAMES} MP3 frames in a row give no sound`);
      }
      if (audio.samplesDecoded === 0) continue;
      yield {
        samples: planarToMono(audio.channelData, audio.samplesDecoded, context),
        rate: audio.sampleRate,
      };
    }
  } finally {
    decoder.free();
  }
  if (frames < promised) {
    onCut(`${name} has ${frames} of the ${promised} MP3 frames that it says it has: it was cut off`);
  }
}

/** Whether these four bytes can begin an MP3 frame. */
export function isMp3Frame(start: Uint8Array): boolean {
  return parseFrameHeader(start) !== null;
}

function parseFrameHeader(bytes: Uint8Array): FrameHeader | null {
  if (bytes.length < 4 || bytes[0] !== 0xff || (bytes[1] & 0xe0) !== 0xe0) return null;
  const version = (bytes[1] >> 3) & 3; // 3: MPEG-1, 2: MPEG-2, 0: MPEG-2.5
  const layerBits = (bytes[1] >> 1) & 3; // 1: layer 3, 2: layer 2
  const bitRateIndex = bytes[2] >> 4;
  const rateIndex = (bytes[2] >> 2) & 3;
  if (version === 1 || layerBits === 0 || layerBits === 3) return null;
  if (bitRateIndex === 0 || bitRateIndex === 15 || rateIndex === 3) return null;

  const isMpeg1 = version === 3;
  const isLayer3 = layerBits === 1;
  const table = isMpeg1 ? (isLayer3 ? BIT_RATES.v1layer3 : BIT_RATES.v1layer2) : BIT_RATES.v2;
  const rate = MPEG1_RATES[rateIndex] / (isMpeg1 ? 1 : version === 2 ? 2 : 4);
  const samples = isLayer3 && !isMpeg1 ? 576 : 1152;
  const padding = (bytes[2] >> 1) & 1;
  const isMono = bytes[3] >> 6 === 3;
  const sideInfoBytes = isMpeg1 ? (isMono ? 17 : 32) : isMono ? 9 : 17;
  return {
    bytes: Math.floor((samples / 8) * ((table[bitRateIndex - 1] * 1000) / rate)) + padding,
    tagOffset: 4 + sideInfoBytes,
  };
}

/** How many frames the first one says will follow it, in the tag that encoders put there; 0 where it says nothing. */
function framesPromised(frame: Uint8Array, tagOffset: number): number {
  if (frame.length < tagOffset + 12) return 0;
  const tag = Buffer.from(frame.buffer, frame.byteOffset + tagOffset, 12);
  const name = tag.toString('latin1', 0, 4);
  if (name !== 'Xing' && name !== 'Info') return 0;
  const hasFrames = (tag.readUInt32BE(4) & 1) === 1;
  return hasFrames ? tag.readUInt32BE(8) : 0;
}

/** After the last frame: nothing, a tag that players put there, or zeros. */
async function expectTrailer(bytes: ByteReader, { name, onCut }: DecodeContext): Promise<void> {
  const at = bytes.position;
  const start = Buffer.from(await bytes.peek(8)).toString('latin1');
  if (/^(TAG|APETAGEX|LYRICSBE|ID3|\0*$)/.test(start)) return;
  if (start.length < 4) {
    onCut(`${name} ends inside the header of an MP3 frame at byte ${at}: it was cut off`);
    return;
  }
  throw invalid(name, `holds something other than an MP3 frame at byte ${at}: it is damaged`);
}

function invalid(name: string, what: string): WakegateError {
  return new WakegateError('WG_AUDIO_INVALID', `${name} ${what}`);
}
