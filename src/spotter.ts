import { EventEmitter } from 'node:events';
import {
  AudioDecoding,
  type AudioInput,
  type AudioPiece,
  type OpenAudio,
  openAudio,
  type RawFormat,
} from './audio/index.js';
import {
  type BackendChoice,
  Classifier,
  type ClassifierLogger,
  type ClassifierStatus,
  Detector,
} from './classifier/index.js';
import { detectAudio } from './detect-audio.js';
import { type EnergyAccount, EnergyMeter } from './energy/index.js';
import { WakegateError } from './errors.js';
import {
  type KeywordSettings,
  type ModelPack,
  readOwnKeywords,
  readPack,
  resolvePack,
  withOwnKeywords,
} from './model/index.js';
import { nearest } from './nearest.js';
import { Listener, type ListenerOptions } from './pipeline.js';
import type { FileReport, ScoresAt } from './protocol/index.js';
import { DetectionQueue } from './spotter/detection-queue.js';
import type { SpotterDetection, SpotterEvents } from './spotter/events.js';
import { Session } from './spotter/session.js';
import { SpotterStream } from './spotter/spotter-stream.js';

export interface SpotterOptions {
  /** A model pack: the name of one that comes with wakegate, a folder, or one that was read. Default `wake-words-en`. */
  readonly model?: string | ModelPack;
  /** Keywords of your own to hear as well: files as `wakegate keyword add` makes them, or a folder of such files. */
  readonly ownKeywords?: string | readonly string[];
  /** Those to listen for; by default all that the pack has, and all of your own. */
  readonly keywords?: readonly string[];
  /** `off` hands everything to the classifier: the always-on baseline, for comparison. Default `on`. */
  readonly gate?: 'on' | 'off';
  /** `off` looks into sound at the noise floor too, which costs more and finds hardly anything. Default `on`. */
  readonly levelGate?: 'on' | 'off';
  /** `off` reports what the classifier detects without a second network's confirmation. Default `on`. */
  readonly secondLook?: 'on' | 'off';
  /** What computes the MFCCs. `meyda`, for comparison, needs the package of that name. Default `fast`. */
  readonly mfcc?: 'fast' | 'meyda';
  /** What the classifier runs on. Default `auto`: tfjs-node where it is installed, else WebAssembly. */
  readonly backend?: BackendChoice;
  /** How long the classifier stays awake with nothing to do, in milliseconds. Default 10 000. */
  readonly idleMs?: number;
  /**
   * Handoffs that may wait for the classifier. By default there is no limit, and none is needed: each stream is held
   * back while 32 of its own wait. With a limit, the oldest is dropped where it is exceeded, with a `dropped` event.
   */
  readonly capacity?: number;
  /** Gets a line when the classifier wakes, and when its worker has died; pino's loggers fit. */
  readonly logger?: ClassifierLogger;
}

export interface ListenOptions extends RawFormat {
  /** Ends listening: the loop ends without an error, and the source is closed. */
  readonly signal?: AbortSignal;
}

export interface DetectOptions extends RawFormat {
  /** Rejects with the signal's reason. */
  readonly signal?: AbortSignal;
  /** What the audio is called in the report and in errors; by default its path or file name. */
  readonly name?: string;
  /** Receives the scores of all keywords wherever the classifier looked. */
  readonly onScores?: (scores: ScoresAt) => void;
}

/** What is changed of a keyword; the rest stays. */
export type KeywordChange = Partial<Omit<KeywordSettings, 'name'>>;

/** Recordings that are decoded at a time; others wait. */
const MAX_RECORDINGS = 16;

/**
 * Listens for keywords in any number of streams. The front half of the model pack runs on this thread, and costs little;
 * the classifier runs in a worker that all streams share, which starts when it is first needed and ends when it has been
 * idle.
 *
 * Audio is taken in any form, see {@link AudioInput}; it is converted, numbered, and taken only as fast as the
 * classifier answers. What is lost all the same, as by a microphone that was unplugged, is reported by a `dropped` event.
 *
 * Events, of all streams: `detection`, `gate`, `dropped`; and `state` of the classifier.
 *
 * @example
 * const spotter = await KeywordSpotter.load({ keywords: ['alexa', 'computer'] });
 * for await (const { keyword, score, time } of spotter.listen('samples/demo.wav')) {
 *   console.log(`${time.toFixed(2)} s  ${keyword}  ${score.toFixed(3)}`);
 * }
 * await spotter.close();
 */
export class KeywordSpotter extends EventEmitter<SpotterEvents> {
  readonly #pack: ModelPack;
  readonly #stages: Pick<ListenerOptions, 'gate' | 'levelGate' | 'mfcc' | 'secondLook'>;
  readonly #classifier: Classifier;
  readonly #meter: EnergyMeter;
  readonly #keywords: Map<string, Required<KeywordSettings>>;
  /** Of no stream: it knows what a keyword's settings may be. */
  readonly #checker: Detector;
  readonly #sessions = new Set<Session>();
  /** Of recordings: a file may be made to do harm, and then harms nothing else. */
  readonly #decoding = new AudioDecoding({ maxFiles: MAX_RECORDINGS });
  #nextStreamId = 0;
  #isClosed = false;
  #closing: Promise<void> | null = null;

  /**
   * Reads a model pack. The classifier is started by the first sound that passes the gate, not here.
   *
   * @throws WakegateError WG_MODEL_NOT_FOUND, WG_MODEL_INVALID; WG_UNKNOWN_NAME for a keyword that the pack does not
   *   have; WG_KEYWORD_INVALID for a keyword of your own that is not of this pack; WG_USAGE for options that cannot be
   */
  static async load(options: SpotterOptions = {}): Promise<KeywordSpotter> {
    const { model = 'wake-words-en', ownKeywords } = options;
    const pack = typeof model === 'string' ? await readPack(await resolvePack(model)) : model;
    if (ownKeywords === undefined) return new KeywordSpotter(pack, options);
    const own = await readOwnKeywords(typeof ownKeywords === 'string' ? [ownKeywords] : ownKeywords);
    return new KeywordSpotter(withOwnKeywords(pack, own), options);
  }

  private constructor(pack: ModelPack, options: SpotterOptions) {
    super();
    const { keywords, backend, idleMs, capacity = Number.POSITIVE_INFINITY, logger } = options;
    this.#pack = pack;
    const { gate, levelGate, secondLook, mfcc } = options;
    this.#stages = {
      ...(gate && { gate }),
      ...(levelGate && { levelGate }),
      ...(secondLook && { secondLook }),
      ...(mfcc && { mfcc }),
    };
    const wanted = keywords && checkKeywords(keywords, pack);
    this.#keywords = new Map(
      pack.keywords.map((keyword) => {
        const { name, enabled = true } = keyword;
        return [name, { ...keyword, enabled: wanted?.has(name) ?? enabled }];
      }),
    );
    this.#checker = new Detector(pack.keywords, pack.detector);
    this.#meter = new EnergyMeter({ hopSteps: pack.handoff.hopSteps });
    this.#classifier = new Classifier({
      pack,
      capacity,
      ...(backend && { backend }),
      ...(idleMs !== undefined && { idleMs }),
      ...(logger && { logger }),
    });
    this.#classifier.on('state', (change) => this.emit('state', change));
    this.#classifier.on('cost', ({ wakeCpuMs }) => {
      // What handoffs cost is booked where they are answered.
      this.#meter.add('classifier', { calls: 0, cpuMs: wakeCpuMs, macs: 0, bytesIn: 0, bytesOut: 0 });
    });
  }

  /**
   * Listens to a source until it ends or the signal is aborted, and yields what is heard. All that the source gave
   * before its end is judged, and its detections yielded, before the loop ends. Listening continues while the loop's
   * body runs. Leaving the loop closes the source.
   *
   * @param source anything of {@link AudioInput}; of its samples `rate`, `channels` and `channel` give the format, 16 kHz
   *   mono by default
   * @throws WakegateError WG_USAGE for what is not audio, WG_CLASSIFIER_CLOSED; from the loop, whatever the source throws,
   *   or WG_BACKEND_UNAVAILABLE and WG_CLASSIFIER_FAILED where the classifier cannot answer
   * @example
   * const signal = AbortSignal.timeout(60_000);
   * for await (const { keyword, time } of spotter.listen(microphone(), { signal })) console.log(keyword, time);
   * @example
   * // Float32Array in [-1, 1], as from Web Audio
   * for await (const { keyword } of spotter.listen(blocks, { rate: 48_000, channels: 2 })) console.log(keyword);
   */
  listen(
    source: AudioInput,
    { signal, ...format }: ListenOptions = {},
  ): AsyncGenerator<SpotterDetection, void, undefined> {
    this.#checkOpen();
    return this.#listen(openAudio(source, format), signal);
  }

  /**
   * A Writable that listens to what is written to it, or piped into it.
   *
   * @param format of what is written: raw s16le bytes, Int16Array or Float32Array. Without one, bytes are those of an
   *   audio file, and samples are 16 kHz mono
   * @throws WakegateError WG_USAGE for a format that cannot be, WG_CLASSIFIER_CLOSED
   * @example
   * const stream = spotter.stream({ rate: 48_000, channels: 2 });
   * stream.on('detection', ({ keyword, time }) => console.log(keyword, time));
   * process.stdin.pipe(stream);
   */
  stream(format: RawFormat = {}): SpotterStream {
    this.#checkOpen();
    return new SpotterStream((pieces) => this.#open(openAudio(pieces as AsyncIterable<AudioPiece>, format)));
  }

  /**
   * Listens to a recording as a whole, as fast as it goes. A keyword that ends with its last sample is heard.
   *
   * @param input the path of an audio file, a Blob, bytes, samples, or an iterable of pieces
   * @returns what was heard, and what it took; times in seconds from the start
   * @throws WakegateError as the audio or the classifier has it, WG_CLASSIFIER_CLOSED
   * @example
   * const { detections } = await spotter.detect('kitchen.flac');
   * for (const { keyword, time, score } of detections) console.log(time, keyword, score);
   */
  async detect(
    input: AudioInput,
    { signal, name, onScores, ...format }: DetectOptions = {},
  ): Promise<FileReport> {
    this.#checkOpen();
    signal?.throwIfAborted();
    const audio = openAudio(input, format, this.#decoding);
    const stop = () => void audio.close().catch(() => {}); // the signal's reason is what counts
    signal?.addEventListener('abort', stop, { once: true });
    try {
      return await detectAudio(name ?? audio.name, audio.chunks, {
        pack: { ...this.#pack, keywords: this.keywords },
        classifier: this.#classifier,
        streamId: this.#nextStreamId++,
        total: this.#meter,
        ...this.#stages,
        ...(onScores && { onScores }),
      });
    } catch (error) {
      this.#checkOpen(); // what it failed for may be only that decoding has ended
      throw error;
    } finally {
      signal?.removeEventListener('abort', stop);
      signal?.throwIfAborted();
    }
  }

  /** The keywords of the pack, as they are listened for now. */
  get keywords(): readonly Required<KeywordSettings>[] {
    return [...this.#keywords.values()];
  }

  /**
   * Changes how a keyword is detected: from the next position on in streams that are running, and in all that come.
   *
   * @throws WakegateError WG_UNKNOWN_NAME for a keyword that the pack does not have; WG_USAGE for values that cannot
   *   be, and then nothing has changed
   * @example
   * spotter.setKeyword('alexa', { threshold: 0.97 });
   * spotter.setKeyword('computer', { enabled: false });
   */
  setKeyword(name: string, change: KeywordChange): void {
    const before = this.#keywords.get(name);
    if (before === undefined) throw unknownKeyword(name, this.#pack);
    const { threshold = before.threshold, patience = before.patience, enabled = before.enabled } = change;
    this.#checker.setThreshold(name, threshold);
    this.#checker.setPatience(name, patience);
    const keyword = { name, threshold, patience, enabled };
    this.#keywords.set(name, keyword);
    for (const session of this.#sessions) session.setKeyword(keyword);
  }

  /** What listening has cost so far, of all streams together, and what it has saved against an always-on classifier. */
  energy(): EnergyAccount {
    return this.#meter.snapshot();
  }

  /** How the classifier is: asleep or awake, on which backend, and how many handoffs it has answered and dropped. */
  status(): ClassifierStatus {
    return this.#classifier.status();
  }

  /**
   * Ends everything: loops over {@link listen} end, streams are destroyed, what is being detected is rejected with
   * WG_CLASSIFIER_CLOSED. Resolves when the sources are closed and the worker has ended. May be called more than once.
   */
  close(): Promise<void> {
    this.#isClosed = true;
    this.#closing ??= this.#close();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(): Promise<void> {
    const sessions = [...this.#sessions].map((session) => session.stop(closedError()));
    await Promise.all([this.#classifier.close(), this.#decoding.close(), ...sessions]);
  }

  async *#listen(
    audio: OpenAudio,
    signal: AbortSignal | undefined,
  ): AsyncGenerator<SpotterDetection, void, undefined> {
    if (signal?.aborted) return;
    const found = new DetectionQueue();
    const session = this.#open(audio, () => found.room());
    const stop = () => {
      found.stop();
      session.stop();
    };
    session.on('detection', (detection) => found.push(detection));
    session.once('over', (fault) => (this.#isClosed ? found.stop() : found.end(fault)));
    signal?.addEventListener('abort', stop, { once: true });
    session.start();
    try {
      yield* found;
    } finally {
      signal?.removeEventListener('abort', stop);
      found.stop();
      await session.stop();
    }
  }

  #open(audio: OpenAudio, room?: () => Promise<void>): Session {
    this.#checkOpen();
    const streamId = this.#nextStreamId++;
    const listener = new Listener({
      pack: { ...this.#pack, keywords: this.keywords },
      classifier: this.#classifier,
      meter: this.#meter,
      streamId,
      ...this.#stages,
    });
    const session = new Session({ listener, streamId, audio, pack: this.#pack, ...(room && { room }) });
    this.#sessions.add(session);
    session.on('detection', (detection) => this.emit('detection', detection));
    session.on('gate', (change) => this.emit('gate', change));
    session.on('dropped', (dropped) => this.emit('dropped', dropped));
    session.once('over', () => this.#sessions.delete(session));
    return session;
  }

  #checkOpen(): void {
    if (this.#isClosed) throw closedError();
  }
}

function checkKeywords(keywords: readonly string[], pack: ModelPack): Set<string> {
  if (!Array.isArray(keywords) || keywords.length === 0) {
    throw new WakegateError(
      'WG_USAGE',
      'keywords is a list of names, such as ["alexa"]: leave it out for all',
    );
  }
  const known = new Set(pack.keywords.map(({ name }) => name));
  for (const name of keywords) if (!known.has(name)) throw unknownKeyword(name, pack);
  return new Set(keywords);
}

function unknownKeyword(name: string, { name: packName, keywords }: ModelPack): WakegateError {
  const names = keywords.map((keyword) => keyword.name);
  const meant = nearest(String(name), names);
  const remedy = meant === null ? `there are ${names.join(', ')}` : `did you mean ${meant}?`;
  return new WakegateError(
    'WG_UNKNOWN_NAME',
    `there is no keyword ${name} in model pack ${packName}; ${remedy}`,
  );
}

function closedError(): WakegateError {
  return new WakegateError('WG_CLASSIFIER_CLOSED', 'this spotter is closed: load another one');
}
