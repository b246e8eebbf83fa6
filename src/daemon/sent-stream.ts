import { setImmediate as turn } from 'node:timers/promises';
import {
  type AudioDecoding,
  type Converter,
  type RawFormat,
  SAMPLE_RATE,
  SampleClock,
} from '../audio/index.js';
import { WakegateError } from '../errors.js';
import { isoTime } from '../iso-time.js';
import type { Listener } from '../pipeline.js';
import type { SentStream } from '../service.js';
import { EventBus } from './event-bus.js';

export interface DaemonStreamOptions {
  readonly format: RawFormat;
  readonly decoding: AudioDecoding;
  /** Of this stream alone. */
  readonly listener: Listener;
  /** What a keyword is called for people. */
  readonly labelOf: (keyword: string) => string;
  readonly onClose: () => void;
}

/** Bytes that are converted at a time: memory for them is kept by each stream. */
const PIECE_BYTES = 8192;

/** Samples that the listener is given at a time: as many as it takes for a handoff or two. */
const CHUNK_SAMPLES = 1280;

/** Chunks after which others have their turn: a third of a second of sound, which takes some milliseconds. */
const CHUNKS_PER_TURN = 4;

/** Handoffs that a stream may hand over at a time, its flushed tail included. */
export const STREAM_CAPACITY = 8;

/** A stream of raw s16le audio that someone sends: heard as the daemon's own input is, with events of its own. */
export class DaemonStream implements SentStream {
  /** Detections and openings of the gate. */
  readonly events = new EventBus();
  /** What kept a handoff from being answered, if anything did. */
  fault: WakegateError | null = null;
  readonly #listener: Listener;
  readonly #converter: Converter;
  readonly #onClose: () => void;
  readonly #clock = new SampleClock();
  #nextSample = 0;

  /** @throws WakegateError WG_USAGE for a format that cannot be */
  static async open(options: DaemonStreamOptions): Promise<DaemonStream> {
    try {
      const converter = await options.decoding.converter(options.format, 'the stream');
      return new DaemonStream(options, converter);
    } catch (error) {
      options.onClose();
      throw error;
    }
  }

  private constructor({ listener, labelOf, onClose }: DaemonStreamOptions, converter: Converter) {
    this.#listener = listener;
    this.#converter = converter;
    this.#onClose = onClose;
    listener.on('gate', (change) => {
      this.events.publish({ type: 'gate', ...change, seconds: change.sample / SAMPLE_RATE });
    });
    listener.on('detection', ({ keyword, score, secondLook, sample, cost }) => {
      const heardAt = isoTime(this.#clock.wallMs(sample));
      const seconds = sample / SAMPLE_RATE;
      const label = labelOf(keyword);
      this.events.publish({
        type: 'detection',
        keyword,
        label,
        score,
        secondLook,
        sample,
        seconds,
        heardAt,
        cost,
      });
    });
    listener.on('fault', (fault) => {
      this.fault ??= fault;
    });
    listener.on('dropped', ({ sample }) => {
      const place = `at ${(sample / SAMPLE_RATE).toFixed(1)} s`;
      this.fault ??= new WakegateError(
        'WG_BUSY',
        `the classifier had no room for what came ${place}: send it later`,
      );
    });
  }

  /** Samples at 16 kHz that were heard so far. */
  get samples(): number {
    return this.#nextSample;
  }

  /**
   * Hears the next bytes, cut anywhere. Resolves when more may come: earlier, and the classifier's queue would
   * run over.
   *
   * @throws WakegateError WG_CLASSIFIER_CLOSED
   */
  async push(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length; at += PIECE_BYTES) {
      const isWhole = bytes.length <= PIECE_BYTES;
      const converted = this.#converter.push(isWhole ? bytes : bytes.subarray(at, at + PIECE_BYTES));
      // With many streams most of the garbage was of waits for nothing.
      const samples = converted instanceof Int16Array ? converted : await converted;
      this.#anchor(samples);
      if (samples.length <= CHUNK_SAMPLES && this.#listener.hasRoom) this.#take(samples);
      else await this.#hear(samples);
    }
  }

  /**
   * Ends the stream; resolves when all events of it have been emitted.
   *
   * @throws WakegateError WG_CLASSIFIER_CLOSED
   */
  async finish(): Promise<void> {
    const samples = await this.#converter.flush();
    this.#anchor(samples);
    await this.#hear(samples);
    await this.#listener.ready();
    await this.#listener.finish();
  }

  /** Releases everything. No more events come. */
  close(): void {
    this.#listener.removeAllListeners();
    this.#converter.close();
    this.#onClose();
  }

  async #hear(samples: Int16Array): Promise<void> {
    for (let at = 0; at < samples.length; at += CHUNK_SAMPLES) {
      await this.#listener.ready();
      this.#take(samples.subarray(at, at + CHUNK_SAMPLES));
      if ((at / CHUNK_SAMPLES) % CHUNKS_PER_TURN === CHUNKS_PER_TURN - 1) await turn();
    }
  }

  /** The first samples have just been taken. */
  #anchor(samples: Int16Array): void {
    if (this.#nextSample === 0 && samples.length > 0) this.#clock.anchor(samples.length, Date.now());
  }

  #take(samples: Int16Array): void {
    this.#listener.push(samples, this.#nextSample);
    this.#nextSample += samples.length;
  }
}
