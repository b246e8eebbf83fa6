import type { Logger } from 'pino';
import { SAMPLE_RATE } from './audio/index.js';
import { CaptureCost } from './capture-cost.js';
import { Classifier } from './classifier/index.js';
import { type Config, configureKeywords } from './config/index.js';
import { EventBus } from './daemon-events.js';
import { DaemonInput } from './daemon-input.js';
import { type EnergyAccount, EnergyMeter } from './energy/index.js';
import { type ModelPack, readPack, resolvePack } from './model/index.js';
import { type Detection, Listener } from './pipeline.js';
import { type RunningServer, type Service, type Status, startServer } from './server/index.js';
import { VERSION } from './version.js';

/**
 * The daemon: one input, through one listener, to events on a bus that the server passes on.
 *
 * @example
 * const daemon = await Daemon.create(await loadConfig(), pino());
 * await daemon.start();
 * await daemon.ended;
 * await daemon.stop();
 */
export class Daemon implements Service {
  readonly events = new EventBus();
  /**
   * Resolves when stdin, as the input, has been heard to its end: with any other input there is more to
   * come, or to serve. Rejects with a `WakegateError` where listening cannot go on.
   */
  readonly ended: Promise<void>;

  /** Called with every sign that listening goes on: chunks of samples, and attempts to get a lost microphone back. */
  onAlive: () => void = () => {};

  readonly #config: Config;
  readonly #pack: ModelPack;
  readonly #logger: Logger;
  readonly #meter: EnergyMeter;
  readonly #classifier: Classifier;
  readonly #listener: Listener;
  readonly #input: DaemonInput;
  #server: RunningServer | null = null;
  #end!: { resolve: () => void; reject: (error: unknown) => void };
  #startedMs = performance.now();
  #stopping = false;
  /** Whether a handoff without an answer has been told of since the gate opened. */
  #faultTold = false;

  /**
   * Reads the model pack; nothing is opened or started yet.
   *
   * @throws WakegateError WG_MODEL_NOT_FOUND, WG_MODEL_INVALID; WG_CONFIG_INVALID for keywords that the
   *   pack does not have
   */
  static async create(config: Config, logger: Logger): Promise<Daemon> {
    const pack = await readPack(await resolvePack(config.model));
    return new Daemon(
      config,
      { ...pack, keywords: configureKeywords(pack.keywords, config.keywords) },
      logger,
    );
  }

  private constructor(config: Config, pack: ModelPack, logger: Logger) {
    this.#config = config;
    this.#pack = pack;
    this.#logger = logger;
    this.#meter = new EnergyMeter({ hopSteps: pack.handoff.hopSteps });
    this.#classifier = new Classifier({
      pack,
      backend: config.backend,
      idleMs: config.idleSeconds * 1000,
      logger,
    });
    this.#listener = new Listener({
      pack,
      classifier: this.#classifier,
      meter: this.#meter,
      gate: config.gate,
    });
    const cost = new CaptureCost(this.#meter, this.#classifier);
    this.#input = new DaemonInput({ config, listener: this.#listener, cost, logger });
    this.ended = new Promise((resolve, reject) => {
      this.#end = { resolve, reject };
    });
    this.ended.catch(() => {}); // for who does not wait for it
    this.#connect();
  }

  /** @throws WakegateError WG_PORT_UNAVAILABLE */
  async start(): Promise<void> {
    this.#startedMs = performance.now();
    const { host, port, input } = this.#config;
    this.#server = await startServer({ service: this, host, port, logger: this.#logger });
    this.#input.run().then(
      () => {
        if (input === '-') this.#end.resolve();
      },
      (error: unknown) => this.#end.reject(error),
    );
  }

  /** Lets go of everything. May be called more than once, and before `start`. */
  async stop(): Promise<void> {
    this.#stopping = true;
    await Promise.all([this.#input.close(), this.#server?.close(), this.#classifier.close()]);
  }

  /** Where it is served, such as http://127.0.0.1:8765; null before it is. */
  get url(): string | null {
    return this.#server?.url ?? null;
  }

  status(): Status {
    const { steps, passed, open, score, maxScore } = this.#listener.account();
    const { name, description, keywords, gate } = this.#pack;
    return {
      version: VERSION,
      uptimeSeconds: (performance.now() - this.#startedMs) / 1000,
      input: this.#input.status,
      gate: {
        mode: this.#config.gate,
        threshold: gate.threshold,
        open,
        score,
        maxScore,
        stopRate: steps === 0 ? null : 1 - passed / steps,
      },
      classifier: this.#classifier.status(),
      model: { name, description },
      keywords: keywords.map(({ name, threshold, patience }) => ({ name, threshold, patience })),
    };
  }

  energy(): EnergyAccount {
    return this.#meter.snapshot();
  }

  /** Puts what the parts tell on the bus and into the log. */
  #connect(): void {
    this.#listener.on('detection', (detection) => this.#tell(detection));
    this.#listener.on('gate', (change) => {
      const event = { type: 'gate', ...change, seconds: change.sample / SAMPLE_RATE } as const;
      this.#logger.debug(event, change.open ? 'gate opened' : 'gate closed');
      this.events.publish(event);
      if (change.open) this.#faultTold = false;
    });
    this.#listener.on('fault', ({ code, message }) => {
      // What is wrong with one handoff is most often wrong with its neighbours too.
      if (this.#stopping || this.#faultTold) return;
      this.#faultTold = true;
      this.#logger.warn({ code }, `The classifier gave no answer: ${message}`);
    });
    this.#classifier.on('state', (change) => {
      this.#logger.debug(change, `classifier ${change.state}`);
      this.events.publish({ type: 'classifier', ...change });
    });
    this.#classifier.on('cost', ({ wakeCpuMs }) => {
      // What handoffs cost is booked where they are answered.
      this.#meter.add('classifier', { calls: 0, cpuMs: wakeCpuMs, macs: 0, bytesIn: 0, bytesOut: 0 });
    });
    this.#input.on('heard', () => this.onAlive());
    this.#input.on('status', (status) => {
      this.onAlive();
      this.events.publish({ type: 'input', ...status });
    });
  }

  #tell({ keyword, score, sample, cost }: Detection): void {
    const heard = {
      keyword,
      score,
      sample,
      seconds: sample / SAMPLE_RATE,
      heardAt: new Date(this.#input.wallMs(sample)).toISOString(),
      cost,
    };
    this.#logger.info({ event: 'detection', ...heard }, `Heard "${keyword}"`);
    this.events.publish({ type: 'detection', ...heard });
  }
}
