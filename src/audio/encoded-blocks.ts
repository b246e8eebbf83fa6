import { WakegateError } from '../errors.js';
import { type DecodeOptions, decodeBytes } from './codecs/decode.js';
import { type RawFormat, RawPcmConverter } from './codecs/raw-pcm.js';
import { resampled } from './resample.js';

export interface EncodedOptions extends DecodeOptions {
  /** What the audio is called in errors. */
  readonly name: string;
  /** Layout of raw s16le samples; null for the bytes of a file, see {@link decodeBytes}. */
  readonly raw: Required<RawFormat> | null;
}

/**
 * Bytes of a file, or raw samples, to mono int16 at 16 kHz. Each block is valid until the next is asked for.
 *
 * @throws WakegateError see {@link decodeBytes}
 */
export function encodedBlocks(
  pieces: AsyncIterable<Uint8Array>,
  { name, raw, ...options }: EncodedOptions,
): AsyncIterable<Int16Array> {
  return raw ? convert(pieces, raw, name) : resampled(decodeBytes(pieces, name, options));
}

async function* convert(
  pieces: AsyncIterable<Uint8Array>,
  format: Required<RawFormat>,
  name: string,
): AsyncGenerator<Int16Array> {
  const converter = await RawPcmConverter.create(format);
  let bytes = 0;
  try {
    for await (const piece of pieces) {
      bytes += piece.length;
      yield converter.push(piece);
    }
    yield converter.flush();
  } finally {
    converter.close();
  }
  if (bytes < 2 * format.channels) {
    throw new WakegateError('WG_AUDIO_EMPTY', `${name} holds no samples: record it again`);
  }
}
