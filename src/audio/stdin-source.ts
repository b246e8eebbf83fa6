import type { Readable } from 'node:stream';
import { asWakegateError, WakegateError } from '../errors.js';
import { SampleClock } from './clock.js';
import { RawCheck } from './codecs/not-raw.js';
import { checkRawFormat, type RawFormat, RawPcmConverter } from './codecs/raw-pcm.js';
import { rechunk } from './rechunk.js';
import type { AudioChunk, AudioSource } from './source.js';

export interface StdinSourceOptions extends RawFormat {
  /** Samples in a chunk; 1280 (80 ms) by default. */
  readonly chunkSamples?: number;
}

/** Raw s16le audio from a stream, such as standard input. Half a sample at the end is left out. */
export class StdinSource implements AudioSource {
  readonly name = 'stdin';
  readonly clock = new SampleClock();
  readonly #stream: Readable;
  readonly #format: Required<RawFormat>;
  readonly #chunkSamples: number;
  #closed = false;

  /** @throws WakegateError WG_USAGE for a rate or number of channels that cannot be */
  constructor(stream: Readable, { chunkSamples = 1280, ...format }: StdinSourceOptions = {}) {
    this.#stream = stream;
    this.#format = checkRawFormat(format);
    this.#chunkSamples = chunkSamples;
  }

  /**
   * @throws WakegateError WG_AUDIO_EMPTY where the stream ends without a sample, WG_AUDIO_INVALID where it breaks,
   *   WG_AUDIO_UNSUPPORTED where a file or floats come in place of raw 16-bit samples
   */
  async *[Symbol.asyncIterator](): AsyncGenerator<AudioChunk> {
    for await (const chunk of rechunk(this.#blocks(), this.#chunkSamples)) {
      if (this.#closed) return;
      yield chunk;
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#stream.destroy();
  }

  async *#blocks(): AsyncGenerator<Int16Array> {
    const converter = await RawPcmConverter.create(this.#format);
    const check = new RawCheck();
    let samples = 0;
    try {
      for await (const bytes of this.#stream) {
        const mistaken = check.push(bytes);
        if (mistaken !== null) {
          throw new WakegateError(
            'WG_AUDIO_UNSUPPORTED',
            `stdin gives ${mistaken}: pipe raw 16-bit samples, as ffmpeg -i FILE -f s16le -ar 16000 -ac 1 - writes them`,
          );
        }
        const block = converter.push(bytes);
        // The newest sample of the first block is as old as its arrival.
        if (samples === 0 && block.length > 0) this.clock.anchor(block.length, Date.now());
        samples += block.length;
        yield block;
      }
      const rest = converter.flush();
      samples += rest.length;
      yield rest;
    } catch (error) {
      if (this.#closed) return; // a stream that is closed while it is read says so with an error
      throw asWakegateError(error, 'WG_AUDIO_INVALID', 'stdin was interrupted');
    } finally {
      converter.close();
    }
    if (samples === 0 && !this.#closed) {
      throw new WakegateError('WG_AUDIO_EMPTY', 'stdin ended without a sample: pipe raw s16le audio into it');
    }
  }
}
