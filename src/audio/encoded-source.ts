import { checkRawFormat, type RawFormat } from './codecs/raw-pcm.js';
import { encodedBlocks } from './encoded-blocks.js';
import { rechunk } from './rechunk.js';
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
    return rechunk(encodedBlocks(this.#pieces, { name: this.#name, raw: this.#raw }), CHUNK_SAMPLES);
  }
}
