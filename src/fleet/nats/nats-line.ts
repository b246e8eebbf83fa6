import { randomUUID } from 'node:crypto';
import type { BrokerSettings, Incoming, Outgoing, Waiting } from '../../broker/index.js';
import type { JetStream, NatsLibraries, NatsLink, NatsMessage, StoredMessage } from './nats-client.js';
import { SharedWindows } from './nats-shared-windows.js';
import { openSharedConsumer, openStreams } from './nats-streams.js';
import { inboxOf, type NatsSubjects } from './nats-subjects.js';

export interface NatsLineOptions {
  readonly libraries: NatsLibraries;
  readonly subjects: NatsSubjects;
  readonly settings: BrokerSettings;
  readonly clientId: string;
  readonly receiveMaximum: number | undefined;
  /** @param leaseMs for how long what it says holds; null for ever */
  readonly onMessage: (message: Incoming, leaseMs: number | null) => void;
  readonly onRefused: (topic: string, reason: string) => void;
}

const TIMEOUT_MS = 8000;
const PING_MS = 10_000;
const RECEIVE_MAXIMUM = 64;
const HEADERS = {
  response: 'Wakegate-Response',
  correlation: 'Wakegate-Correlation',
  lease: 'Wakegate-Lease',
} as const;
const NOT_ALLOWED = 135;
const NOBODY = 16;

/** One connection to a NATS server, from its opening to its end. */
export class NatsLine {
  readonly #options: NatsLineOptions;
  readonly #link: NatsLink;
  readonly #jetstream: JetStream;
  /** Ends of subscriptions, by filter. */
  readonly #subscribed = new Map<string, () => Promise<unknown>>();
  /** By which a message that is sent again with the next connection is known. */
  static readonly #ids = new WeakMap<Waiting, string>();

  private constructor(options: NatsLineOptions, link: NatsLink) {
    this.#options = options;
    this.#link = link;
    this.#jetstream = options.libraries.jetstream.jetstream(link, { timeout: TIMEOUT_MS });
    void this.#watch();
  }

  /** Rejects where there is no connection to be had. */
  static async open(options: NatsLineOptions): Promise<NatsLine> {
    const { libraries, settings, clientId } = options;
    const { host, port, user, password, tls } = settings;
    const link = await libraries.nats.connect({
      servers: `${host.includes(':') ? `[${host}]` : host}:${port}`,
      name: clientId,
      ...{ reconnect: false, ignoreClusterUpdates: true, timeout: TIMEOUT_MS, pingInterval: PING_MS },
      ...{ maxPingOut: 2, noAsyncTraces: true },
      ...(user !== null && { user, pass: password ?? '', inboxPrefix: inboxOf(user) }),
      // Where the address is no name, the certificate is held against `host`.
      tls: tls === null ? null : { secureContext: tls, host },
    });
    try {
      const line = new NatsLine(options, link);
      await openStreams(line.#jetstream, options.subjects);
      return line;
    } catch (error) {
      await link.close();
      throw error;
    }
  }

  /** Resolves with the reason when it has ended. */
  get ended(): Promise<Error | undefined> {
    return this.#link.closed().then((error) => error ?? undefined);
  }

  async subscribe(filter: string): Promise<void> {
    const { subjects, receiveMaximum = RECEIVE_MAXIMUM, onRefused } = this.#options;
    try {
      const shared = subjects.sharedOf(filter);
      if (shared) {
        const stream = subjects.streamOf('windows');
        const name = await openSharedConsumer(this.#jetstream, subjects, shared);
        const consumer = await this.#jetstream.consumers.get(stream, name);
        const windows = new SharedWindows(consumer, receiveMaximum, (message, acknowledge) =>
          this.#take(message, acknowledge),
        );
        this.#subscribed.set(filter, () => windows.end());
        return;
      }
      const subject = subjects.subjectOf(filter);
      const route = subjects.routeOf(filter);
      if (route === 'answers') {
        const callback = (error: Error | null, message: NatsMessage) => !error && this.#take(message);
        const subscription = this.#link.subscribe(subject, { callback });
        this.#subscribed.set(filter, async () => subscription.unsubscribe());
        await this.#link.flush();
        return;
      }
      if (route === null) return;
      // In one order for all. Of what is retained, the newest comes first.
      const consumer = await this.#jetstream.consumers.get(subjects.streamOf(route), {
        filter_subjects: subject,
        deliver_policy: route === 'presence' || route === 'state' ? 'last_per_subject' : 'new',
      });
      const messages = await consumer.consume();
      this.#subscribed.set(filter, () => messages.close());
      void this.#takeAll(messages);
    } catch (error) {
      onRefused(filter, (error as Error).message);
    }
  }

  async unsubscribe(filter: string): Promise<void> {
    const end = this.#subscribed.get(filter);
    this.#subscribed.delete(filter);
    await end?.();
  }

  /**
   * Never rejects. @returns as MQTT's reason codes: 0, 16 where nobody has a use for it, from 128 on for a refusal; null where the server
   * did not answer
   */
  async publish(waiting: Waiting, leaseMs: number | null): Promise<number | null> {
    const { message, endsMs } = waiting;
    const { subjects, onRefused } = this.#options;
    const subject = subjects.subjectOf(message.topic);
    const most = this.#link.info?.max_payload ?? Number.POSITIVE_INFINITY;
    if (message.payload.length > most) {
      onRefused(message.topic, `it has ${message.payload.length} bytes, and ${most} are its most`);
      return NOT_ALLOWED;
    }
    const headers = this.#headersOf(message, leaseMs);
    try {
      if (subjects.routeOf(message.topic) === 'answers') {
        this.#link.publish(subject, message.payload, { headers });
        return 0;
      }
      const msgID = NatsLine.#ids.get(waiting) ?? randomUUID();
      NatsLine.#ids.set(waiting, msgID);
      const timeout = Math.min(TIMEOUT_MS, Math.max(1, endsMs - performance.now()));
      await this.#jetstream.publish(subject, message.payload, { msgID, headers, timeout });
      return 0;
    } catch (error) {
      const { name, message: reason } = error as Error;
      if (/NoResponders/.test(name) || /no responders/i.test(reason)) return NOBODY;
      if (!/Permission/i.test(`${name} ${reason}`)) return null;
      onRefused(message.topic, 'its permissions do not allow it');
      return NOT_ALLOWED;
    }
  }

  async close(): Promise<void> {
    await Promise.allSettled([...this.#subscribed.keys()].map((filter) => this.unsubscribe(filter)));
    await this.#link.close();
  }

  #headersOf({ responseTopic, correlation, payload }: Outgoing, leaseMs: number | null) {
    const headers = this.#options.libraries.nats.headers();
    if (responseTopic !== undefined) headers.set(HEADERS.response, responseTopic);
    if (correlation) headers.set(HEADERS.correlation, correlation.toString('base64'));
    if (leaseMs !== null && payload.length > 0) headers.set(HEADERS.lease, String(leaseMs));
    return headers;
  }

  async #takeAll(messages: AsyncIterable<StoredMessage>): Promise<void> {
    try {
      for await (const message of messages) this.#take(message);
    } catch {
      // The line says why it has ended.
    }
  }

  #take(message: NatsMessage & { readonly redelivered?: boolean }, acknowledge: () => void = () => {}): void {
    const { subjects, onMessage } = this.#options;
    const header = (name: string) => message.headers?.get(name) || null;
    const topic = subjects.topicOf(message.subject);
    const correlation = header(HEADERS.correlation);
    const lease = Number(header(HEADERS.lease));
    const route = subjects.routeOf(topic);
    onMessage(
      {
        topic,
        payload: Buffer.from(message.data),
        retain: route === 'presence' || route === 'state',
        isRepeated: message.redelivered ?? false,
        responseTopic: header(HEADERS.response),
        correlation: correlation === null ? null : Buffer.from(correlation, 'base64'),
        acknowledge,
      },
      lease > 0 && lease < 3_600_000 ? lease : null,
    );
  }

  /** What the server does not allow is said apart from what was asked. */
  async #watch(): Promise<void> {
    const { subjects, onRefused } = this.#options;
    for await (const { type, error } of this.#link.status()) {
      if (type === 'error' && error?.subject)
        onRefused(subjects.topicOf(error.subject), 'its permissions do not allow it');
    }
  }
}
