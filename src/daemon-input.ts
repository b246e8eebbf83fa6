import { EventEmitter } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Logger } from 'pino';
import { type AudioSource, hasMicrophone, openInput, SupervisedMicrophone } from './audio/index.js';
import type { CaptureCost } from './capture-cost.js';
import type { Config } from './config/index.js';
import type { InputStatus } from './daemon-events.js';
import type { Listener } from './pipeline.js';

/** Several words of the default pack among others; this file runs as dist/src/daemon-input.js. */
const BUNDLED_SAMPLE = fileURLToPath(new URL('../../samples/demo.wav', import.meta.url));

export interface DaemonInputOptions {
  readonly config: Pick<
    Config,
    'input' | 'recorder' | 'device' | 'rate' | 'channels' | 'channel' | 'gainDb' | 'highPassHz'
  >;
  readonly listener: Listener;
  readonly cost: CaptureCost;
  readonly logger: Logger;
}

/**
 * Feeds the listener from what the configuration names, and says how that goes: `status` events with an
 * {@link InputStatus}; and `heard` after every chunk. A microphone is looked at less often while all is quiet. Files are played at real-time pace.
 */
export class DaemonInput extends EventEmitter<{ status: [status: InputStatus]; heard: [] }> {
  readonly #config: DaemonInputOptions['config'];
  readonly #listener: Listener;
  readonly #cost: CaptureCost;
  readonly #logger: Logger;
  #source: AudioSource | null = null;
  #closed = false;
  #status: InputStatus;

  constructor({ config, listener, cost, logger }: DaemonInputOptions) {
    super();
    this.#config = config;
    this.#listener = listener;
    this.#cost = cost;
    this.#logger = logger;
    this.#status = { name: config.input, state: 'opening', reason: null, problem: null };
  }

  get status(): InputStatus {
    return this.#status;
  }

  /**
   * Wall time of a sample of the listener's stream, in milliseconds since the epoch; NaN before there was any
   * sound.
   */
  wallMs(sample: number): number {
    return this.#source?.clock.wallMs(sample) ?? Number.NaN;
  }

  /**
   * Listens until all has been heard, or the input is closed.
   *
   * @throws WakegateError a fault that will not mend by itself: a file that cannot be read, no recorder
   */
  async run(): Promise<void> {
    const spec = await this.#choose();
    if (this.#closed) return;
    if (spec === 'mic') await this.#hear(this.#openMicrophone());
    else await this.#play(spec);
    if (this.#closed) return;
    await this.#listener.finish();
    this.#enter({ state: 'ended' });
  }

  /** Stops listening and lets go of the source. May be called more than once. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#source?.close();
  }

  async #choose(): Promise<string> {
    const { input, recorder, device } = this.#config;
    if (input !== 'auto') return input;
    if (await hasMicrophone({ recorder, ...(device && { device }) })) return 'mic';
    this.#logger.info('There is no microphone here, so the bundled sample is played instead.');
    return BUNDLED_SAMPLE;
  }

  #openMicrophone(): SupervisedMicrophone {
    const { recorder, device, rate, channels, channel, gainDb, highPassHz } = this.#config;
    const microphone = new SupervisedMicrophone({
      recorder,
      ...(device && { device }),
      rate,
      channels,
      channel,
      gainDb,
      highPassHz,
    });
    microphone.on('listening', () => this.#enter({ state: 'listening', name: microphone.name }));
    microphone.on('restored', () => this.#enter({ state: 'restored', name: microphone.name }));
    microphone.on('lost', ({ code, message }, retryMs) => {
      this.#logger.warn({ code, retryMs: Math.round(retryMs) }, `The microphone is lost: ${message}`);
      this.#enter({ state: 'lost', name: microphone.name, reason: message });
    });
    microphone.on('problem', (problem) => {
      if (problem !== null) this.#logger.warn(`The microphone gives no good sound: ${problem}`);
      this.#enter({ ...this.#status, problem });
    });
    return microphone;
  }

  async #hear(microphone: SupervisedMicrophone): Promise<void> {
    this.#source = microphone;
    for await (const { samples, startSample } of microphone) {
      this.#take(samples, startSample);
      // A microphone is never kept waiting, or it would lose samples.
      microphone.rhythm = this.#listener.quiet ? 'slow' : 'prompt';
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
    for await (const { samples, startSample } of source) {
      if (this.#status.state === 'opening') this.#enter({ state: 'listening', name: source.name });
      this.#take(samples, startSample);
      // Only stdin can be faster than sound.
      if (spec === '-') await this.#listener.ready();
    }
  }

  #take(samples: Int16Array, startSample: number): void {
    this.#cost.arrived(samples.byteLength);
    this.#listener.push(samples, startSample);
    this.#cost.processed();
    this.emit('heard');
  }

  #enter({
    state,
    name = this.#status.name,
    reason = null,
    problem = null,
  }: Pick<InputStatus, 'state'> & Partial<InputStatus>): void {
    if (state !== this.#status.state) this.#log(state, name);
    this.#status = { name, state, reason, problem };
    this.emit('status', this.#status);
  }

  #log(state: InputStatus['state'], name: string): void {
    if (state === 'listening') this.#logger.info(`Listening to ${name}`);
    if (state === 'restored') this.#logger.info(`Listening to ${name} again`);
    if (state === 'ended') this.#logger.info(`All of ${name} has been heard`);
  }
}
