import { EventEmitter } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Logger } from 'pino';
import {
  type AudioSource,
  hasMicrophone,
  type LevelMeter,
  type MicrophoneOptions,
  openInput,
  rhythmFor,
  SupervisedMicrophone,
  saysBusy,
} from '../audio/index.js';
import type { Config } from '../config/index.js';
import { WakegateError } from '../errors.js';
import type { InputStatus } from '../protocol/index.js';
import type { CaptureCost } from './capture-cost.js';
import { MicrophoneTrial } from './microphone-trial.js';
import type { SwitchingListener } from './switching-listener.js';

/** Several words of the default pack among others; this file runs as dist/src/daemon/input.js. */
const BUNDLED_SAMPLE = fileURLToPath(new URL('../../../samples/demo.wav', import.meta.url));

/** How often `alive` comes at most, while sound does. */
const BEAT_MS = 1000;
/** How often it comes where no sound is due. */
const QUIET_BEAT_MS = 10_000;

export interface DaemonInputOptions {
  readonly config: Pick<
    Config,
    'input' | 'recorder' | 'device' | 'rate' | 'channels' | 'channel' | 'gainDb' | 'highPassHz'
  >;
  readonly listener: Pick<
    SwitchingListener,
    'push' | 'quiet' | 'isOpen' | 'isNear' | 'nearness' | 'on' | 'ready' | 'finish'
  >;
  readonly cost: CaptureCost;
  readonly level: LevelMeter;
  /** Whether somebody sees the level as it comes. */
  readonly isWatched: () => boolean;
  readonly logger: Logger;
}

/** Which microphone. */
export type MicrophoneSettings = Pick<Config, 'recorder' | 'device'>;

/** What has happened to the input since the start. */
export interface InputCounts {
  /** Times that samples were missing, for whatever reason. */
  readonly gaps: number;
  /** Times that a microphone gave sound again after it had been lost. */
  readonly restarts: number;
}

export interface DaemonInputEvents {
  status: [status: InputStatus];
  /** Sound, as it is listened to; valid only until the next. */
  sound: [samples: Int16Array, startSample: number];
  /** So many samples never came, though nothing was muted or lost. */
  gap: [samples: number];
  /** All of it has been listened to. */
  heard: [];
  /** All goes as it should: about once a second, and now and then while it is muted or after its end. */
  alive: [nowMs: number];
}

/**
 * Feeds the listener from what the configuration names, and reports how that goes. A microphone is read less often while
 * all is quiet, and files are played at real-time pace. While it is muted a microphone is released, and what comes
 * from files and stdin is thrown away.
 */
export class DaemonInput extends EventEmitter<DaemonInputEvents> {
  #config: DaemonInputOptions['config'];
  readonly #listener: DaemonInputOptions['listener'];
  readonly #cost: CaptureCost;
  readonly #level: LevelMeter;
  readonly #isWatched: () => boolean;
  readonly #logger: Logger;
  #source: AudioSource | null = null;
  /** The source, where it is a microphone. */
  #microphone: SupervisedMicrophone | null = null;
  readonly #trial = new MicrophoneTrial();
  /** Whether a microphone is to take the place of the bundled sample, and what ends the wait for that. */
  #isMicrophoneWanted = false;
  #wake: () => void = () => {};
  /** Of the newest source that has given sound, and samples that were heard before it did. */
  #clock: AudioSource['clock'] | null = null;
  #offset = 0;
  #status: InputStatus;
  /** Number that the next sample will have, if there is no gap. */
  #nextSample = 0;
  #gaps = 0;
  #restarts = 0;
  /** Whether what comes next follows a pause that is known. */
  #isResumed = false;
  #isMuted = false;
  #closed = false;
  #quietBeat: NodeJS.Timeout | undefined;
  /** When `alive` came last while sound did. */
  #beatMs = Number.NEGATIVE_INFINITY;

  constructor({ config, listener, cost, level, isWatched, logger }: DaemonInputOptions) {
    super();
    this.#config = config;
    this.#listener = listener;
    this.#cost = cost;
    this.#level = level;
    this.#isWatched = isWatched;
    this.#logger = logger;
    this.#status = { name: config.input, state: 'opening', reason: null, problem: null };
    listener.on('near', () => {
      if (this.#microphone) this.#microphone.rhythm = 'prompt';
    });
  }

  /** Whether it is a microphone that is listened to. */
  get isMicrophone(): boolean {
    return this.#microphone !== null;
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
    this.#enter({ state: 'muted' });
    await Promise.all([this.#microphone?.mute(), this.#trial.close()]);
  }

  unmute(): void {
    if (!this.#isMuted) return;
    this.#isMuted = false;
    if (this.#status.state === 'muted') this.#enter({ state: 'opening' });
    this.#microphone?.unmute();
  }

  /** Changes gain and high-pass filter of a microphone, from its next samples on. */
  condition({ gainDb, highPassHz }: Pick<Config, 'gainDb' | 'highPassHz'>): void {
    this.#config = { ...this.#config, gainDb, highPassHz };
    this.#microphone?.condition({ gainDb, highPassHz });
  }

  /**
   * Wall time of a sample of the stream, in milliseconds since the epoch; NaN before there was any
   * sound.
   */
  wallMs(sample: number): number {
    return this.#clock?.wallMs(sample - this.#offset) ?? Number.NaN;
  }

  /**
   * Listens until all has been heard, or the input is closed.
   *
   * @throws WakegateError a fault that will not pass by itself: a file that cannot be read, no recorder
   */
  async run(): Promise<void> {
    const spec = await this.#choose();
    if (this.#closed) return;
    if (spec !== 'mic') {
      await this.#play(spec);
      if (!this.#closed && !this.#isMicrophoneWanted) await this.#end();
      // Another input is another microphone, or none.
      if (this.#config.input !== 'auto') return;
      await this.#microphoneWanted();
    }
    if (!this.#closed) await this.#hear(this.#openMicrophone());
  }

  /**
   * Resolves when another microphone has given sound, or where it is muted, since nothing is recorded then. The one in use is
   * released for it only where both are the same device.
   *
   * @throws WakegateError WG_RECORDER_FAILED, WG_RECORDER_MISSING; WG_USAGE for a name that cannot be
   */
  async tryMicrophone(settings: MicrophoneSettings): Promise<void> {
    const options = this.#optionsOf(settings);
    this.#trial.check(options);
    if (this.#isMuted) return;
    try {
      await this.#trial.hear(options);
    } catch (error) {
      const isTaken = error instanceof WakegateError && saysBusy(error.message);
      if (!isTaken || this.#microphone === null || this.#isMuted) throw error;
      await this.#tryAlone(this.#microphone, options);
    }
    if (this.#closed) throw new WakegateError('WG_CLASSIFIER_CLOSED', 'the daemon is stopping');
  }

  async #end(): Promise<void> {
    await this.#listener.finish();
    this.#enter({ state: 'ended' });
  }

  async #microphoneWanted(): Promise<void> {
    if (!this.#closed && !this.#isMicrophoneWanted) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  async #tryAlone(microphone: SupervisedMicrophone, options: MicrophoneOptions): Promise<void> {
    this.#enter({ state: 'opening' });
    await microphone.mute();
    try {
      await this.#trial.hear(options);
    } finally {
      if (!this.#isMuted) microphone.unmute();
    }
  }

  /** Listens to another microphone from now on, or to one in place of the bundled sample. */
  async useMicrophone(settings: MicrophoneSettings): Promise<void> {
    const { device: _, ...others } = this.#config;
    this.#config = { ...others, ...settings };
    if (this.#microphone !== null) {
      const name = this.#microphone.use(settings);
      this.#enter({ state: this.#isMuted ? 'muted' : 'opening', name });
      return;
    }
    this.#isMicrophoneWanted = true;
    this.#wake();
    await this.#source?.close();
  }

  /** Stops listening and closes the source. May be called more than once. */
  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#quietBeat);
    this.#wake();
    await Promise.all([this.#source?.close(), this.#trial.close()]);
  }

  async #choose(): Promise<string> {
    const { input, recorder, device } = this.#config;
    if (input !== 'auto') return input;
    if (await hasMicrophone({ recorder, ...(device && { device }) })) return 'mic';
    this.#logger.info('There is no microphone here, so the bundled sample is played instead.');
    return BUNDLED_SAMPLE;
  }

  #openMicrophone(): SupervisedMicrophone {
    const microphone = new SupervisedMicrophone(this.#optionsOf(this.#config));
    microphone.on('listening', () => this.#enter({ state: 'listening', name: microphone.name }));
    microphone.on('restored', () => {
      this.#restarts++;
      this.#enter({ state: 'restored', name: microphone.name });
    });
    microphone.on('lost', ({ code, message }, retryMs) => {
      this.#logger.warn({ code, retryMs: Math.round(retryMs) }, `The microphone is lost: ${message}`);
      this.#enter({ state: 'lost', name: microphone.name, reason: message });
    });
    microphone.on('problem', (problem) => {
      this.#enter({ ...this.#status, problem });
    });
    return microphone;
  }

  #optionsOf({ recorder, device }: MicrophoneSettings): MicrophoneOptions {
    const { rate, channels, channel, gainDb, highPassHz } = this.#config;
    return { recorder, ...(device && { device }), rate, channels, channel, gainDb, highPassHz };
  }

  async #hear(microphone: SupervisedMicrophone): Promise<void> {
    this.#source = microphone;
    this.#microphone = microphone;
    if (this.#isMuted) await microphone.mute();
    else if (this.#status.state !== 'opening') this.#enter({ state: 'opening', name: microphone.name });
    // After a gap, so that nothing is heard as a part of what another source gave before.
    const offset = this.#clock === null ? 0 : this.#nextSample + 1;
    for await (const { samples, startSample } of microphone) {
      this.#clock = microphone.clock;
      this.#offset = offset;
      this.#take(samples, offset + startSample);
      // A microphone is never kept waiting, or it would lose samples.
      const isShown = !this.#listener.quiet && this.#isWatched();
      microphone.rhythm = isShown ? 'prompt' : rhythmFor(this.#listener);
    }
  }

  /** Plays a file, or stdin, to its end. */
  async #play(spec: string): Promise<void> {
    const { rate, channels, channel } = this.#config;
    const source = openInput(spec, {
      stdin: { rate, channels, channel },
      file: { pace: 'realtime' },
    });
    this.#source = source;
    if (this.#isMicrophoneWanted) return;
    for await (const { samples, startSample } of source) {
      this.#clock = source.clock;
      if (this.#status.state === 'opening') this.#enter({ state: 'listening', name: source.name });
      this.#take(samples, startSample);
      // Only stdin can be faster than sound.
      if (spec === '-') await this.#listener.ready();
    }
  }

  #take(samples: Int16Array, startSample: number): void {
    this.#cost.arrived(samples.byteLength);
    if (!this.#isMuted) this.#pass(samples, startSample);
    this.emit('heard');
    const nowMs = performance.now();
    if (nowMs - this.#beatMs >= BEAT_MS) {
      this.#beatMs = nowMs;
      this.emit('alive', nowMs);
    }
    this.#cost.processed();
  }

  #pass(samples: Int16Array, startSample: number): void {
    if (startSample !== this.#nextSample) {
      this.#gaps++;
      this.#level.reset();
      const isKnown = this.#isResumed || this.#status.state === 'lost';
      if (!isKnown) this.emit('gap', startSample - this.#nextSample);
    }
    this.#isResumed = false;
    this.#nextSample = startSample + samples.length;
    this.#level.push(samples, startSample);
    this.emit('sound', samples, startSample);
    this.#listener.push(samples, startSample);
  }

  #enter({
    state,
    name = this.#status.name,
    reason = null,
    problem = null,
  }: Pick<InputStatus, 'state'> & Partial<InputStatus>): void {
    if (state === 'listening' || state === 'restored') this.#isResumed ||= state !== this.#status.state;
    if (state !== this.#status.state) this.#turn(state, name);
    this.#status = { name, state, reason, problem };
    this.emit('status', this.#status);
  }

  #turn(state: InputStatus['state'], name: string): void {
    if (state === 'listening') this.#logger.info(`Listening to ${name}`);
    if (state === 'restored') this.#logger.info(`Listening to ${name} again`);
    if (state === 'muted') this.#logger.info(`${name} is muted`);
    if (state === 'ended') this.#logger.info(`All of ${name} has been heard`);
    if (state === 'lost' || state === 'muted') this.#level.reset();
    clearInterval(this.#quietBeat);
    if (this.#closed || (state !== 'muted' && state !== 'ended')) return;
    // No sound is due, so that its absence is no sign of a fault.
    this.#quietBeat = setInterval(() => this.emit('alive', performance.now()), QUIET_BEAT_MS).unref();
  }
}
