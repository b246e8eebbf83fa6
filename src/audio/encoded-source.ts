import { WakegateError } from '../errors.js';
import { decodeBytes } from './codecs/decode.js';
import { checkRawFormat, type RawFormat, RawPcmConverter } from './codecs/raw-pcm.js';
import { rechunk } from './rechunk.js';
import { resampled } from './resample.js';
import type { AudioChunk } from './source.js';

const CHUNK_SAMPLES = 1280;

/** Audio that comes as bytes of a file, or raw, over a network: heard as it arrives, never whole in memory. */
export class EncodedSource implements AsyncIterable<AudioChunk> {
  readonly #pieces: AsyncIterable<Uint8Array>;
  readonly #name: string;
  readonly #raw: Required<RawFormat> | null;

  /**
   * @param name what it is called in errors
   * @param raw layout of raw s16le samples; a file's bytes, see {@link decodeBytes}, by default
   * @throws WakegateError WG_USAGE for a rate or number of channels that cannot be
   */
  constructor(pieces: AsyncIterable<Uint8Array>, name: string, raw?: RawFormat) {
    this.#pieces = pieces;
    this.#name = name;
    this.#raw = raw === undefined ? null : checkRawFormat(raw);
  }

  /** @throws WakegateError see {@link decodeBytes} */
  [Symbol.asyncIterator](): AsyncGenerator<AudioChunk> {
    const blocks = this.#raw ? this.#convert(this.#raw) : resampled(decodeBytes(this.#pieces, this.#name));
    return rechunk(blocks, CHUNK_SAMPLES);
  }

  async *#convert(format: Required<RawFormat>): AsyncGenerator<Int16Array> {
    const converter = await RawPcmConverter.create(format);
    let bytes = 0;
    try {
      for await (const piece of this.#pieces) {
        bytes += piece.length;
        yield converter.push(piece);
      }
      yield converter.flush();
    } finally {
      converter.close();
    }
    if (bytes < 2 * format.channels) {
      throw new WakegateError('WG_AUDIO_EMPTY', `${this.#name} holds no samples: record it again`);
    }
  }
}
