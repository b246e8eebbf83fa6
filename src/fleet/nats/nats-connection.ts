import { EventEmitter } from 'node:events';
import { Backoff } from '../../backoff.js';
import {
  type BrokerConnectionOptions,
  type ConnectionEvents,
  Outbox,
  type Outgoing,
  type Subscription,
  type Waiting,
} from '../../broker/index.js';
import type { Connect, FleetConnection } from '../fleet-connection.js';
import type { FleetTopics } from '../topics.js';
import { loadNats, type NatsLibraries } from './nats-client.js';
import { natsFault } from './nats-faults.js';
import { NatsLeases } from './nats-leases.js';
import { NatsLine } from './nats-line.js';
import { PRESENCE_LIVES_S } from './nats-streams.js';
import { NatsSubjects } from './nats-subjects.js';

const WAITS = { firstMs: 100, longestMs: 5000 };
const KEEPALIVE_S = 60;
/** Messages that may wait for the server. */
const MOST_WAITING = 1024;
/** Messages that were sent, and that the server has not answered. */
const MOST_UNANSWERED = 256;
/** A presence is renewed so often within its lease. */
const RENEWALS = 3;
/** How long a stopping connection waits for its last messages to be answered. */
const LAST_WORDS_MS = 1000;

/** @throws WakegateError WG_PROGRAM_MISSING where the client for NATS is not installed */
export async function connectorByNats(topics: FleetTopics): Promise<Connect> {
  const libraries = await loadNats();
  return (options) => new NatsConnection(options, topics, libraries);
}

/**
 * A fleet's connection over NATS JetStream, made again whenever it is lost. It takes and gives what a connection over MQTT does: topics
 * become subjects, what is retained is the newest message of its subject in a stream, a shared subscription is a consumer with explicit
 * acknowledgements that the workers of a group share, and the last will is a lease.
 */
export class NatsConnection extends EventEmitter<ConnectionEvents> implements FleetConnection {
  readonly #options: BrokerConnectionOptions;
  readonly #libraries: NatsLibraries;
  readonly #subjects: NatsSubjects;
  readonly #outbox = new Outbox({ most: MOST_WAITING });
  readonly #unanswered = new Set<Waiting>();
  readonly #backoff: Backoff;
  readonly #filters: string[];
  readonly #leases: NatsLeases;
  readonly #leaseMs: number;
  readonly #refused = new Set<string>();
  #line: NatsLine | null = null;
  #subscribing = 0;
  #presence: Outgoing | null = null;
  #renewing: NodeJS.Timeout | undefined;
  #retry: NodeJS.Timeout | undefined;
  #isStopped = false;

  constructor(options: BrokerConnectionOptions, topics: FleetTopics, libraries: NatsLibraries) {
    super();
    this.#options = options;
    this.#libraries = libraries;
    this.#subjects = new NatsSubjects(topics);
    this.#backoff = new Backoff(options.waits ?? WAITS);
    this.#filters = options.subscriptions.map(filterOf);
    this.#leaseMs = Math.min(1500 * (options.keepaliveSeconds ?? KEEPALIVE_S), 1000 * PRESENCE_LIVES_S);
    this.#leases = new NatsLeases((topic) => this.emit('message', ended(topic)));
  }

  get isUp(): boolean {
    return this.#line !== null;
  }

  start(): void {
    clearTimeout(this.#retry);
    void this.#open();
  }

  publish(message: Outgoing): void {
    if (this.#isStopped || (!this.isUp && message.livesMs === undefined)) return;
    // Home Assistant does not speak NATS.
    if (this.#subjects.routeOf(message.topic) === null) return;
    if (message.retain && message.topic === this.#options.will.topic) this.#renew(message);
    this.#outbox.add(message);
    this.#flush();
  }

  subscribe(subscription: string | Subscription): void {
    const filter = filterOf(subscription);
    this.#filters.push(filter);
    if (this.#line) void this.#subscribe(this.#line, filter);
  }

  /** What is published meanwhile is sent afterwards: a worker that says that it is there has to be. */
  async #subscribe(line: NatsLine, filter: string): Promise<void> {
    this.#subscribing++;
    await line.subscribe(filter);
    this.#subscribing--;
    this.#flush();
  }

  async unsubscribe(filter: string): Promise<void> {
    const at = this.#filters.indexOf(filter);
    if (at < 0) return;
    this.#filters.splice(at, 1);
    await this.#line?.unsubscribe(filter);
  }

  async stop(last: Outgoing): Promise<void> {
    if (this.#isStopped) return;
    this.publish(last);
    this.#isStopped = true;
    clearTimeout(this.#retry);
    clearInterval(this.#renewing);
    this.#leases.clear();
    const line = this.#line;
    if (line === null) return;
    const endsMs = performance.now() + LAST_WORDS_MS;
    while (this.isUp && this.#outbox.size + this.#unanswered.size > 0 && performance.now() < endsMs)
      await new Promise((resolve) => setTimeout(resolve, 5));
    await line.close();
  }

  async #open(): Promise<void> {
    try {
      const { settings, clientId, receiveMaximum } = this.#options;
      const line = await NatsLine.open({
        libraries: this.#libraries,
        subjects: this.#subjects,
        ...{ settings, clientId, receiveMaximum },
        onMessage: (message, leaseMs) => {
          // Of a presence that is ended, and of what is none, there is no lease.
          this.#leases.take(message.topic, message.payload.length === 0 ? null : leaseMs);
          this.emit('message', message);
        },
        onRefused: (topic, reason) => this.#refuse(topic, reason),
      });
      if (this.#isStopped) {
        await line.close();
        return;
      }
      void line.ended.then((error) => this.#ended(line, error));
      for (const filter of this.#filters) await line.subscribe(filter);
      this.#line = line;
      this.#backoff.reset();
      this.#refused.clear();
      this.emit('up');
      this.#flush();
    } catch (error) {
      this.#lost(error);
    }
  }

  #ended(line: NatsLine, error: Error | undefined): void {
    if (this.#line !== line) return;
    this.#line = null;
    this.#lost(error);
  }

  #lost(error: unknown): void {
    clearInterval(this.#renewing);
    this.#leases.clear();
    this.#outbox.lost([...this.#unanswered]);
    this.#unanswered.clear();
    if (this.#isStopped) return;
    this.emit('down', `the NATS server at ${this.#options.settings.url} ${natsFault(error)}`, false);
    this.#retry = setTimeout(() => this.start(), this.#backoff.next()).unref();
  }

  #flush(): void {
    const line = this.#line;
    while (line !== null && this.#subscribing === 0 && this.#unanswered.size < MOST_UNANSWERED) {
      const waiting = this.#outbox.take();
      if (waiting === undefined) return;
      void this.#send(line, waiting);
    }
  }

  async #send(line: NatsLine, waiting: Waiting): Promise<void> {
    this.#unanswered.add(waiting);
    const { message } = waiting;
    const leaseMs = message.topic === this.#options.will.topic ? this.#leaseMs : null;
    const code = await line.publish(waiting, leaseMs);
    // Otherwise it was sent on a line that is gone, and goes with the next.
    if (!this.#unanswered.delete(waiting)) return;
    if (code === null) this.#outbox.lost([waiting]);
    else message.onTaken?.(code);
    this.#flush();
  }

  /** As long as this client is there, its presence holds. */
  #renew(presence: Outgoing): void {
    this.#presence = presence;
    clearInterval(this.#renewing);
    if (presence.payload.length === 0) return;
    this.#renewing = setInterval(() => {
      this.#outbox.add(this.#presence!);
      this.#flush();
    }, this.#leaseMs / RENEWALS).unref();
  }

  #refuse(topic: string, reason: string): void {
    if (this.#refused.has(topic)) return;
    this.#refused.add(topic);
    this.emit('refused', topic, reason);
  }
}

function filterOf(subscription: string | Subscription): string {
  return typeof subscription === 'string' ? subscription : subscription.filter;
}

/** A presence that was not renewed: as a broker of MQTT publishes a last will. */
function ended(topic: string) {
  const nothing = { isRepeated: false, responseTopic: null, correlation: null, acknowledge: () => {} };
  return { ...nothing, topic, payload: Buffer.alloc(0), retain: true };
}
