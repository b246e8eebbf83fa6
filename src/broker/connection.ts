import { EventEmitter, once } from 'node:events';
import type { IPublishPacket } from 'mqtt-packet';
import { Backoff, type Waits } from '../backoff.js';
import { type BrokerFault, refusalOf } from './faults.js';
import { Link, type Patience, type Subscription } from './link.js';
import { Outbox, type Outgoing } from './outbox.js';
import type { BrokerSettings } from './settings.js';

export interface BrokerConnectionOptions {
  readonly settings: BrokerSettings;
  /** No two clients of a broker have the same. */
  readonly clientId: string;
  /** Published by the broker where it loses the connection. */
  readonly will: Outgoing;
  /** Filters of topics: a plain one is subscribed to with quality 0. */
  readonly subscriptions: readonly (string | Subscription)[];
  /** Whether what we publish ourselves comes back where it fits a subscription. */
  readonly receivesOwn?: boolean;
  /** Messages of quality 1 that may come before the first of them is acknowledged; by default what the broker likes. */
  readonly receiveMaximum?: number;
  /** How long nothing may be heard before the broker takes us for dead is one and a half times this. */
  readonly keepaliveSeconds?: number;
  /** Of a packet that is taken; 64 KiB by default. */
  readonly mostPacketBytes?: number;
  /** Messages a second that are taken; the rest waits in the network. */
  readonly mostPerSecond?: number;
  /** Whether MQTT 3.1.1 will not do. */
  readonly needsVersion5?: boolean;
  /** How long until a lost connection is tried again. */
  readonly waits?: Waits;
  /** How long the broker may take to let us in. */
  readonly patience?: Patience;
}

/** A message of a topic that is subscribed to. */
export interface Incoming {
  readonly topic: string;
  readonly payload: Buffer;
  /** Whether it was published before we subscribed, and kept. */
  readonly retain: boolean;
  /** Whether the broker may have sent it before. */
  readonly isRepeated: boolean;
  /** Where the sender wants an answer; null where it wants none. */
  readonly responseTopic: string | null;
  /** By what the sender knows the answer. */
  readonly correlation: Buffer | null;
  /** Tells the broker that it was dealt with, where its quality is 1: until then it counts against `receiveMaximum`. */
  acknowledge(): void;
}

export interface ConnectionEvents {
  /** It is connected and subscribed. What is to be known of us is to be published again. */
  up: [];
  message: [message: Incoming];
  /**
   * In a sentence, why there is no connection. It is tried again, or still being tried.
   *
   * `mayBeVersion`: the broker may only know another version of MQTT, which is tried next.
   */
  down: [problem: string, mayBeVersion: boolean];
  /** The broker does not let us publish or subscribe there; reported once for each topic and connection. */
  refused: [topic: string, reason: string];
}

/** Each attempt costs about a millisecond of CPU, so they soon become few. */
const WAITS_MS = [1000, 4000, 30_000, 60_000];
/** At least so long lies between an attempt that took long to fail and the next. */
const LEAST_WAIT_MS = 1000;
/** How often, at most, attempts start over for a message that is only worth something for a while. */
const BETWEEN_HURRIES_MS = 30_000;

/** A connection that lasted as long was a good one: the first retry comes soon. */
const HEALTHY_MS = 5000;

/** How long a loss is remembered, and how many are followed by a new attempt soon: there may be no end of them. */
const LOSSES_MS = 600_000;
const MOST_LOSSES = 30;

/** Messages that may wait for the broker. */
const MOST_WAITING = 1024;

/** How long a stopping connection waits for its last messages to be answered. */
const LAST_WORDS_MS = 1000;

/** Topics whose refusal is remembered. */
const MOST_REFUSED = 100;

/**
 * A connection to a broker that is made again whenever it is lost. Nothing here blocks: what cannot be sent waits, within bounds.
 *
 * @example
 * const connection = new BrokerConnection({ settings, clientId: 'wakegate-kitchen', will, subscriptions: [] });
 * connection.on('up', () => connection.publish({ topic: 'home/kitchen', payload: 'online', retain: true }));
 * connection.start();
 */
export class BrokerConnection extends EventEmitter<ConnectionEvents> {
  readonly #options: BrokerConnectionOptions;
  readonly #outbox = new Outbox({ most: MOST_WAITING });
  readonly #backoff: Backoff;
  readonly #refused = new Set<string>();
  readonly #subscriptions: (string | Subscription)[];
  #version: 4 | 5 = 5;
  /** Whether the broker has answered in this version: then it will again. */
  #isVersionKnown = false;
  #link: Link | null = null;
  #startedMs = 0;
  #hurriedMs = Number.NEGATIVE_INFINITY;
  #upMs = 0;
  /** When connections were lost that had been up. */
  #losses: number[] = [];
  #retry: NodeJS.Timeout | undefined;
  #isStopped = false;
  #sent = 0;
  #leftOut = 0;

  constructor(options: BrokerConnectionOptions) {
    super();
    this.#options = options;
    this.#subscriptions = [...options.subscriptions];
    this.#backoff = new Backoff(options.waits ?? WAITS_MS);
  }

  get isUp(): boolean {
    return this.#link?.isUp ?? false;
  }

  /**
   * `sent`: messages that the broker has taken. `dropped`: those that were too many or too old. `waiting`: those that are not
   * taken yet. `leftOut`: those that came, and were too long.
   */
  get counts(): { sent: number; dropped: number; waiting: number; leftOut: number } {
    this.#outbox.expire();
    const { size, dropped } = this.#outbox;
    const waiting = size + (this.#link?.unanswered.length ?? 0);
    return { sent: this.#sent, dropped, waiting, leftOut: this.#leftOut + (this.#link?.leftOut ?? 0) };
  }

  /** Returns at once. */
  start(): void {
    clearTimeout(this.#retry);
    this.#retry = undefined;
    const link = new Link({
      ...this.#options,
      version: this.#version,
      subscriptions: this.#subscriptions.map(subscriptionOf),
    });
    this.#link = link;
    this.#startedMs = performance.now();
    link.on('up', (refused) => {
      this.#upMs = performance.now();
      this.#isVersionKnown = true;
      this.#refused.clear();
      for (const { filter, code } of refused) this.#refuse(filter, code);
      this.emit('up');
    });
    link.on('refused', (filter, code) => this.#refuse(filter, code));
    link.on('message', (packet) => this.emit('message', incomingOf(packet, link)));
    link.on('answered', ({ topic, onTaken }, code) => {
      this.#sent++;
      onTaken?.(code);
      if (code >= 128) this.#refuse(topic, code);
    });
    link.on('ready', () => this.#flush());
    link.on('late', (fault) => this.#tell(fault));
    link.on('end', (fault) => this.#ended(link, fault));
    void link.open();
  }

  /** Subscribes to more, from now on. */
  subscribe(subscription: string | Subscription): void {
    this.#subscriptions.push(subscription);
    if (this.isUp) this.#link!.subscribe([subscriptionOf(subscription)]);
  }

  /** Ends such a subscription. Resolves when nothing more comes of it. */
  unsubscribe(filter: string): Promise<void> {
    const at = this.#subscriptions.findIndex((one) => subscriptionOf(one).filter === filter);
    if (at >= 0) this.#subscriptions.splice(at, 1);
    const link = this.#link;
    if (at < 0 || !link?.isUp) return Promise.resolve();
    return new Promise((resolve) => {
      const settle = () => {
        link.off('unsubscribed', look).off('end', settle);
        resolve();
      };
      const look = (ended: string) => ended === filter && settle();
      link.on('unsubscribed', look).on('end', settle);
      link.unsubscribe(filter);
    });
  }

  /** Sends a message when that is possible. */
  publish(message: Outgoing): void {
    if (this.#isStopped || (!this.isUp && message.livesMs === undefined)) return;
    this.#outbox.add(message);
    this.#flush();
    this.#hurry();
  }

  /** Something waits, and not for long: now is the time to look whether the broker is back. */
  #hurry(): void {
    const nowMs = performance.now();
    if (this.#retry === undefined || nowMs - this.#hurriedMs < BETWEEN_HURRIES_MS) return;
    this.#hurriedMs = nowMs;
    this.#backoff.reset();
    this.start();
  }

  /** Publishes a last message, where it is connected, and closes the connection. Takes a second at most. */
  async stop(last: Outgoing): Promise<void> {
    if (this.#isStopped) return;
    this.publish(last);
    this.#isStopped = true;
    clearTimeout(this.#retry);
    if (this.#link?.isUp) await this.#emptied(this.#link);
    const link = this.#link;
    if (link === null) return;
    const ended = once(link, 'end');
    link.close();
    await ended;
  }

  async #emptied(link: Link): Promise<void> {
    const signal = AbortSignal.timeout(LAST_WORDS_MS);
    try {
      while (link.isUp && this.counts.waiting > 0) {
        await Promise.race([once(link, 'answered', { signal }), once(link, 'end', { signal })]);
      }
    } catch {
      // It took too long.
    }
  }

  #flush(): void {
    const link = this.#link;
    while (link?.isReady) {
      const waiting = this.#outbox.take();
      if (waiting === undefined) return;
      link.send(waiting);
    }
  }

  #ended(link: Link, fault: BrokerFault): void {
    const nowMs = performance.now();
    const triedMs = this.#upMs > 0 ? 0 : nowMs - this.#startedMs;
    if (this.#upMs > 0) this.#losses = [...this.#losses, nowMs].filter((ms) => nowMs - ms < LOSSES_MS);
    const isGood = this.#upMs > 0 && nowMs - this.#upMs >= HEALTHY_MS;
    if (isGood && this.#losses.length <= MOST_LOSSES) this.#backoff.reset();
    this.#upMs = 0;
    this.#leftOut += link.leftOut;
    this.#link = null;
    this.#outbox.lost(link.unanswered);
    if (this.#isStopped) return;
    const mayBeVersion = fault.mayBeVersion && !this.#isVersionKnown && !this.#options.needsVersion5;
    if (mayBeVersion) this.#version = this.#version === 5 ? 4 : 5;
    this.#tell(fault, mayBeVersion);
    const waitMs = this.#backoff.next();
    this.#retry = setTimeout(() => this.start(), Math.max(waitMs - triedMs, Math.min(waitMs, LEAST_WAIT_MS)));
    this.#retry.unref();
  }

  #tell({ sentence }: BrokerFault, mayBeVersion = false): void {
    const { url } = this.#options.settings;
    this.emit('down', `the MQTT broker at ${url} ${sentence}${this.#hint()}`, mayBeVersion);
  }

  /** Two clients of the same name take the connection from each other, and not every broker says so. */
  #hint(): string {
    const times = this.#losses.length;
    return times < 3 ? '' : ` (${times} times in ten minutes: does another wakegate have the same mqttName?)`;
  }

  #refuse(topic: string, code: number): void {
    if (this.#refused.has(topic) || this.#refused.size >= MOST_REFUSED) return;
    this.#refused.add(topic);
    this.emit('refused', topic, refusalOf(code));
  }
}

function subscriptionOf(subscription: string | Subscription): Subscription {
  return typeof subscription === 'string' ? { filter: subscription, qos: 0 } : subscription;
}

function incomingOf(packet: IPublishPacket, link: Link): Incoming {
  const { topic, payload, retain, dup, properties } = packet;
  let isAcknowledged = packet.qos === 0;
  return {
    topic,
    payload: Buffer.from(payload),
    retain,
    isRepeated: dup,
    responseTopic: properties?.responseTopic ?? null,
    correlation: properties?.correlationData ?? null,
    acknowledge: () => {
      if (!isAcknowledged) link.acknowledge(packet.messageId!);
      isAcknowledged = true;
    },
  };
}
