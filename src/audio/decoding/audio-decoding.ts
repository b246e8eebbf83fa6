import { checkRawFormat, type RawFormat, RawPcmConverter } from '../codecs/raw-pcm.js';
import { rechunk } from '../rechunk.js';
import { type AudioChunk, SAMPLE_RATE } from '../source.js';
import { DecodeJob } from './decode-job.js';
import { StreamConverter } from './stream-converter.js';
import { DecodingThread } from './thread.js';

const CHUNK_SAMPLES = 1280;
/** Files that are decoded at a time, each on a thread of its own: one that does harm harms no other. */
const MAX_FILES = 4;
const IDLE_MS = 10_000;

export interface DecodingOptions {
  /** What the audio is called in errors. */
  readonly name: string;
  /** Layout of raw s16le samples; by default the bytes of a file, which say themselves what they are. */
  readonly raw?: RawFormat | undefined;
  /** The only channel of a file that is wanted, counted from 1; by default, or with 0, the mean of all. */
  readonly channel?: number | undefined;
}

/** Decoded audio, as chunks at 16 kHz. It can be iterated once. */
export interface DecodedAudio extends AsyncIterable<AudioChunk> {
  /** Known at the end: where there was less audio than it says, a sentence about that. */
  readonly warning: string | null;
}

/** Converts a stream of raw samples to 16 kHz mono. */
export interface Converter {
  /** @returns what has come out, valid until the next call */
  push(bytes: Uint8Array): Int16Array | Promise<Int16Array>;
  /** The rest of the resampler; part of a frame is left out. */
  flush(): Int16Array | Promise<Int16Array>;
  close(): void;
}

/**
 * Decodes and resamples off the thread that calls: files each on a thread of their own, all streams on one. Threads
 * are started when they are needed, and ended when they have had nothing to do for a while.
 *
 * @example
 * const decoding = new AudioDecoding();
 * const audio = decoding.decode(request, { name: 'the body' });
 * for await (const { samples, startSample } of audio) listener.push(samples, startSample);
 */
export class AudioDecoding {
  readonly #idleMs: number;
  readonly #stallMs: number | undefined;
  readonly #maxFiles: number;
  readonly #fileThreads = new Set<DecodingThread>();
  #streamThread: DecodingThread | null = null;
  readonly #idleTimers = new Map<DecodingThread, NodeJS.Timeout>();
  readonly #waiting: (() => void)[] = [];
  #files = 0;
  #nextJob = 1;

  /**
   * @param maxFiles files that are decoded at a time
   * @param stallMs how long a thread may give no sign while it owes one
   */
  constructor({
    idleMs = IDLE_MS,
    stallMs,
    maxFiles = MAX_FILES,
  }: { idleMs?: number; stallMs?: number; maxFiles?: number } = {}) {
    this.#maxFiles = maxFiles;
    this.#idleMs = idleMs;
    this.#stallMs = stallMs;
  }

  /** Threads that are there now. */
  get threads(): number {
    return this.#fileThreads.size + (this.#streamThread ? 1 : 0);
  }

  /**
   * Decodes audio as its bytes come; where more come at a time than are decoded, others wait.
   *
   * @throws WakegateError WG_USAGE for a format that cannot be. From the iteration: as `decodeBytes` has it, or
   *   WG_AUDIO_TOO_COSTLY where it takes more time or memory than any sound does
   */
  decode(pieces: AsyncIterable<Uint8Array>, { name, raw, channel = 0 }: DecodingOptions): DecodedAudio {
    const format = raw === undefined ? null : checkRawFormat(raw);
    const job = new DecodeJob(pieces, { name, raw: format, channel });
    const blocks = this.#run(job);
    const chunks = rechunk(blocks, CHUNK_SAMPLES);
    return {
      get warning() {
        return job.warning;
      },
      [Symbol.asyncIterator]: () => chunks,
    };
  }

  /**
   * A converter of one stream. What is at 16 kHz already is only copied, by the thread that calls.
   *
   * @throws WakegateError WG_USAGE for a format that cannot be
   */
  async converter(raw: RawFormat, name: string): Promise<Converter> {
    const format = checkRawFormat(raw);
    if (format.rate === SAMPLE_RATE) return RawPcmConverter.create(format);
    this.#streamThread ??= this.#startThread(() => {
      this.#streamThread = null;
    });
    const thread = this.#streamThread;
    this.#keep(thread);
    return new StreamConverter(thread, this.#nextJob++, format, name, () => this.#release(thread));
  }

  /** Ends all threads; what is being decoded fails. */
  async close(): Promise<void> {
    const threads = [...this.#fileThreads, ...(this.#streamThread ? [this.#streamThread] : [])];
    for (const timer of this.#idleTimers.values()) clearTimeout(timer);
    await Promise.all(threads.map((thread) => thread.end()));
  }

  async *#run(job: DecodeJob): AsyncGenerator<Int16Array> {
    while (this.#files >= this.#maxFiles) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#files++;
    const thread = this.#fileThread();
    this.#keep(thread);
    try {
      yield* job.blocks(thread, this.#nextJob++);
    } finally {
      this.#files--;
      this.#waiting.shift()?.();
      // What is left early may still be at work, or hang; what fails may have made a decoder take memory that it keeps.
      if (job.done) this.#release(thread);
      else void thread.end();
    }
  }

  #fileThread(): DecodingThread {
    for (const thread of this.#fileThreads)
      if (thread.jobs === 0 && !thread.ended && this.#idleTimers.has(thread)) return thread;
    const thread = this.#startThread(() => this.#fileThreads.delete(thread));
    this.#fileThreads.add(thread);
    return thread;
  }

  #startThread(onEnd: () => void): DecodingThread {
    return new DecodingThread(onEnd, this.#stallMs);
  }

  #keep(thread: DecodingThread): void {
    clearTimeout(this.#idleTimers.get(thread));
    this.#idleTimers.delete(thread);
  }

  #release(thread: DecodingThread): void {
    if (thread.jobs > 0 || thread.ended) return;
    this.#keep(thread);
    const timer = setTimeout(() => {
      this.#idleTimers.delete(thread);
      void thread.end();
    }, this.#idleMs);
    this.#idleTimers.set(thread, timer.unref());
  }
}
