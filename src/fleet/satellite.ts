import { randomBytes } from 'node:crypto';
import { EventEmitter } from 'node:events';
import type { BrokerConnectionOptions, BrokerSettings, Complaints, Incoming } from '../broker/index.js';
import { VERSION } from '../version.js';
import type { CarriedWindow, CarrierMember, HandoffCarrier } from './carrier.js';
import { connectByMqtt } from './connector.js';
import type { Connect, FleetConnection } from './fleet-connection.js';
import { MOST_SETS, type OwnKeywordSet, writeOwnKeywordSets } from './own-keyword-set.js';
import { readPresence, type SatelliteCounts, type WorkerPresence } from './presence.js';
import type { FleetTopics } from './topics.js';

export interface SatelliteOptions {
  readonly broker: BrokerSettings;
  /** By MQTT, by default. */
  readonly connect?: Connect;
  readonly topics: FleetTopics;
  readonly name: string;
  readonly room: string;
  /** Of the rooms that answer once; null where it always answers. */
  readonly group: string | null;
  readonly complaints: Complaints;
  /** Taken now and then, and published where they have changed. */
  readonly counts: () => Omit<SatelliteCounts, 'perSecond' | 'uptimeSeconds'>;
  readonly countsMs?: number;
  readonly waits?: BrokerConnectionOptions['waits'];
}

interface SatelliteEvents {
  up: [];
  down: [problem: string];
  /** From a satellite of the group, this one too, in the order of the broker. */
  claim: [payload: Buffer];
  /** Rooms of the group have come or gone. */
  rooms: [];
}

/** A house's network is lost for a moment now and then, and a word waits for five seconds. */
const WAITS = { firstMs: 100, longestMs: 5000 };
const COUNTS_MS = 30_000;
/** Of others that are remembered: workers, and rooms of the group. */
const MOST_KNOWN = 4096;

/** A microphone's place in a fleet: carries its handoffs to workers over a broker, and says that it is there. */
export class Satellite extends EventEmitter<SatelliteEvents> implements HandoffCarrier {
  readonly name: string;
  readonly group: string | null;
  readonly room: string;
  problem: string | null = null;
  readonly #options: SatelliteOptions;
  readonly #connection: FleetConnection;
  readonly #members = new Set<CarrierMember>();
  readonly #workers = new Map<string, WorkerPresence>();
  readonly #rooms = new Map<string, string>();
  /** Answers to windows of an earlier run are told apart by it. */
  readonly #session = randomBytes(4);
  readonly #startedMs = performance.now();
  #number = 0;
  #pack: { readonly name: string; readonly fingerprint: string } | null = null;
  /** Own keywords of each member that has some, and all of them as workers get them. */
  #own: ReadonlyMap<CarrierMember, OwnKeywordSet> = new Map();
  #ownPayload: Buffer | string = '';
  #counting: NodeJS.Timeout | undefined;
  #toldCounts = '';
  #told = { atMs: 0, sent: 0 };
  /** Answers that nobody waited for: late, or to what was sent twice. */
  duplicates = 0;

  constructor(options: SatelliteOptions) {
    super();
    const { broker, topics, name, room, group, waits = WAITS, connect = connectByMqtt } = options;
    this.#options = options;
    this.name = name;
    this.room = room;
    this.group = group;
    this.#connection = connect({
      settings: broker,
      clientId: `wakegate-fleet-${name}`,
      waits,
      needsVersion5: true,
      receivesOwn: true, // its own claims, in their place among the others
      will: { topic: topics.satellite(group, name), payload: '', retain: true },
      subscriptions: [
        topics.answers(name),
        topics.workers,
        ...(group === null
          ? []
          : [{ filter: topics.claims(group), qos: 1 as const }, topics.satellitesOf(group)]),
      ],
    });
    this.#connection.on('up', () => this.#up());
    this.#connection.on('down', (problem) => this.#down(problem));
    this.#connection.on('message', (message) => this.#take(message));
    this.#connection.on('refused', (topic, reason) => {
      options.complaints.add(
        `refused ${topic}`,
        `The broker refuses ${topic}: ${reason}; "wakegate fleet acl" writes rules that allow it`,
      );
    });
  }

  get isUp(): boolean {
    return this.#connection.isUp;
  }

  /** Rooms of the group that are there, this one included, by satellite. */
  get rooms(): ReadonlyMap<string, string> {
    return this.#rooms;
  }

  get workers(): ReadonlyMap<string, WorkerPresence> {
    return this.#workers;
  }

  /** Returns at once. */
  start(): void {
    this.#connection.start();
  }

  async stop(): Promise<void> {
    clearInterval(this.#counting);
    const { topics } = this.#options;
    this.#connection.publish({ topic: topics.satelliteCounts(this.name), payload: '', retain: true });
    await this.#connection.stop({
      topic: topics.satellite(this.group, this.name),
      payload: '',
      retain: true,
    });
  }

  /** Says which pack its handoffs are of. */
  usePack(name: string, fingerprint: string): void {
    this.#pack = { name, fingerprint };
    this.#announce();
  }

  holds(fingerprint: string, set: string | null = null): boolean {
    for (const { packs, own = [] } of this.#workers.values()) {
      const isReady = set === null || own.includes(set);
      if (isReady && packs.some((pack) => pack.fingerprint === fingerprint)) return true;
    }
    return false;
  }

  nextNumber(): number {
    this.#number = (this.#number + 1) >>> 0;
    return this.#number;
  }

  join(member: CarrierMember, own: OwnKeywordSet | null): () => void {
    if (own) this.#useKeywords(new Map([...this.#own, [member, own]]));
    this.#members.add(member);
    return () => {
      this.#members.delete(member);
      if (own) this.#useKeywords(new Map([...this.#own].filter(([other]) => other !== member)));
    };
  }

  send({ number, fingerprint, own, message, livesMs, onTaken }: CarriedWindow): void {
    const { topics } = this.#options;
    const correlation = Buffer.alloc(8);
    this.#session.copy(correlation);
    correlation.writeUInt32LE(number, 4);
    this.#connection.publish({
      topic: topics.windows(fingerprint, this.name, own),
      payload: message,
      responseTopic: topics.answers(this.name),
      correlation,
      livesMs,
      onTaken: (code) => onTaken(code >= 128 ? null : code !== 16),
    });
  }

  /** Tells the group what was heard, or who answers. */
  claim(payload: string): void {
    if (this.group === null) return;
    this.#connection.publish({ topic: this.#options.topics.claims(this.group), payload, livesMs: 2000 });
  }

  #up(): void {
    this.problem = null;
    this.#publishKeywords();
    this.#announce();
    this.#toldCounts = '';
    clearInterval(this.#counting);
    this.#counting = setInterval(() => this.#publishCounts(), this.#options.countsMs ?? COUNTS_MS).unref();
    for (const member of this.#members) member.onUp();
    this.emit('up');
  }

  #down(problem: string): void {
    this.problem = problem;
    clearInterval(this.#counting);
    // Who is there is said again with the next connection.
    this.#workers.clear();
    this.#rooms.clear();
    for (const member of this.#members) member.onDown();
    this.emit('down', problem);
  }

  #announce(): void {
    if (this.#pack === null || !this.#connection.isUp) return;
    const { topics, name, room, group } = this.#options;
    const own = this.#ownSets().map(({ id }) => id);
    const payload = JSON.stringify({
      ...{ satellite: name, room, group, version: VERSION, pack: this.#pack },
      ...(own.length > 0 && { own }),
    });
    this.#connection.publish({ topic: topics.satellite(group, name), payload, retain: true, replaces: true });
  }

  #useKeywords(own: ReadonlyMap<CarrierMember, OwnKeywordSet>): void {
    const sets = this.#ownSets(own);
    this.#ownPayload = sets.length === 0 ? '' : writeOwnKeywordSets(sets);
    this.#own = own;
    this.#publishKeywords();
    this.#announce();
  }

  /** The newest ones, each once. */
  #ownSets(own = this.#own): OwnKeywordSet[] {
    return [...new Map([...own.values()].map((set) => [set.id, set])).values()].slice(-MOST_SETS);
  }

  /** Before the first handoff that needs them. Where there are none, what an earlier run may have left is removed. */
  #publishKeywords(): void {
    const topic = this.#options.topics.ownKeywords(this.name);
    this.#connection.publish({ topic, payload: this.#ownPayload, retain: true, replaces: true });
  }

  #publishCounts(): void {
    const counts = this.#options.counts();
    const told = JSON.stringify(counts);
    if (told === this.#toldCounts) return;
    this.#toldCounts = told;
    const nowMs = performance.now();
    const seconds = (nowMs - (this.#told.atMs || this.#startedMs)) / 1000;
    const perSecond = Math.round((100 * (counts.sent - this.#told.sent)) / seconds) / 100;
    this.#told = { atMs: nowMs, sent: counts.sent };
    const uptimeSeconds = Math.round((nowMs - this.#startedMs) / 1000);
    const topic = this.#options.topics.satelliteCounts(this.name);
    const payload = JSON.stringify({ ...counts, perSecond, uptimeSeconds });
    this.#connection.publish({ topic, payload, retain: true, replaces: true });
  }

  #take(message: Incoming): void {
    const { topics, complaints } = this.#options;
    const { topic, payload } = message;
    message.acknowledge();
    if (topic === topics.answers(this.name)) this.#takeAnswer(message);
    else if (this.group !== null && topic === topics.claims(this.group)) {
      if (!message.retain) this.emit('claim', payload);
    } else {
      const about = topics.about(topic);
      if (about?.kind === 'worker') this.#takeWorker(about.name, payload);
      else if (about?.kind === 'satellite') this.#takeRoom(about.name, payload);
      else
        complaints.add(
          'foreign topic',
          `A message on ${topic} was ignored: it is none of the fleet's topics`,
        );
    }
  }

  #takeAnswer({ topic, payload, correlation }: Incoming): void {
    const { complaints } = this.#options;
    if (correlation?.length !== 8) {
      complaints.add(
        `unasked ${topic}`,
        `A message on ${topic} was ignored: it does not say what it answers`,
      );
      return;
    }
    if (!correlation.subarray(0, 4).equals(this.#session)) {
      complaints.add(
        `session ${topic}`,
        `An answer on ${topic} was ignored: it is to an earlier run of this satellite`,
      );
      return;
    }
    const number = correlation.readUInt32LE(4);
    for (const member of this.#members) if (member.onAnswer(number, payload)) return;
    if (number <= this.#number && number > 0) this.duplicates++;
    else
      complaints.add(`unsent ${topic}`, `An answer on ${topic} was ignored: nothing of its number was sent`);
  }

  #takeWorker(name: string, payload: Buffer): void {
    const presence = payload.length === 0 ? null : readPresence('worker', payload);
    let hasLost = false;
    if (presence === null) {
      if (payload.length > 0) this.#complain(`workers/${name}`);
      hasLost = this.#workers.delete(name);
    } else if (this.#workers.size < MOST_KNOWN) this.#workers.set(name, presence);
    for (const member of this.#members) member.onWorkers(hasLost);
  }

  #takeRoom(name: string, payload: Buffer): void {
    const presence = payload.length === 0 ? null : readPresence('satellite', payload);
    if (presence === null) {
      if (payload.length > 0) this.#complain(`satellites/${name}`);
      this.#rooms.delete(name);
    } else if (this.#rooms.size < MOST_KNOWN) this.#rooms.set(name, presence.room);
    this.emit('rooms');
  }

  #complain(place: string): void {
    this.#options.complaints.add(
      `presence ${place}`,
      `A message on ${this.#options.topics.prefix}/${place} was ignored: it does not describe what its topic says`,
    );
  }
}
