import type { Logger } from 'pino';
import { type AudioChunk, LevelMeter, type RawFormat, SAMPLE_RATE } from '../audio/index.js';
import { type Config, type ConfigChanges, changesBetween, configureKeywords } from '../config/index.js';
import { detectAudio } from '../detect-audio.js';
import { chooseBasis, EnergyHistory, EnergyMeter, findGauge, MeasuredBasis } from '../energy/index.js';
import { WakegateError } from '../errors.js';
import { type ModelPack, ModelShelf, readPack, resolvePack } from '../model/index.js';
import { type Detection, Listener } from '../pipeline.js';
import type {
  Energy,
  FileReport,
  KeywordChange,
  KeywordInfo,
  ModelInfo,
  MuteStatus,
  ScoresAt,
  Status,
} from '../protocol/index.js';
import { type Access, configuredToken, type RunningServer, startServer } from '../server/index.js';
import type { Service } from '../service.js';
import { VERSION } from '../version.js';
import { CaptureCost } from './capture-cost.js';
import { DaemonCaptures, type StoredCaptures } from './captures.js';
import { EventBus } from './event-bus.js';
import { DaemonInput } from './input.js';
import { DaemonKeywords } from './keywords.js';
import { Hearing } from './loaded-pack.js';
import { DaemonStream } from './sent-stream.js';
import { defaultStateDirectory, StateDirectory } from './state-directory.js';
import { Ear } from './switching-listener.js';

/**
 * What an always-on classifier that computes only what is new would pay for a handoff, as a share of a whole window:
 * `npm run bench` measures it.
 */
const INCREMENTAL_SHARE = 0.8;

/** What a daemon is made of. */
interface DaemonParts {
  readonly config: Config;
  readonly access: Access;
  readonly pack: ModelPack;
  readonly keywords: DaemonKeywords;
  readonly state: StateDirectory;
  /** Whether to capture, as it was last told. */
  readonly captures: StoredCaptures;
  readonly logger: Logger;
}

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
  readonly captures: DaemonCaptures;
  /**
   * Resolves when stdin, as the input, has been heard to its end: with any other input there is more to
   * come, or to serve. Rejects with a `WakegateError` where listening cannot go on.
   */
  readonly ended: Promise<void>;

  /**
   * Called with every sign that all goes as it should: chunks of samples, attempts to get a lost microphone back, and
   * now and then while there is nothing to listen to.
   */
  onAlive: () => void = () => {};

  readonly #access: Access;
  #config: Config;
  readonly #logger: Logger;
  readonly #meter: EnergyMeter;
  readonly #ear: Ear;
  readonly #shelf: ModelShelf;
  readonly #input: DaemonInput;
  readonly #keywords: DaemonKeywords;
  /** Of the streams that are sent: what they cost is not what it costs to listen to the input. */
  readonly #streamMeter: EnergyMeter;
  readonly #history: EnergyHistory;
  readonly #level: LevelMeter;
  /** Ends when the latest change of the model pack has been made; they are made one after the other. */
  #changingModel: Promise<unknown> = Promise.resolve();
  #unmuting: { readonly timer: NodeJS.Timeout; readonly untilMs: number } | null = null;
  #server: RunningServer | null = null;
  #end!: { resolve: () => void; reject: (error: unknown) => void };
  #startedMs = performance.now();
  #stopping = false;
  /** The input has 0. */
  #nextStreamId = 1;
  /** Whether a handoff without an answer has been told of since the gate opened. */
  #faultTold = false;
  /** The same of a handoff that was dropped. */
  #dropTold = false;

  /**
   * Reads the model pack; nothing is opened or started yet.
   *
   * @throws WakegateError WG_MODEL_NOT_FOUND, WG_MODEL_INVALID; WG_CONFIG_INVALID for keywords that the
   *   pack does not have; WG_TOKEN_UNUSABLE, WG_STATE_UNUSABLE
   */
  static async create(config: Config, logger: Logger): Promise<Daemon> {
    const access: Access = {
      token: await configuredToken(config, logger),
      loopbackToken: config.loopbackToken === 'on',
      allowedOrigins: config.allowedOrigins,
    };
    const pack = await readPack(await resolvePack(config.model));
    configureKeywords(pack.keywords, config.keywords); // refuses settings of keywords that it does not have
    const state = new StateDirectory(config.stateDirectory ?? defaultStateDirectory());
    const keywords = await DaemonKeywords.open(pack, config.keywords, state);
    const captures = await DaemonCaptures.readStored(state);
    return new Daemon({ config, access, pack, keywords, state, captures, logger });
  }

  private constructor({ config, access, pack, keywords, state, captures, logger }: DaemonParts) {
    this.#config = config;
    this.#access = access;
    this.#shelf = new ModelShelf(pack.directory);
    this.#keywords = keywords;
    this.#logger = logger;
    const gauge = findGauge();
    const basis = gauge ? new MeasuredBasis(gauge, chooseBasis()) : chooseBasis();
    this.#meter = new EnergyMeter({
      basis,
      hopSteps: pack.handoff.hopSteps,
      incrementalShare: INCREMENTAL_SHARE,
    });
    this.#streamMeter = new EnergyMeter({ hopSteps: pack.handoff.hopSteps });
    this.#ear = new Ear(this.#hearingOf(pack), this.#meter);
    keywords.attach(this.#ear.hearing.listener);
    this.#history = new EnergyHistory(this.#meter, performance.now());
    this.#level = new LevelMeter((dbfs, sample) => {
      const nowMs = performance.now();
      this.#history.heard(nowMs);
      basis.heard?.(nowMs);
      this.events.publishLevel(dbfs, sample, sample / SAMPLE_RATE);
    });
    this.#input = new DaemonInput({
      config,
      ear: this.#ear,
      cost: new CaptureCost(this.#meter, { status: () => this.#ear.hearing.classifier.status() }),
      level: this.#level,
      logger,
    });
    this.captures = new DaemonCaptures(
      { config, state, input: this.#input, ear: this.#ear, keywords, logger },
      captures,
    );
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
    this.#server = await startServer({
      service: this,
      host,
      port,
      access: this.#access,
      logger: this.#logger,
    });
    this.captures.start();
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
    clearTimeout(this.#unmuting?.timer);
    await Promise.all([this.#input.close(), this.#server?.close(), this.#ear.close()]);
    await Promise.all([this.captures.close(), this.#changingModel]);
  }

  /** Where it is served, such as http://127.0.0.1:8765; null before it is. */
  get url(): string | null {
    return this.#server?.url ?? null;
  }

  status(): Status {
    const { steps, passed, openings, open, score, maxScore } = this.#ear.hearing.listener.account();
    const { pack, classifier } = this.#ear.hearing;
    const { name, description, gate } = pack;
    const { dbfs } = this.#level;
    return {
      version: VERSION,
      uptimeSeconds: (performance.now() - this.#startedMs) / 1000,
      input: {
        ...this.#input.status,
        ...this.#input.counts,
        levelDbfs: Number.isFinite(dbfs) ? dbfs : null,
        mutedUntil: this.#muteStatus().mutedUntil,
      },
      gate: {
        mode: this.#config.gate,
        threshold: gate.threshold,
        open,
        score,
        maxScore,
        steps,
        passed,
        openings,
        stopRate: steps === 0 ? null : 1 - passed / steps,
      },
      classifier: classifier.status(),
      model: { name, description },
      keywords: this.#keywords.list(),
    };
  }

  notReady(): string | null {
    const { name, state, reason } = this.#input.status;
    if (state === 'opening') return `${name} is being opened, and has given no sound yet`;
    if (state === 'lost') return `${name} is lost: ${reason}`;
    const { fault } = this.#ear.hearing.health;
    return fault && `the classifier cannot answer: ${fault.message}`;
  }

  energy(): Energy {
    const nowMs = performance.now();
    return {
      ...this.#meter.snapshot(),
      lastMinute: this.#history.last(60_000, nowMs),
      lastHour: this.#history.last(3_600_000, nowMs),
    };
  }

  resetEnergy(): void {
    this.#history.reset(performance.now());
  }

  keywords(): KeywordInfo[] {
    return this.#keywords.list();
  }

  async changeKeyword(name: string, change: KeywordChange): Promise<KeywordInfo> {
    const keyword = await this.#keywords.change(name, change);
    this.#logger.info(keyword, `Keyword "${name}" changed`);
    this.events.publish({ type: 'config', keyword });
    return keyword;
  }

  async mute(seconds: number | null): Promise<MuteStatus> {
    this.#forgetUnmuting();
    if (seconds !== null) {
      const timer = setTimeout(() => this.unmute(), seconds * 1000).unref();
      this.#unmuting = { timer, untilMs: Date.now() + seconds * 1000 };
    }
    await this.#input.mute();
    return this.#muteStatus();
  }

  unmute(): MuteStatus {
    this.#forgetUnmuting();
    this.#input.unmute();
    return this.#muteStatus();
  }

  async models(): Promise<ModelInfo[]> {
    const inUse = this.#ear.hearing.pack.directory;
    const packs = await this.#shelf.list();
    return packs.map(({ directory, ...pack }) => ({ ...pack, inUse: directory === inUse }));
  }

  changeModel(id: string): Promise<ModelInfo> {
    const changed = this.#changingModel.then(() => this.#changeModel(id));
    this.#changingModel = changed.catch(() => {});
    return changed;
  }

  async detect(
    name: string,
    chunks: AsyncIterable<AudioChunk>,
    onScores?: (scores: ScoresAt) => void,
  ): Promise<FileReport> {
    const { hearing } = this.#ear;
    hearing.enter();
    try {
      return await detectAudio(name, chunks, {
        pack: { ...hearing.pack, keywords: this.#keywords.list() },
        classifier: hearing.classifier,
        streamId: this.#nextStreamId++,
        gate: this.#config.gate,
        mfcc: this.#config.mfcc,
        ...(onScores && { onScores }),
      });
    } finally {
      await hearing.leave();
    }
  }

  openStream(format: RawFormat): Promise<DaemonStream> {
    const { hearing } = this.#ear;
    const listener = new Listener({
      pack: { ...hearing.pack, keywords: this.#keywords.list() },
      classifier: hearing.classifier,
      meter: this.#streamMeter,
      streamId: this.#nextStreamId++,
      gate: this.#config.gate,
      mfcc: this.#config.mfcc,
    });
    hearing.enter();
    this.#keywords.attach(listener);
    return DaemonStream.open({
      format,
      listener,
      labelOf: (keyword) => this.#keywords.labelOf(keyword),
      onClose: () => {
        this.#keywords.detach(listener);
        hearing.leave();
      },
    });
  }

  async #changeModel(id: string): Promise<ModelInfo> {
    const pack = await readPack(await this.#shelf.directoryOf(id));
    const hearing = this.#hearingOf(pack);
    try {
      await hearing.tryOut();
      if (this.#stopping) throw new WakegateError('WG_CLASSIFIER_CLOSED', 'the daemon is stopping');
      const { state } = this.#input.status;
      await this.#ear.change(hearing, state === 'listening' || state === 'restored');
    } catch (error) {
      await hearing.leave();
      throw error;
    }
    this.#logger.info({ id, name: pack.name }, `Listening with model pack "${pack.name}"`);
    return (await this.models()).find(({ inUse }) => inUse)!;
  }

  #hearingOf(pack: ModelPack): Hearing {
    return new Hearing({
      pack,
      keywords: this.#keywords.list(pack),
      config: this.#config,
      meter: this.#meter,
      logger: this.#logger,
    });
  }

  /**
   * Takes what can be taken of other settings while listening goes on, and says what has changed.
   *
   * @throws WakegateError WG_CONFIG_INVALID for keywords that the pack does not have, and then nothing has changed
   */
  reconfigure(config: Config): ConfigChanges {
    const changes = changesBetween(this.#config, config);
    for (const keyword of this.#keywords.configure(config.keywords)) {
      this.events.publish({ type: 'config', keyword });
    }
    const { keywords, idleSeconds, logLevel, gainDb, highPassHz } = config;
    this.#ear.hearing.classifier.idleMs = idleSeconds * 1000;
    this.#logger.level = logLevel;
    this.#input.condition({ gainDb, highPassHz });
    // What waits for a restart goes on to differ, and is told of with every reload.
    this.#config = { ...this.#config, keywords, idleSeconds, logLevel, gainDb, highPassHz };
    return changes;
  }

  #forgetUnmuting(): void {
    clearTimeout(this.#unmuting?.timer);
    this.#unmuting = null;
  }

  #muteStatus(): MuteStatus {
    const muted = this.#input.status.state === 'muted';
    const ends = muted && this.#unmuting !== null;
    return { muted, mutedUntil: ends ? new Date(this.#unmuting!.untilMs).toISOString() : null };
  }

  /** Puts what the parts tell on the bus and into the log. */
  #connect(): void {
    this.#ear.on('detection', (detection) => this.#tell(detection));
    this.#ear.on('gate', (change) => {
      const event = { type: 'gate', ...change, seconds: change.sample / SAMPLE_RATE } as const;
      this.#logger.debug(event, change.open ? 'gate opened' : 'gate closed');
      this.events.publish(event);
      if (change.open) this.#faultTold = this.#dropTold = false;
    });
    this.#ear.on('fault', (fault) => {
      const { code, message } = fault;
      this.#ear.hearing.health.failed(fault);
      // What is wrong with one handoff is most often wrong with its neighbours too.
      if (this.#stopping || this.#faultTold) return;
      this.#faultTold = true;
      this.#logger.warn({ code }, `The classifier gave no answer: ${message}`);
    });
    this.#ear.on('dropped', ({ sample, count }) => {
      // Where one is dropped, so are its neighbours: the status counts them all.
      if (this.#stopping || this.#dropTold) return;
      this.#dropTold = true;
      const { dropped } = this.#ear.hearing.classifier.status();
      this.#logger.warn(
        { sample, seconds: sample / SAMPLE_RATE, count, dropped },
        'The classifier is behind, and a handoff was dropped: a keyword may have been missed',
      );
    });
    this.#ear.on('state', (change) => {
      this.#logger.debug(change, `classifier ${change.state}`);
      this.events.publish({ type: 'classifier', ...change });
    });
    this.#ear.on('changed', ({ pack, listener }) => {
      this.#keywords.usePack(pack);
      this.#keywords.attach(listener);
      this.events.publish({ type: 'config', model: { name: pack.name, description: pack.description } });
    });
    this.#input.on('alive', () => this.onAlive());
    this.#input.on('status', (status) => {
      this.onAlive();
      this.events.publish({ type: 'input', ...status });
      if (status.state === 'muted' || status.state === 'lost') this.#ear.silence();
    });
  }

  #tell({ keyword, score, sample, cost }: Detection): void {
    const heard = {
      keyword,
      label: this.#keywords.labelOf(keyword),
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
