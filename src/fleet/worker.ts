import { setTimeout as pause } from 'node:timers/promises';
import type { Logger } from 'pino';
import { type BrokerSettings, Complaints, type Incoming } from '../broker/index.js';
import type { BackendChoice, Classifier } from '../classifier/index.js';
import { WakegateError } from '../errors.js';
import { VERSION } from '../version.js';
import { FleetAnnouncer } from './announcer.js';
import { connectByMqtt } from './connector.js';
import { CountReports, type WindowCounts } from './count-reports.js';
import type { Connect, FleetConnection } from './fleet-connection.js';
import { MOST_SETS_BYTES } from './own-keyword-set.js';
import { readPresence } from './presence.js';
import type { SensorSettings } from './sensors.js';
import type { FleetTopics, WindowsPlace } from './topics.js';
import { type FleetOverview, FleetView } from './view.js';
import { WindowAnswers } from './window-answers.js';
import { WorkerClassifiers } from './worker-classifiers.js';
import { WorkerKeywords } from './worker-keywords.js';
import { WorkerOffer } from './worker-offer.js';
import type { WorkerPacks } from './worker-packs.js';

export interface FleetWorkerOptions {
  readonly broker: BrokerSettings;
  /** By MQTT, by default. */
  readonly connect?: Connect;
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
const LOOK_MS = 10_000;
/** How long a worker that ends waits for the answers that it owes. */
const DRAIN_MS = 1500;
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
  readonly #connection: FleetConnection;
  readonly #complaints: Complaints;
  readonly #classifiers: WorkerClassifiers;
  readonly #keywords: WorkerKeywords;
  readonly #offer: WorkerOffer;
  readonly #answers: WindowAnswers;
  readonly #reports: CountReports;
  readonly #view: FleetView;
  readonly #announcer: FleetAnnouncer | null;
  /** Filters of windows. */
  readonly #subscribed = new Set<string>();
  #searching: NodeJS.Timeout | undefined;
  #isStopped = false;

  constructor(options: FleetWorkerOptions) {
    const { topics, name, logger, backend, idleMs, receiveMaximum = RECEIVE_MAXIMUM } = options;
    const { packs, countsMs, lookMs = LOOK_MS } = options;
    this.#options = options;
    this.#complaints = new Complaints(logger);
    const onProblem = (kind: string, sentence: string) => {
      if (!this.#isStopped) this.#complaints.add(kind, sentence);
    };
    this.#classifiers = new WorkerClassifiers({ backend, idleMs, capacity: 2 * receiveMaximum, logger });
    const classifiers = this.#classifiers;
    const keywords = new WorkerKeywords({
      ask: (satellite) => {
        const filter = topics.ownKeywords(satellite);
        this.#connection.subscribe({ filter, qos: 1 });
        return () => this.#connection.unsubscribe(filter);
      },
      onUnusable: (satellite, problem) =>
        onProblem(`keywords ${satellite}`, `Own keywords of ${satellite} were ignored: ${problem}`),
    });
    this.#keywords = keywords;
    const onChange = () => this.#connection.isUp && this.#announce();
    this.#offer = new WorkerOffer({ packs, classifiers, keywords, onChange, onProblem, lookMs });
    this.#connection = this.#connect(options, receiveMaximum);
    const connection = this.#connection;
    this.#answers = new WindowAnswers({
      ...{ connection, topics, name, onProblem },
      classifierOf: (place) => this.#classifierOf(place),
    });
    const { counts } = this.#answers;
    this.#reports = new CountReports({ connection, topics, name, counts, ...(countsMs && { countsMs }) });
    this.#view = new FleetView(topics);
    this.#announcer = this.#announcerOf(options);
  }

  get counts(): WindowCounts {
    return { ...this.#answers.counts };
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
    await this.#offer.open();
    if (!this.#isStopped) this.#connection.start();
  }

  /** Takes no more windows, answers those that are here, and goes. */
  async stop(): Promise<void> {
    const { topics, name } = this.#options;
    this.#isStopped = true;
    this.#announcer?.rest();
    this.#reports.rest();
    clearInterval(this.#searching);
    await this.#drain();
    this.#connection.publish({ topic: topics.workerCounts(name), payload: '', retain: true });
    await this.#connection.stop({ topic: topics.worker(name), payload: '', retain: true });
    await this.#classifiers.close();
  }

  /** What was sent to this worker before the broker knew is answered, within reason. The others have the rest. */
  async #drain(): Promise<void> {
    const ended = [...this.#subscribed].map((filter) => this.#connection.unsubscribe(filter));
    const drained = Promise.all(ended).then(() => this.#answers.idle());
    const timeout = new AbortController();
    await Promise.race([drained, pause(DRAIN_MS, undefined, timeout).catch(() => {})]);
    timeout.abort();
    this.#answers.end();
  }

  #connect(
    { broker, topics, name, wantsCounts, connect = connectByMqtt }: FleetWorkerOptions,
    receiveMaximum: number,
  ): FleetConnection {
    const connection = connect({
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
    connection.on('up', () => this.#up());
    connection.on('down', (problem) => {
      clearInterval(this.#searching);
      this.#reports.rest();
      this.#announcer?.rest();
      this.#view.forget();
      this.#complaints.add(`down ${problem}`, problem.charAt(0).toUpperCase() + problem.slice(1));
    });
    connection.on('message', (message) => this.#take(message));
    connection.on('refused', (topic, reason) => {
      this.#complaints.add(
        `refused ${topic}`,
        `The broker refuses ${topic}: ${reason}; "wakegate fleet acl" writes rules that allow it`,
      );
    });
    return connection;
  }

  #announcerOf({ topics, name, sensors, statusMs }: FleetWorkerOptions): FleetAnnouncer | null {
    if (sensors === undefined) return null;
    const [connection, view] = [this.#connection, this.#view];
    return new FleetAnnouncer({ connection, topics, name, view, sensors, ...(statusMs && { statusMs }) });
  }

  #up(): void {
    const { logger, broker, name, lookMs = LOOK_MS } = this.#options;
    logger.info(`Connected to the broker at ${broker.url}, as worker ${name}`);
    this.#announce();
    this.#reports.begin();
    clearInterval(this.#searching);
    this.#searching = setInterval(() => this.#offer.search([...this.#view.satellites]), lookMs).unref();
  }

  /** Takes windows of all that is on offer, and says so: in this order, so that who hears of it can send at once. */
  #announce(): void {
    if (this.#isStopped) return;
    const { topics, name, group } = this.#options;
    const { packs, sets } = this.#offer;
    const filters = new Set([
      ...[...packs.keys()].map((fingerprint) => topics.sharedWindows(group, fingerprint)),
      ...[...sets.values()].map(({ fingerprint, id }) => topics.sharedWindows(group, fingerprint, id)),
    ]);
    for (const filter of filters) {
      if (this.#subscribed.has(filter)) continue;
      this.#subscribed.add(filter);
      this.#connection.subscribe({ filter, qos: 1 });
    }
    for (const filter of this.#subscribed) {
      if (filters.has(filter)) continue;
      this.#subscribed.delete(filter);
      this.#connection.unsubscribe(filter);
    }
    const held = [...packs].map(([fingerprint, pack]) => ({ name: pack.name, fingerprint }));
    const own = [...new Set([...sets.values()].map(({ id }) => id))];
    const presence = { worker: name, group, version: VERSION, packs: held, ...(own.length > 0 && { own }) };
    const payload = JSON.stringify(presence);
    this.#connection.publish({ topic: topics.worker(name), payload, retain: true, replaces: true });
  }

  #take(message: Incoming): void {
    const { topics } = this.#options;
    const place = topics.windowsOf(message.topic);
    if (place) {
      void this.#answers.take(message, place);
      return;
    }
    message.acknowledge();
    const keywordsOf = topics.ownKeywordsOf(message.topic);
    if (keywordsOf !== null) this.#keywords.take(keywordsOf, message.payload);
    else this.#takeNews(message);
  }

  #takeNews(message: Incoming): void {
    const { topic, payload } = message;
    const about = this.#options.topics.about(topic);
    if (about === null)
      this.#complaints.add(
        'foreign topic',
        `A message on ${topic} was ignored: it is none of the fleet's topics`,
      );
    else if (!this.#view.take(message))
      this.#complaints.add(
        `presence ${topic}`,
        `A message on ${topic} was ignored: it does not describe ${DESCRIBED[about.kind]}`,
      );
    else if (about.kind === 'worker') this.#announcer?.look();
    else if (about.kind === 'satellite') {
      const presence = payload.length === 0 ? null : readPresence('satellite', payload);
      if (presence) void this.#offer.take(presence);
    }
  }

  async #classifierOf({ fingerprint, satellite, own }: WindowsPlace): Promise<Classifier> {
    const pack = this.#offer.packs.get(fingerprint);
    if (pack === undefined)
      throw new WakegateError('WG_MODEL_NOT_FOUND', `model pack ${fingerprint} is not here`);
    if (own === null) return this.#classifiers.of(pack);
    return this.#classifiers.withOwn(pack, own, await this.#keywords.get(satellite, own));
  }
}
