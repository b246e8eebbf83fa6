import { WakegateError } from '../../errors.js';
import type { ByteReader } from './byte-reader.js';
import { type MonoBlock, planarToMono } from './mono.js';

/**
 * Decodes a native FLAC stream.
 *
 * @param name what the stream is called in errors
 * @throws WakegateError WG_AUDIO_INVALID where the stream ends inside its header, a frame is damaged, or there are
 *   fewer samples than the header says
 */
export async function* decodeFlac(bytes: ByteReader, name: string): AsyncGenerator<MonoBlock> {
  const promised = totalSamples(await bytes.peek(42), name);
  const { FLACDecoder } = await import('@wasm-audio-decoders/flac');
  const decoder = new FLACDecoder();
  let decoded = 0;
  try {
    await decoder.ready;
    for (let ended = false; !ended; ) {
      const chunk = await bytes.readSome();
      ended = chunk.length === 0;
      const audio = ended ? await decoder.flush() : await decoder.decode(chunk);
      if (audio.errors.length > 0) {
        throw new WakegateError('WG_AUDIO_INVALID', `${name} is damaged: ${audio.errors[0].message}`);
      }
      if (audio.samplesDecoded === 0) continue;
      decoded += audio.samplesDecoded;
      yield { samples: planarToMono(audio.channelData, audio.samplesDecoded), rate: audio.sampleRate };
    }
  } catch (error) {
    if (error instanceof WakegateError) throw error;
    throw new WakegateError('WG_AUDIO_INVALID', `${name} cannot be decoded as FLAC`, { cause: error });
  } finally {
    decoder.free();
  }
  // The decoder leaves out frames that are cut or fail their checksum, so a count that falls short is how damage shows.
  if (decoded < promised) {
    throw new WakegateError(
      'WG_AUDIO_INVALID',
      `${name} gives ${decoded} of the ${promised} samples that it says it has: it is cut off or damaged`,
    );
  }
}

/** Samples per channel as the STREAMINFO block (RFC 9639) says; 0 where the encoder did not know. */
function totalSamples(start: Uint8Array, name: string): number {
  if (start.length < 42) {
    throw new WakegateError('WG_AUDIO_INVALID', `${name} ends inside its FLAC header: it was cut off`);
  }
  const view = new DataView(start.buffer, start.byteOffset, start.length);
  return (view.getUint8(21) & 0x0f) * 2 ** 32 + view.getUint32(22);
}
