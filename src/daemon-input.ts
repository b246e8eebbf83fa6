import { EventEmitter } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Logger } from 'pino';
import {
  type AudioSource,
  hasMicrophone,
  type LevelMeter,
  openInput,
  SAMPLE_RATE,
  type SampleClock,
} from './audio/index.js';
import type { CaptureCost } from './capture-cost.js';
import type { Config } from './config/index.js';
import type { InputStatus } from './daemon-events.js';
import { asWakegateError, type WakegateError } from './errors.js';
import type { Listener } from './pipeline.js';

/** Several words of the default pack among others; this file runs as dist/src/daemon-input.js. */
const BUNDLED_SAMPLE = fileURLToPath(new URL('../../samples/demo.wav', import.meta.url));

const FIRST_RETRY_MS = 250;
const LONGEST_RETRY_MS = 30_000;

export interface DaemonInputOptions {
  readonly config: Pick<Config, 'input' | 'recorder' | 'device' | 'rate' | 'channels'>;
  readonly listener: Listener;
  readonly cost: CaptureCost;
  readonly level: LevelMeter;
  readonly logger: Logger;
}

/** What has happened to the input since the start. */
export interface InputCounts {
  /** Times that samples were missing, for whatever reason. */
  readonly gaps: number;
  /** Times that a microphone was opened again after it had been lost. */
  readonly restarts: number;
}

/**
 * Feeds the listener from what the configuration names, and says how that goes: `status` events with an
 * {@link InputStatus}. A microphone that fails is opened again, after 0.25 s at first and at most 30 s;
 * what comes then is numbered so that the time without it shows as a gap. Files are played at real-time
 * pace. While it is muted a microphone is let go of, and what comes from files and stdin is thrown away.
 */
export class DaemonInput extends EventEmitter<{ status: [status: InputStatus] }> {
  readonly #config: DaemonInputOptions['config'];
  readonly #listener: Listener;
  readonly #cost: CaptureCost;
  readonly #level: LevelMeter;
  readonly #logger: Logger;
  readonly #closing = new AbortController();
  #source: AudioSource | null = null;
  #isMicrophone = false;
  /** Of the latest source that has given sound. */
  #clock: SampleClock | null = null;
  #status: InputStatus;
  /** Number that the first sample of that source has in the listener's stream. */
  #origin = 0;
  /** Number that the next sample will have, if there is no gap. */
  #nextSample = 0;
  #lastChunkMs = 0;
  #gaps = 0;
  #restarts = 0;
  #isMuted = false;
  /** Resumes a microphone that waits to be unmuted. */
  #resume: () => void = () => {};

  constructor({ config, listener, cost, level, logger }: DaemonInputOptions) {
    super();
    this.#config = config;
    this.#listener = listener;
    this.#cost = cost;
    this.#level = level;
    this.#logger = logger;
    this.#status = { name: config.input, state: 'opening', reason: null };
  }

  get status(): InputStatus {
    return this.#status;
  }

  get counts(): InputCounts {
    return { gaps: this.#gaps, restarts: this.#restarts };
  }

  /** Stops listening, and resolves when the recorder has ended. What has been heard to its end stays so. */
  async mute(): Promise<void> {
    if (this.#isMuted || this.#status.state === 'ended') return;
    this.#isMuted = true;
    this.#enter('muted');
    this.#level.reset();
    if (this.#isMicrophone) await this.#source?.close();
  }

  unmute(): void {
    if (!this.#isMuted) return;
    this.#isMuted = false;
    if (this.#status.state === 'muted') this.#enter('opening');
    this.#resume();
  }

  /**
   * Wall time of a sample of the listener's stream, in milliseconds since the epoch; NaN before there was any
   * sound.
   */
  wallMs(sample: number): number {
    return this.#clock?.wallMs(sample - this.#origin) ?? Number.NaN;
  }

  /**
   * Listens until all has been heard, or the input is closed.
   *
   * @throws WakegateError a fault that will not mend by itself: a file that cannot be read, no recorder
   */
  async run(): Promise<void> {
    const spec = await this.#choose();
    this.#isMicrophone = spec === 'mic';
    if (this.#isMicrophone) await this.#keepPlaying(spec);
    else await this.#play(spec);
    if (this.#closing.signal.aborted) return;
    await this.#listener.finish();
    this.#enter('ended');
  }

  /** Stops listening and lets go of the source. May be called more than once. */
  async close(): Promise<void> {
    this.#closing.abort();
    this.#resume();
    await this.#source?.close();
  }

  async #choose(): Promise<string> {
    const { input, recorder, device } = this.#config;
    if (input !== 'auto') return input;
    if (await hasMicrophone({ recorder, ...(device && { device }) })) return 'mic';
    this.#logger.info('There is no microphone here, so the bundled sample is played instead.');
    return BUNDLED_SAMPLE;
  }

  /** Plays a microphone over and over, whatever happens to it once it has been there. */
  async #keepPlaying(spec: string): Promise<void> {
    let retryMs = FIRST_RETRY_MS;
    while (!this.#closing.signal.aborted) {
      if (this.#isMuted) {
        await new Promise<void>((resolve) => {
          this.#resume = resolve;
        });
        continue;
      }
      try {
        await this.#play(spec);
      } catch (error) {
        const heard = this.#status.state === 'listening';
        const fault = asWakegateError(error, 'WG_RECORDER_FAILED', 'the microphone failed');
        if (fault.code !== 'WG_RECORDER_FAILED' && this.#nextSample === 0) throw fault;
        if (this.#isMuted) continue; // its failing is nobody's concern now
        if (heard) retryMs = FIRST_RETRY_MS;
        this.#restarts++;
        this.#lose(fault, retryMs);
        await sleep(retryMs, undefined, { signal: this.#closing.signal }).catch(() => {}); // closed meanwhile
        retryMs = Math.min(2 * retryMs, LONGEST_RETRY_MS);
      }
    }
  }

  /** Plays a source to its end. */
  async #play(spec: string): Promise<void> {
    if (this.#closing.signal.aborted) return;
    const { recorder, device, rate, channels } = this.#config;
    const source = openInput(spec, {
      microphone: { recorder, ...(device && { device }) },
      stdin: { rate, channels },
      file: { pace: 'realtime' },
    });
    this.#source = source;
    let isFirst = true;
    this.#level.reset();
    for await (const { samples, startSample } of source) {
      this.#cost.arrived(samples.byteLength);
      if (isFirst) {
        isFirst = false;
        this.#clock = source.clock;
        this.#origin = this.#originAfterGap();
      }
      if (this.#isMuted) {
        this.#level.reset();
        continue;
      }
      if (this.#status.state !== 'listening') this.#enter('listening', source.name);
      const start = this.#origin + startSample;
      if (start !== this.#nextSample) this.#gaps++;
      this.#level.push(samples, start);
      this.#listener.push(samples, start);
      this.#nextSample = start + samples.length;
      this.#lastChunkMs = performance.now();
      this.#cost.processed();
      // Only stdin can be faster than sound. A microphone is never kept waiting, or it would lose samples.
      if (spec === '-') await this.#listener.ready();
    }
  }

  #originAfterGap(): number {
    if (this.#nextSample === 0) return 0;
    const gapMs = performance.now() - this.#lastChunkMs;
    return this.#nextSample + Math.max(1, Math.round((gapMs * SAMPLE_RATE) / 1000));
  }

  #lose(fault: WakegateError, retryMs: number): void {
    if (this.#closing.signal.aborted) return;
    this.#logger.warn({ code: fault.code, retryMs }, `The microphone is lost: ${fault.message}`);
    this.#enter('lost', this.#source?.name, fault.message);
  }

  #enter(state: InputStatus['state'], name = this.#status.name, reason: string | null = null): void {
    this.#status = { name, state, reason };
    this.emit('status', this.#status);
  }
}
