import { join } from 'node:path';
import type { Logger } from 'pino';
import {
  type AudioChunk,
  type DecodedAudio,
  type DecodingOptions,
  LevelMeter,
  type RawFormat,
  SAMPLE_RATE,
} from '../audio/index.js';
import { WorkerTurns } from '../classifier/index.js';
import { type Config, type ConfigChanges, changesBetween } from '../config/index.js';
import { InstalledPacks, KeywordFolder, type ModelPack } from '../model/index.js';
import { Places } from '../network/index.js';
import {
  type Device,
  type DeviceLevel,
  type DoctorFinding,
  type Energy,
  type EnergyHistory,
  type EnergySpan,
  type KeywordChange,
  type KeywordInfo,
  type KeywordJob,
  type KeywordPeaks,
  type KeywordRequest,
  MAX_STREAMS,
  type MicrophoneChoice,
  type MicrophoneInUse,
  type ModelInfo,
  type MuteStatus,
  type Problem,
  type Status,
  type TestEvent,
  type ThresholdForecast,
} from '../protocol/index.js';
import {
  type Access,
  connectionLimits,
  fileLimit,
  type RunningServer,
  startServer,
} from '../server/index.js';
import type { HeardFile, HookService, HowToHear, SentStream, Service } from '../service.js';
import { Bridges } from './bridges.js';
import { CaptureCost } from './capture-cost.js';
import { DaemonCaptures } from './captures.js';
import { ChosenMicrophone, microphoneOf } from './chosen-microphone.js';
import { ClassifierWatch } from './classifier-watch.js';
import { levelOf, listDevices } from './devices.js';
import { DaemonEnergy } from './energy.js';
import { EventBus } from './event-bus.js';
import { EventPublisher } from './event-publisher.js';
import type { DaemonFleet } from './fleet.js';
import { settled, wantsFleet } from './fleet-settings.js';
import { DaemonInput } from './input.js';
import { KeywordJobs } from './keyword-jobs.js';
import type { DaemonKeywords } from './keywords.js';
import { LiveScores } from './live-scores.js';
import { LoadedPack } from './loaded-pack.js';
import { MachineWatch } from './machine-watch.js';
import { Muting } from './muting.js';
import { OwnKeywords } from './own-keywords.js';
import { PackChanges } from './pack-changes.js';
import { Problems } from './problems.js';
import { type Requirements, readRequirements } from './requirements.js';
import { ScorePeaks } from './score-peaks.js';
import { SentAudio } from './sent-audio.js';
import { StateDirectory, stateDirectoryOf } from './state-directory.js';
import { notReady, statusOf } from './status.js';
import { SwitchingListener } from './switching-listener.js';
import { makeToken } from './token-file.js';

/** What a daemon is made of. */
interface DaemonParts extends Requirements {
  readonly config: Config;
  /** Null where it is no satellite. */
  readonly fleet: DaemonFleet | null;
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
  readonly streamPlaces = new Places(MAX_STREAMS, 'streams are being heard');
  /**
   * Resolves when stdin, as the input, has been heard to its end: with any other input there is more to
   * come, or to serve. Rejects with a `WakegateError` where listening cannot continue.
   */
  readonly ended: Promise<void>;

  /**
   * Called with every sign that all is well, as long as the classifier answers: chunks of samples, attempts to get a
   * lost microphone back, and now and then while there is nothing to listen to.
   */
  onAlive: () => void = () => {};

  readonly #access: Access;
  #config: Config;
  readonly #logger: Logger;
  readonly #energy: DaemonEnergy;
  readonly #turns = new WorkerTurns();
  readonly #listener: SwitchingListener;
  readonly #keywords: DaemonKeywords;
  readonly #level: LevelMeter;
  readonly #input: DaemonInput;
  readonly #muting: Muting;
  readonly #microphone: ChosenMicrophone;
  readonly #packs: PackChanges;
  readonly #own: OwnKeywords;
  readonly #jobs: KeywordJobs;
  readonly #sent: SentAudio;
  readonly #peaks: ScorePeaks;
  readonly #state: StateDirectory;
  readonly #problems: Problems;
  readonly #watch: ClassifierWatch;
  readonly #machine: MachineWatch;
  readonly #publisher: EventPublisher;
  readonly #bridges: Bridges;
  readonly #fleet: DaemonFleet | null;
  #server: RunningServer | null = null;
  #end!: { resolve: () => void; reject: (error: unknown) => void };
  #startedMs = performance.now();

  /**
   * Reads the model pack, and makes a token where that is wanted; nothing is opened or started yet.
   *
   * @throws WakegateError as {@link readRequirements} and {@link makeToken} do
   */
  static async create(given: Config, logger: Logger): Promise<Daemon> {
    const config = settled(given);
    await makeToken(config, logger);
    // Loaded only where it is on.
    const fleet = wantsFleet(config)
      ? await (await import('./fleet.js')).DaemonFleet.open(config, logger)
      : null;
    const state = await StateDirectory.open(stateDirectoryOf(config));
    try {
      return new Daemon({ ...(await readRequirements(config, logger, state)), config, fleet, logger });
    } catch (error) {
      await state.close();
      throw error;
    }
  }

  private constructor({
    config,
    access,
    pack,
    keywords,
    state,
    captures,
    peaks,
    microphone,
    fleet,
    logger,
  }: DaemonParts) {
    this.#fleet = fleet;
    fleet?.usePack(pack);
    this.#config = config;
    this.#access = access;
    this.#keywords = keywords;
    this.#logger = logger;
    this.#energy = new DaemonEnergy(pack.handoff.hopSteps, performance.now());
    const listener = new SwitchingListener(this.#load(pack), this.#energy.meter);
    this.#listener = listener;
    keywords.attach(listener.current.listener);
    this.#level = new LevelMeter((dbfs, sample) => {
      this.events.publishLevel(dbfs, sample, sample / SAMPLE_RATE);
      live.level(dbfs, sample);
    });
    const live = new LiveScores({ bus: this.events, listener, level: this.#level });
    const classifier = { status: () => listener.current.classifier.status() };
    const cost = new CaptureCost(this.#energy.meter, classifier);
    const heard = { ...config, ...microphoneOf(config, microphone) };
    const isWatched = () => this.events.listenerCount('level') > 0;
    const input = new DaemonInput({ config: heard, listener, cost, level: this.#level, isWatched, logger });
    this.#input = input;
    this.#microphone = new ChosenMicrophone({ config, input, state, logger }, microphone);
    this.#muting = new Muting(input);
    this.#packs = new PackChanges({
      installed: new InstalledPacks(pack.directory),
      folder: new KeywordFolder(state.path),
      listener,
      input,
      load: (other) => this.#load(other),
      logger,
    });
    this.#own = new OwnKeywords({
      folder: new KeywordFolder(state.path),
      listener,
      packs: this.#packs,
      logger,
    });
    this.#jobs = new KeywordJobs({
      folder: join(state.path, 'keyword-jobs'),
      cache: join(state.path, 'cache'),
      pack: () => {
        const { pack } = listener.current;
        return { directory: pack.directory, name: pack.name, taken: packNames(pack) };
      },
      own: this.#own.folder,
      captures: { folder: join(state.path, 'captures'), list: () => this.captures.store.list() },
      put: (name, text) => this.#own.put(name, text),
      onChange: (job) => this.events.publish({ type: 'keyword', ...job }),
    });
    this.#sent = new SentAudio({ config, listener, keywords, packs: this.#packs });
    this.#state = state;
    const problems = new Problems(this.events, logger);
    this.#problems = problems;
    this.#bridges = new Bridges({ config, service: this, problems, logger });
    this.captures = new DaemonCaptures(
      { config, state, input, listener, keywords, problems, logger },
      captures,
    );
    this.ended = new Promise((resolve, reject) => {
      this.#end = { resolve, reject };
    });
    this.ended.catch(() => {}); // if nobody awaits it
    // Before the publisher, so that whoever reads of another pack finds its keywords.
    listener.on('changed', (loaded) => {
      keywords.usePack(loaded.pack);
      keywords.attach(loaded.listener);
      fleet?.usePack(loaded.pack);
    });
    this.#publisher = new EventPublisher({ bus: this.events, listener, input, keywords, fleet, logger });
    // After the keywords have got the pack that is listened with.
    this.#peaks = new ScorePeaks({
      config,
      ring: peaks,
      listener,
      input,
      keywords,
      captures: this.captures.store,
    });
    if (fleet) input.on('sound', (samples, startSample) => fleet.hear(samples, startSample));
    // After it, so that what follows from a change of the input is published after that.
    this.#watch = new ClassifierWatch(listener, problems);
    this.#machine = new MachineWatch(problems);
    input.on('gap', (samples) => this.#machine.missed(samples));
    input.on('heard', () => live.heard());
    input.on('alive', (nowMs) => {
      this.#energy.heard(nowMs);
      this.#beat();
    });
    input.on('status', ({ state, problem }) => {
      problems.set('input', problem && `the microphone gives no good sound: ${problem}`);
      this.#beat();
      if (state === 'muted' || state === 'lost') listener.silence();
    });
    state.onProblems = () => problems.set('state', state.problems.join(' ') || null);
    state.onProblems();
  }

  /** @throws WakegateError WG_PORT_UNAVAILABLE */
  async start(): Promise<void> {
    this.#startedMs = performance.now();
    const { host, port, input, maxConnections, maxConnectionsPerAddress } = this.#config;
    const limits = connectionLimits(maxConnections, maxConnectionsPerAddress, fileLimit());
    const server = {
      service: this,
      host,
      port,
      access: this.#access,
      limits,
      logger: this.#logger,
      onCrowded: (problem: string | null) => this.#problems.set('connections', problem),
    };
    this.#server = await startServer(server);
    this.#state.url = this.#server.url;
    this.captures.start();
    this.#bridges.start();
    this.#fleet?.start(this.#problems);
    void this.#jobs.resume();
    this.#input.run().then(
      () => {
        if (input === '-') this.#end.resolve();
      },
      (error: unknown) => this.#end.reject(error),
    );
  }

  /** Closes everything. May be called more than once, and before `start`. */
  async stop(): Promise<void> {
    this.#publisher.close();
    this.#jobs.close();
    this.#muting.close();
    const changed = this.#packs.close();
    await this.#bridges.stop(); // while there is something for their last words to be about
    await Promise.all([
      this.#input.close(),
      this.#server?.close(),
      this.#listener.close(),
      this.#keywords.close(),
    ]);
    await this.#fleet?.stop();
    await Promise.all([
      this.captures.close(),
      this.#sent.close(),
      this.#peaks.close().catch(() => {}), // the state directory has reported it
      changed,
    ]);
    await this.#state.close();
  }

  /** Where it is served, such as http://127.0.0.1:8765; null before it is. */
  get url(): string | null {
    return this.#server?.url ?? null;
  }

  /**
   * Takes what can be taken of other settings while listening continues, and says what has changed.
   *
   * @throws WakegateError WG_CONFIG_INVALID for keywords that the pack does not have, and then nothing has changed
   */
  reconfigure(given: Config): ConfigChanges {
    const config = settled(given);
    const changes = changesBetween(this.#config, config);
    for (const keyword of this.#keywords.configure(config.keywords)) {
      this.events.publish({ type: 'config', keyword });
    }
    const { keywords, idleSeconds, logLevel, gainDb, highPassHz } = config;
    this.#listener.current.classifier.idleMs = idleSeconds * 1000;
    this.#logger.level = logLevel;
    this.#input.condition({ gainDb, highPassHz });
    // What needs a restart stays different, and is reported with every reload.
    this.#config = { ...this.#config, keywords, idleSeconds, logLevel, gainDb, highPassHz };
    return changes;
  }

  get hooks(): HookService {
    return this.#bridges.hooks;
  }

  status(): Status {
    const parts = {
      config: this.#config,
      input: this.#input,
      level: this.#level,
      muting: this.#muting,
      listener: this.#listener,
      keywords: this.#keywords,
      problems: this.#problems,
      fleet: this.#fleet,
      bridges: this.#bridges,
    };
    return statusOf(parts, (performance.now() - this.#startedMs) / 1000);
  }

  notReady(): string | null {
    return notReady({ input: this.#input, listener: this.#listener });
  }

  energy(): Energy {
    return this.#energy.account(performance.now());
  }

  energyHistory(span: EnergySpan): EnergyHistory {
    return this.#energy.history(span, performance.now(), Date.now());
  }

  devices(): Promise<Device[]> {
    return listDevices(this.#microphone.inUse, this.#input);
  }

  deviceLevel(choice: MicrophoneChoice): Promise<DeviceLevel> {
    return levelOf(choice, this.#microphone.inUse, this.#config, this.#input, this.#level);
  }

  microphone(): MicrophoneInUse {
    return this.#microphone.inUse;
  }

  chooseMicrophone(choice: MicrophoneChoice | null): Promise<MicrophoneInUse> {
    return this.#microphone.choose(choice);
  }

  async examine(): Promise<DoctorFinding[]> {
    const config = this.#microphone.withChoice(this.#config);
    return (await import('./examine.js')).examineDaemon(config, this.status());
  }

  resetEnergy(): void {
    this.#energy.reset(performance.now());
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

  async putKeyword(name: string, text: string): Promise<KeywordInfo> {
    await this.#own.put(name, text);
    return this.#keywords.named(name);
  }

  removeKeyword(name: string): Promise<void> {
    return this.#own.remove(name);
  }

  makeKeyword(request: KeywordRequest): Promise<KeywordJob> {
    return this.#jobs.add(request);
  }

  improveKeyword(name: string, takes?: readonly string[]): Promise<KeywordJob> {
    return this.#jobs.improve(name, takes);
  }

  keywordJobs(): KeywordJob[] {
    return this.#jobs.list();
  }

  mute(seconds: number | null, by?: string): Promise<MuteStatus> {
    return this.#muting.mute(seconds, by);
  }

  unmute(by?: string): MuteStatus {
    return this.#muting.unmute(by);
  }

  testDetection(name: string | null, fire: boolean): TestEvent {
    const { name: keyword, label } = name === null ? this.#keywords.list()[0] : this.#keywords.named(name);
    return this.events.publish({ type: 'test', keyword, label, fire }) as TestEvent;
  }

  keywordPeaks(name: string): Promise<KeywordPeaks> {
    return this.#peaks.of(name);
  }

  forecastThreshold(name: string, threshold: number): Promise<ThresholdForecast> {
    return this.#peaks.forecast(name, threshold);
  }

  models(): Promise<ModelInfo[]> {
    return this.#packs.list();
  }

  changeModel(id: string): Promise<ModelInfo> {
    return this.#packs.change(id);
  }

  decode(pieces: AsyncIterable<Uint8Array>, options: DecodingOptions): DecodedAudio {
    return this.#sent.decode(pieces, options);
  }

  detect(
    name: string,
    chunks: AsyncIterable<AudioChunk> & { readonly warning?: string | null },
    how?: HowToHear,
  ): Promise<HeardFile> {
    return this.#sent.detect(name, chunks, how);
  }

  openStream(format: RawFormat): Promise<SentStream> {
    return this.#sent.openStream(format);
  }

  /** Something is wrong with a part that is not the daemon's own, such as its log; null where it is over. */
  setProblem(part: Problem['part'], problem: string | null): void {
    this.#problems.set(part, problem);
  }

  /** A daemon whose classifier does not answer is not alive to those who watch it. */
  #beat(): void {
    this.#state.watch();
    this.#machine.beat();
    this.#peaks.beat(performance.now());
    if (this.#watch.beat()) this.onAlive();
  }

  #load(pack: ModelPack): LoadedPack {
    return new LoadedPack({
      pack,
      keywords: this.#keywords.list(pack),
      config: this.#config,
      meter: this.#energy.meter,
      fleet: this.#fleet,
      turns: this.#turns,
      logger: this.#logger,
    });
  }
}

/** Names of the keywords that a pack has of itself. */
function packNames({ keywords, own = [] }: ModelPack): string[] {
  return keywords.slice(0, keywords.length - own.length).map(({ name }) => name);
}
