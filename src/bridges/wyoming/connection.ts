import type { Socket } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import type { Logger } from 'pino';
import { SAMPLE_RATE } from '../../audio/index.js';
import { asWakegateError, WakegateError } from '../../errors.js';
import type { Service } from '../../service.js';
import { AudioStream } from './audio-stream.js';
import { audioFormatOf, detectOf, pingOf } from './events.js';
import { FrameReader, type WyomingEvent, writeFrame } from './frames.js';
import type { SpeakerMute } from './speaker-mute.js';

export interface ConnectionOptions {
  readonly socket: Socket;
  readonly service: Pick<Service, 'openStream' | 'streamPlaces' | 'keywords'>;
  /** What `describe` is answered, as a frame. */
  readonly info: () => Buffer;
  /** Is told when a satellite plays speech; null where nothing follows from it. */
  readonly speaker: Pick<SpeakerMute, 'begin' | 'end'> | null;
  readonly logger: Logger;
}

/** Of events whose data is read. */
const READ_TYPES: ReadonlySet<string> = new Set(['ping', 'detect', 'audio-start', 'audio-chunk']);
/** Bytes of JSON after which others have their turn; an event counts as so many more. */
const BYTES_PER_TURN = 16 * 1024;
const BYTES_PER_EVENT = 256;
/** Of answers, before a peer that does not read them is dropped. */
const MAX_UNREAD_BYTES = 64 * 1024;
/** An event must be complete within this time, and a connection that wants nothing is closed after the longer one. */
const FRAME_MS = 10_000;
const IDLE_MS = 30_000;
/** By which a satellite is known that reports to an event service (wyoming-satellite, `--event-uri`). */
const SATELLITE_EVENTS: ReadonlySet<string> = new Set([
  'run-pipeline',
  'satellite-connected',
  'streaming-started',
  'streaming-stopped',
  'transcript',
  'synthesize',
  'played',
]);
/** How long one that is ended may take to go. */
const GOODBYE_MS = 1000;

/**
 * One connection of the Wyoming protocol: asks what there is, or sends audio, and is answered with the wake words in
 * it. Its audio is a stream of its own.
 */
export class Connection {
  readonly socket: Socket;
  readonly #options: ConnectionOptions;
  readonly #reader = new FrameReader(READ_TYPES);
  /** The keywords that it asked for; null for all. */
  #names: readonly string[] | null = null;
  #startTimestamp: number | null | undefined;
  #audio: AudioStream | null = null;
  /** Where the payload that is coming belongs; null where it is of no interest. */
  #payloadOf: AudioStream | null = null;
  /** Since it last asked to detect, or started to send audio. */
  #hasDetected = false;
  /** Whether it has asked to detect: it may then be silent, as a satellite is that only sends speech. */
  #isWaiting = false;
  /** Whether it is a satellite that reports what it does. */
  #isReporting = false;
  #isOver = false;
  #activeMs = performance.now();
  /** When the event began that is not complete yet; null while none is, or it is us who keep it waiting. */
  #frameSinceMs: number | null = null;
  #audioBefore = { stream: null as AudioStream | null, samples: 0, ms: 0 };

  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.socket = options.socket;
  }

  /** Whether audio of it is being heard. */
  get isStreaming(): boolean {
    return this.#audio !== null;
  }

  /** When it last sent something. */
  get activeMs(): number {
    return this.#activeMs;
  }

  /** Resolves when the connection is over. */
  async run(): Promise<void> {
    try {
      const pieces = this.socket.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>;
      for await (const bytes of pieces) {
        await this.#take(bytes);
        if (this.#isOver) break;
      }
    } catch (error) {
      // An error of the socket itself has destroyed it.
      if (!this.socket.destroyed)
        this.#refuse(asWakegateError(error, 'WG_INTERNAL', 'the connection broke off'));
    } finally {
      this.#end();
      this.socket.resume(); // what is still sent would keep the other side from reading the last word
    }
  }

  /**
   * Ends what is late: an event that does not come to its end, a connection that wants nothing, a stream without
   * sound.
   */
  look(nowMs: number): void {
    if (this.#frameSinceMs !== null && nowMs - this.#frameSinceMs > FRAME_MS) {
      this.#refuse(new WakegateError('WG_TOO_SLOW', `an event must be sent within ${FRAME_MS / 1000} s`));
    } else if (!this.#audio && !this.#isWaiting && !this.#isReporting && nowMs - this.#activeMs > IDLE_MS) {
      this.#end();
    }
    const before = this.#audioBefore;
    const samples = this.#audio?.samples ?? 0;
    if (before.stream !== this.#audio) this.#audioBefore = { stream: this.#audio, samples, ms: nowMs };
    else if (this.#audio && nowMs - before.ms > IDLE_MS) {
      this.#audioBefore = { stream: this.#audio, samples, ms: nowMs };
      if (!this.#audio.isBusy && samples - before.samples < SAMPLE_RATE) {
        void this.#audio.finish(); // what it has sent may still be answered
        this.#audio = null;
        this.#payloadOf = null;
      }
    }
  }

  async #take(bytes: Buffer): Promise<void> {
    this.#activeMs = performance.now();
    let work = 0;
    for (const part of this.#reader.read(bytes)) {
      this.#frameSinceMs = null;
      if (part instanceof Uint8Array) {
        this.#payloadOf?.push(part);
        await this.#payloadOf?.ready();
      } else {
        const audio = this.#audio;
        await this.#handle(part);
        work += part.jsonBytes + BYTES_PER_EVENT;
        // A stream takes as long to open as many events.
        if (this.#audio !== audio || work >= BYTES_PER_TURN) {
          work = 0;
          await turn();
        }
      }
      if (this.#isOver || this.socket.destroyed) return;
    }
    if (this.#reader.isWithin) this.#frameSinceMs ??= performance.now();
    else this.#frameSinceMs = null;
  }

  async #handle(event: WyomingEvent): Promise<void> {
    this.#payloadOf = null;
    if (SATELLITE_EVENTS.has(event.type)) this.#isReporting = true;
    switch (event.type) {
      case 'describe':
        return this.#send(this.#options.info());
      case 'ping':
        return this.#say('pong', { text: pingOf(event).text ?? null });
      case 'detect':
        return this.#detect(detectOf(event).names ?? []);
      case 'synthesize':
        this.#options.speaker?.begin(this);
        return;
      case 'played':
        this.#options.speaker?.end(this);
        return;
      case 'audio-start':
        if (this.#isReporting) this.#options.speaker?.begin(this);
        this.#forgetAudio();
        this.#hasDetected = false;
        this.#startTimestamp = audioFormatOf(event).timestamp;
        return;
      case 'audio-chunk':
        return this.#chunk(event);
      case 'audio-stop':
        return this.#stop();
    }
  }

  #detect(names: readonly string[]): void {
    this.#forgetAudio(); // so that sound is not joined over what lies between
    this.#isWaiting = true;
    this.#hasDetected = false;
    this.#names = names.length === 0 ? null : names;
    const known = this.#options.service.keywords().filter(({ enabled }) => enabled);
    if (names.length === 0 || known.some(({ name }) => names.includes(name))) return;
    const asked = names.map((name) => JSON.stringify(name)).join(', ');
    this.#complain(
      new WakegateError(
        'WG_UNKNOWN_NAME',
        `none of the keywords ${asked} is listened for here: there are ${known.map(({ name }) => name).join(', ')}`,
      ),
    );
  }

  #chunk(event: WyomingEvent): void {
    const format = audioFormatOf(event);
    if (event.payloadBytes % (format.width * format.channels) !== 0) {
      throw new WakegateError(
        'WG_REQUEST_INVALID',
        `the audio of an audio-chunk must be whole frames of ${format.channels} x ${format.width} bytes`,
      );
    }
    if (this.#audio && !this.#audio.fits(format)) {
      throw new WakegateError(
        'WG_REQUEST_INVALID',
        'the format of the audio changed: send audio-stop and audio-start before',
      );
    }
    if (event.payloadBytes === 0) return;
    const timestamp = this.#audio ? format.timestamp : (format.timestamp ?? this.#startTimestamp);
    this.#audio ??= this.#openAudio(format);
    this.#audio.begin(event.payloadBytes, timestamp);
    this.#payloadOf = this.#audio;
  }

  #openAudio(format: ReturnType<typeof audioFormatOf>): AudioStream {
    const { service, socket } = this.#options;
    return new AudioStream({
      service,
      remoteAddress: socket.remoteAddress,
      format,
      onDetection: ({ keyword }, timestamp) => {
        if (this.#names !== null && !this.#names.includes(keyword)) return;
        this.#hasDetected = true;
        this.#say('detection', { name: keyword, timestamp });
      },
      onFault: (fault) => this.#refuse(fault),
    });
  }

  async #stop(): Promise<void> {
    if (this.#isReporting && !this.#audio) return;
    await this.#audio?.finish();
    this.#audio = null;
    if (!this.#hasDetected) this.#say('not-detected');
    this.#hasDetected = false;
  }

  #forgetAudio(): void {
    this.#audio?.close();
    this.#audio = null;
    this.#payloadOf = null;
    this.#startTimestamp = undefined;
  }

  #say(type: string, data?: object): void {
    this.#send(writeFrame(type, data));
  }

  #send(frame: Buffer): void {
    if (this.#isOver || !this.socket.writable) return;
    if (this.socket.writableLength > MAX_UNREAD_BYTES) this.socket.destroy();
    else this.socket.write(frame);
  }

  #complain({ code, message }: WakegateError): void {
    this.#say('error', { text: message, code });
  }

  /** Says what is wrong, and ends the connection. */
  #refuse(error: WakegateError): void {
    const { code, message } = error;
    const level = code === 'WG_INTERNAL' ? 'warn' : 'debug';
    this.#options.logger[level]({ code }, `A Wyoming connection is ended: ${message}`);
    this.#complain(error);
    this.#end();
  }

  #end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#forgetAudio();
    this.#options.speaker?.end(this);
    this.socket.destroySoon();
    // Where the other side does not read the last word.
    const force = setTimeout(() => this.socket.destroy(), GOODBYE_MS).unref();
    this.socket.once('close', () => clearTimeout(force));
  }
}
