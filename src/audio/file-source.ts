import { setTimeout as sleep } from 'node:timers/promises';
import { SampleClock } from './clock.js';
import { decodeFile, readPieces } from './codecs/decode.js';
import type { AudioDecoding } from './decoding/audio-decoding.js';
import { rechunk } from './rechunk.js';
import { resampled } from './resample.js';
import { type AudioChunk, type AudioSource, SAMPLE_RATE } from './source.js';

export interface FileSourceOptions {
  /** `fast` (the default): as fast as it goes; `realtime`: each chunk once its last sample would have been heard. */
  readonly pace?: 'fast' | 'realtime';
  /** Samples in a chunk; 1280 (80 ms) by default. */
  readonly chunkSamples?: number;
  /** The only channel that is wanted, counted from 1; by default, or with 0, the mean of all. */
  readonly channel?: number;
  /** Decodes it, off this thread and within bounds; by default it is decoded here. */
  readonly decoding?: Pick<AudioDecoding, 'decode'> | undefined;
}

/** An audio file, see {@link decodeFile} for the kinds that are read. */
export class FileSource implements AudioSource {
  readonly name: string;
  readonly clock = new SampleClock();
  /** Known at the end: where there was less in the file than it says, a sentence about that. */
  warning: string | null = null;
  readonly #channel: number;
  readonly #pace: 'fast' | 'realtime';
  readonly #chunkSamples: number;
  readonly #closing = new AbortController();
  readonly #decoding: Pick<AudioDecoding, 'decode'> | undefined;

  constructor(
    path: string,
    { pace = 'fast', chunkSamples = 1280, channel = 0, decoding }: FileSourceOptions = {},
  ) {
    this.name = path;
    this.#pace = pace;
    this.#chunkSamples = chunkSamples;
    this.#channel = channel;
    this.#decoding = decoding;
  }

  /** @throws WakegateError see {@link decodeFile} */
  async *[Symbol.asyncIterator](): AsyncGenerator<AudioChunk> {
    const startMs = performance.now();
    this.clock.anchor(0, Date.now());
    for await (const chunk of rechunk(this.#blocks(), this.#chunkSamples)) {
      if (this.#pace === 'realtime') {
        // Reckoned from the start, so that late timers do not add up.
        const dueMs = startMs + ((chunk.startSample + chunk.samples.length) * 1000) / SAMPLE_RATE;
        await this.#waitUntil(dueMs);
      }
      if (this.#closing.signal.aborted) return;
      yield chunk;
      if (this.#closing.signal.aborted) return;
    }
  }

  async close(): Promise<void> {
    this.#closing.abort();
  }

  async *#blocks(): AsyncGenerator<Int16Array> {
    const channel = this.#channel;
    if (this.#decoding) {
      const audio = this.#decoding.decode(readPieces(this.name), { name: this.name, channel });
      for await (const { samples } of audio) yield samples;
      this.warning = audio.warning;
      return;
    }
    const onCut = (sentence: string): void => {
      this.warning = `${sentence}; what there is was heard`;
    };
    yield* resampled(decodeFile(this.name, { channel, onCut }));
  }

  async #waitUntil(dueMs: number): Promise<void> {
    const waitMs = dueMs - performance.now();
    if (waitMs <= 0) return;
    await sleep(waitMs, undefined, { signal: this.#closing.signal }).catch(() => {}); // closed meanwhile
  }
}

/**
 * A whole audio file as 16 kHz mono int16.
 *
 * @throws WakegateError see {@link decodeFile}
 */
export async function readAudioFile(path: string): Promise<Int16Array> {
  const blocks: Int16Array[] = [];
  let length = 0;
  for await (const block of resampled(decodeFile(path))) {
    blocks.push(block.slice());
    length += block.length;
  }
  const samples = new Int16Array(length);
  let at = 0;
  for (const block of blocks) {
    samples.set(block, at);
    at += block.length;
  }
  return samples;
}
