import type { Logger } from 'pino';
import { BrokerConnection, type BrokerSettings, Complaints, type Incoming } from '../broker/index.js';
import type { BackendChoice, Classifier } from '../classifier/index.js';
import { asWakegateError } from '../errors.js';
import { HandoffEncoder } from '../gate/handoff.js';
import type { ModelPack } from '../model/index.js';
import { VERSION } from '../version.js';
import { FleetAnnouncer } from './announcer.js';
import { encodeAnswer, type FleetAnswer } from './answer.js';
import { MOST_SETS_BYTES } from './own-keyword-set.js';
import { readPresence, type WorkerCounts } from './presence.js';
import { RecentWindows } from './recent-windows.js';
import type { SensorSettings } from './sensors.js';
import type { FleetTopics, WindowsPlace } from './topics.js';
import { type FleetOverview, FleetView } from './view.js';
import { WorkerClassifiers } from './worker-classifiers.js';
import { WorkerKeywords } from './worker-keywords.js';
import type { WorkerPacks } from './worker-packs.js';

export interface FleetWorkerOptions {
  readonly broker: BrokerSettings;
  readonly topics: FleetTopics;
  readonly name: string;
  /** Each window goes to one worker of a group. */
  readonly group: string;
  readonly packs: WorkerPacks;
  readonly backend: BackendChoice;
  readonly idleMs: number;
  readonly logger: Logger;
  /** Windows that may be under way here: the broker gives others to other workers, or waits. */
  readonly receiveMaximum?: number;
  readonly countsMs?: number;
  /** How the fleet is described to Home Assistant; not at all, by default. */
  readonly sensors?: SensorSettings;
  readonly statusMs?: number;
  /** How often packs are looked for, at most. */
  readonly lookMs?: number;
  /** Whether the counts of all are wanted here, for metrics. */
  readonly wantsCounts?: boolean;
}

const WAITS = { firstMs: 100, longestMs: 5000 };
/** A machine that hangs is noticed within a quarter of a minute: until then its share of the windows waits for it. */
const KEEPALIVE_S = 10;
const RECEIVE_MAXIMUM = 64;
/** Receive maximum bounds what comes; a worker wants as much as it can do. */
const MOST_PER_SECOND = 100_000;
/** Of a packet, besides what it carries. */
const MOST_HEAD_BYTES = 1024;
const COUNTS_MS = 10_000;
/** Packs are not looked for more often than this, whoever asks. */
const LOOK_MS = 10_000;
/** A window comes again once, where its answer is late, and once more where a broker was lost. */
const MOST_TIMES = 3;
const LAG_SHARE = 0.05;
const DESCRIBED = {
  worker: 'a worker',
  satellite: 'a satellite',
  workerCounts: 'the counts of a worker',
  satelliteCounts: 'the counts of a satellite',
} as const;

/**
 * Answers handoffs of any satellite whose pack is here. It keeps nothing between two handoffs but the newest answers, so that it may
 * end at any time, and any number of them may share the work.
 */
export class FleetWorker {
  readonly #options: FleetWorkerOptions;
  readonly #connection: BrokerConnection;
  readonly #complaints: Complaints;
  readonly #classifiers: WorkerClassifiers;
  readonly #keywords: WorkerKeywords;
  readonly #recent = new RecentWindows();
  readonly #view: FleetView;
  readonly #announcer: FleetAnnouncer | null;
  readonly #subscribed = new Set<string>();
  readonly #startedMs = performance.now();
  readonly #counts = { answered: 0, refused: 0, duplicates: 0, cpuMs: 0, lagMs: 0 };
  #told = { atMs: performance.now(), answered: 0, text: '' };
  #counting: NodeJS.Timeout | undefined;
  #searching: NodeJS.Timeout | undefined;
  #lookedMs = Number.NEGATIVE_INFINITY;
  #looking: Promise<void> | null = null;
  #isStopped = false;

  constructor(options: FleetWorkerOptions) {
    const { broker, topics, name, logger, backend, idleMs, receiveMaximum = RECEIVE_MAXIMUM } = options;
    const { sensors, statusMs, wantsCounts } = options;
    this.#options = options;
    this.#complaints = new Complaints(logger);
    this.#classifiers = new WorkerClassifiers({ backend, idleMs, capacity: 2 * receiveMaximum, logger });
    this.#keywords = new WorkerKeywords({
      ask: (satellite) => {
        const filter = topics.ownKeywords(satellite);
        this.#connection.subscribe({ filter, qos: 1 });
        return () => this.#connection.unsubscribe(filter);
      },
      onUnusable: (satellite, problem) =>
        this.#complain(`keywords ${satellite}`, `Own keywords of ${satellite} were ignored: ${problem}`),
    });
    this.#connection = new BrokerConnection({
      settings: broker,
      clientId: `wakegate-worker-${name}`,
      waits: WAITS,
      needsVersion5: true,
      keepaliveSeconds: KEEPALIVE_S,
      receiveMaximum,
      mostPerSecond: MOST_PER_SECOND,
      mostPacketBytes: MOST_SETS_BYTES + MOST_HEAD_BYTES,
      will: { topic: topics.worker(name), payload: '', retain: true },
      receivesOwn: true, // its own presence and counts, among those of the others
      subscriptions: [topics.satellites, topics.workers, ...(wantsCounts ? [topics.counts] : [])],
    });
    const connection = this.#connection;
    this.#view = new FleetView(topics);
    this.#announcer =
      sensors === undefined
        ? null
        : new FleetAnnouncer({
            connection,
            topics,
            name,
            view: this.#view,
            sensors,
            ...(statusMs && { statusMs }),
          });
    this.#connection.on('up', () => this.#up());
    this.#connection.on('down', (problem) => {
      clearInterval(this.#counting);
      clearInterval(this.#searching);
      this.#announcer?.rest();
      this.#view.forget();
      this.#complaints.add(`down ${problem}`, problem.charAt(0).toUpperCase() + problem.slice(1));
    });
    this.#connection.on('message', (message) => this.#take(message));
    this.#connection.on('refused', (topic, reason) => {
      this.#complaints.add(
        `refused ${topic}`,
        `The MQTT broker refuses ${topic}: ${reason}; "wakegate fleet acl" writes rules that allow it`,
      );
    });
  }

  get counts(): Omit<WorkerCounts, 'perSecond' | 'uptimeSeconds'> {
    return { ...this.#counts };
  }

  /** Who is there, as far as this worker knows; with counts where it wants them. */
  get overview(): FleetOverview {
    return this.#view.overview;
  }

  /**
   * Reads the packs, and has each classifier answer once, so that it is awake for the first window. Then it takes windows as long as the
   * broker is there.
   *
   * @throws WakegateError where a classifier cannot answer
   */
  async start(): Promise<void> {
    await this.#options.packs.find();
    for (const pack of this.#options.packs.all.values()) await this.#wake(pack);
    if (!this.#isStopped) this.#connection.start();
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#announcer?.rest();
    clearInterval(this.#counting);
    clearInterval(this.#searching);
    const { topics, name } = this.#options;
    this.#connection.publish({ topic: topics.workerCounts(name), payload: '', retain: true });
    await this.#connection.stop({ topic: topics.worker(name), payload: '', retain: true });
    await this.#classifiers.close();
  }

  #up(): void {
    const { logger, broker, name, countsMs = COUNTS_MS, lookMs = LOOK_MS } = this.#options;
    logger.info(`Connected to the MQTT broker at ${broker.url}, as worker ${name}`);
    this.#announce();
    this.#told.text = '';
    clearInterval(this.#counting);
    this.#counting = setInterval(() => this.#publishCounts(), countsMs).unref();
    clearInterval(this.#searching);
    this.#searching = setInterval(() => this.#search(), lookMs).unref();
  }

  /** Takes windows of every pack that is here, and says so. */
  #announce(): void {
    const { topics, name, group, packs } = this.#options;
    const held = [...packs.all].map(([fingerprint, pack]) => ({ name: pack.name, fingerprint }));
    for (const { fingerprint } of held) {
      if (this.#subscribed.has(fingerprint)) continue;
      this.#subscribed.add(fingerprint);
      this.#connection.subscribe({ filter: topics.sharedWindows(group, fingerprint), qos: 1 });
    }
    const payload = JSON.stringify({ worker: name, group, version: VERSION, packs: held });
    this.#connection.publish({ topic: topics.worker(name), payload, retain: true, replaces: true });
  }

  #take(message: Incoming): void {
    const { topics } = this.#options;
    const place = topics.windowsOf(message.topic);
    if (place) {
      void this.#answer(message, place);
      return;
    }
    message.acknowledge();
    const keywordsOf = topics.ownKeywordsOf(message.topic);
    if (keywordsOf !== null) {
      this.#keywords.take(keywordsOf, message.payload);
      return;
    }
    const { topic } = message;
    const about = topics.about(topic);
    if (about === null)
      this.#complain('foreign topic', `A message on ${topic} was ignored: it is none of the fleet's topics`);
    else if (!this.#view.take(message))
      this.#complain(
        `presence ${topic}`,
        `A message on ${topic} was ignored: it does not describe ${DESCRIBED[about.kind]}`,
      );
    else if (about.kind === 'satellite') this.#takeSatellite(message);
    else if (about.kind === 'worker') this.#announcer?.look();
  }

  async #answer(message: Incoming, place: WindowsPlace): Promise<void> {
    const { topics, name } = this.#options;
    const { topic, payload, correlation, responseTopic } = message;
    const cameMs = performance.now();
    if (correlation?.length !== 8 || responseTopic !== topics.answers(place.satellite)) {
      message.acknowledge();
      this.#counts.refused++;
      const sentence = `A message on ${topic} was ignored: it wants its answer on ${responseTopic ?? 'no topic'}, and ${topics.answers(place.satellite)} is the only one for it`;
      this.#complain(`response ${topic}`, sentence);
      return;
    }
    const recent = this.#recent.came(place.satellite, correlation);
    if (recent.times > 1) this.#counts.duplicates++;
    if (recent.times > MOST_TIMES) {
      message.acknowledge();
      this.#complain(
        `replayed ${place.satellite}`,
        `A handoff of ${place.satellite} came ${recent.times} times and was ignored: does somebody replay it? "wakegate fleet acl" writes rules that let only ${place.satellite} send there`,
      );
      return;
    }
    if (recent.times > 1 && recent.answer === null) {
      // The first is under way, and its answer is the answer to both.
      message.acknowledge();
      return;
    }
    const answer =
      recent.answer ?? encodeAnswer({ worker: name, ...(await this.#classify(payload, place, cameMs)) });
    recent.answer = answer;
    if (this.#isStopped) return; // unacknowledged, so that the broker gives it to another worker where it can
    this.#connection.publish({ topic: responseTopic, payload: answer, correlation, qos: 0, livesMs: 5000 });
    message.acknowledge();
  }

  async #classify(
    payload: Buffer,
    { fingerprint, satellite, own }: WindowsPlace,
    cameMs: number,
  ): Promise<
    | Omit<Extract<FleetAnswer, { posteriors: unknown }>, 'worker'>
    | Omit<Extract<FleetAnswer, { code: unknown }>, 'worker'>
  > {
    const pack = this.#options.packs.all.get(fingerprint);
    try {
      if (pack === undefined) throw new Error(`model pack ${fingerprint} is not here`);
      const classifier = await this.#classifierOf(pack, satellite, own);
      const answer = await classifier.classify(payload);
      if (answer === null) throw new Error('there was no room for it');
      const { posteriors, cpuMs } = answer;
      const lagMs = performance.now() - cameMs;
      this.#counts.answered++;
      this.#counts.cpuMs += cpuMs;
      this.#counts.lagMs += (this.#counts.lagMs === 0 ? 1 : LAG_SHARE) * (lagMs - this.#counts.lagMs);
      return { posteriors, cpuMs, lagMs };
    } catch (error) {
      const { code, message: sentence } = asWakegateError(
        error,
        'WG_CLASSIFIER_FAILED',
        'it cannot be answered',
      );
      this.#counts.refused++;
      if (!this.#isStopped)
        this.#complain(`${code} ${satellite}`, `A handoff of ${satellite} was refused: ${sentence}`);
      return { code, sentence };
    }
  }

  async #classifierOf(pack: ModelPack, satellite: string, own: string | null): Promise<Classifier> {
    if (own === null) return this.#classifiers.of(pack);
    return this.#classifiers.withOwn(pack, own, await this.#keywords.get(satellite, own));
  }

  /** Has a classifier with own keywords awake before the first handoff that needs it. */
  async #prepare(pack: ModelPack, satellite: string, id: string): Promise<void> {
    if (!this.#classifiers.hasRoom) return;
    try {
      await this.#wake(pack, await this.#classifierOf(pack, satellite, id));
    } catch {
      // A handoff that needs it says what is wrong.
    }
  }

  async #wake(pack: ModelPack, classifier = this.#classifiers.of(pack)): Promise<void> {
    const { compression, fingerprint, handoff } = pack;
    const encoder = new HandoffEncoder(compression, fingerprint, handoff.windowSteps);
    const silence = new Uint8Array(handoff.windowSteps * compression.channels);
    const header = { streamId: 0, step: handoff.windowSteps, endSample: 0 };
    await classifier.classify(encoder.encode(header, silence));
  }

  /** A satellite's pack may have been installed since packs were last looked for. */
  #takeSatellite({ payload }: Incoming): void {
    const presence = payload.length === 0 ? null : readPresence('satellite', payload);
    if (presence === null) return;
    const { pack, satellite, own = [] } = presence;
    const held = this.#options.packs.all.get(pack.fingerprint);
    if (held) {
      for (const id of own) void this.#prepare(held, satellite, id);
      return;
    }
    void this.#look().then(() => {
      const { packs } = this.#options;
      if (packs.all.has(pack.fingerprint)) return;
      this.#complain(
        `pack ${pack.fingerprint}`,
        `Satellite ${satellite} has model pack "${pack.name}" (${pack.fingerprint}), which is not here: copy its folder from there into ${packs.places}, where it is found within ${LOOK_MS / 1000} s`,
      );
    });
  }

  /** Somebody may copy a pack here because a satellite waits for it. */
  #search(): void {
    const { packs } = this.#options;
    if (this.#view.overview.satellites.some(({ pack }) => !packs.all.has(pack.fingerprint)))
      void this.#look();
  }

  async #look(): Promise<void> {
    if (performance.now() - this.#lookedMs < (this.#options.lookMs ?? LOOK_MS))
      return this.#looking ?? undefined;
    this.#lookedMs = performance.now();
    this.#looking = this.#options.packs.find().then(async (found) => {
      for (const pack of found) await this.#wake(pack).catch(() => {});
      if (found.length > 0 && this.#connection.isUp) this.#announce();
    });
    await this.#looking;
  }

  #publishCounts(): void {
    const counts = {
      ...this.#counts,
      cpuMs: Math.round(this.#counts.cpuMs),
      lagMs: round(this.#counts.lagMs),
    };
    const text = JSON.stringify(counts);
    if (text === this.#told.text) return;
    const nowMs = performance.now();
    const perSecond = round((1000 * (counts.answered - this.#told.answered)) / (nowMs - this.#told.atMs));
    this.#told = { atMs: nowMs, answered: counts.answered, text };
    const uptimeSeconds = Math.round((nowMs - this.#startedMs) / 1000);
    const { topics, name } = this.#options;
    const payload = JSON.stringify({ ...counts, perSecond, uptimeSeconds });
    this.#connection.publish({ topic: topics.workerCounts(name), payload, retain: true, replaces: true });
  }

  #complain(kind: string, sentence: string): void {
    this.#complaints.add(kind, sentence);
  }
}

function round(number: number): number {
  return Math.round(number * 100) / 100;
}
