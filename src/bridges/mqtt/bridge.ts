import type { Logger } from 'pino';
import {
  BrokerConnection,
  type BrokerConnectionOptions,
  Complaints,
  type Incoming,
  type Outgoing,
} from '../../broker/index.js';
import type { DaemonEvent, MqttStatus } from '../../protocol/index.js';
import type { Service } from '../../service.js';
import type { Bridge } from '../bridge.js';
import { Commands } from './commands.js';
import { detectionMessage, testMessages } from './detections.js';
import { Announcer } from './discovery/announcer.js';
import type { MqttSettings } from './settings.js';
import { States } from './states.js';

export interface MqttBridgeOptions {
  readonly service: Service;
  readonly settings: MqttSettings;
  readonly logger: Logger;
  /** Takes what is wrong with the connection, in a sentence; null where nothing is. */
  readonly onProblem: (problem: string | null) => void;
  /** How long until a lost connection is tried again. */
  readonly waits?: BrokerConnectionOptions['waits'];
}

/** Until what is retained of earlier runs has come, after the connection. What comes later is dealt with later. */
const SETTLE_MS = 300;

/** Home Assistant has started: a moment later, as it asks, and not more often than this. */
const BIRTH_MS = 1000;
const BETWEEN_BIRTHS_MS = 10_000;

/** Reports to an MQTT broker, takes commands from it, and is found there by Home Assistant. */
export class MqttBridge implements Bridge {
  readonly #options: MqttBridgeOptions;
  readonly #connection: BrokerConnection;
  readonly #announcer: Announcer;
  readonly #states: States;
  readonly #commands: Commands;
  readonly #complaints: Complaints;
  readonly #birthTopic: string;
  readonly #onEvent = (event: DaemonEvent) => this.#happened(event);
  #announcing: NodeJS.Timeout | undefined;
  #announcesAll = false;
  #refreshing: NodeJS.Immediate | undefined;
  #stats: NodeJS.Timeout | undefined;
  /** What of the counts was logged already. */
  #told = { dropped: 0, leftOut: 0 };
  #bornMs = Number.NEGATIVE_INFINITY;
  /** Topics that this connection may not use, each with the reason. */
  readonly #refusals = new Map<string, string>();
  #telling: NodeJS.Timeout | undefined;

  constructor(options: MqttBridgeOptions) {
    const { service, settings, logger, onProblem, waits } = options;
    const { topics, broker, name, discovery, discoveryPrefix } = settings;
    this.#options = options;
    this.#announcer = new Announcer(settings);
    this.#states = new States(service, topics);
    this.#complaints = new Complaints(logger);
    this.#commands = new Commands({
      service,
      topics,
      complaints: this.#complaints,
      onDone: () => this.#refresh(),
    });
    this.#birthTopic = `${discoveryPrefix}/status`;
    this.#connection = new BrokerConnection({
      settings: broker,
      clientId: `wakegate-${name}`,
      ...(waits && { waits }),
      will: { topic: topics.availability, payload: 'offline', retain: true },
      subscriptions: [
        ...topics.commands,
        topics.thresholds,
        ...this.#announcer.filters,
        ...(discovery === 'off' ? [] : [this.#birthTopic]),
      ],
    });
    this.#connection.on('up', () => this.#up());
    this.#connection.on('down', (problem) => {
      this.#rest();
      this.#refusals.clear();
      onProblem(problem);
    });
    this.#connection.on('message', (message) => this.#take(message));
    this.#connection.on('refused', (topic, reason) => {
      this.#refusals.set(topic, reason);
      // Where one topic is refused, others are too.
      this.#telling ??= setTimeout(() => this.#tellRefusals(), SETTLE_MS).unref();
    });
  }

  async start(): Promise<void> {
    this.#options.service.events.on('event', this.#onEvent);
    this.#connection.start();
  }

  async stop(): Promise<void> {
    this.#options.service.events.off('event', this.#onEvent);
    this.#rest();
    const { availability } = this.#options.settings.topics;
    await this.#connection.stop({ topic: availability, payload: 'offline', retain: true });
  }

  status(): MqttStatus {
    const { sent, waiting, dropped, leftOut } = this.#connection.counts;
    return { connected: this.#connection.isUp, sent, waiting, dropped, ignored: leftOut };
  }

  #up(): void {
    const { settings, logger, onProblem } = this.#options;
    logger.info(`Connected to the MQTT broker at ${settings.broker.url}, as ${settings.name}`);
    if (this.#refusals.size === 0) onProblem(null);
    this.#tellCounts();
    this.#announcer.forget();
    this.#states.forget();
    this.#publish([{ topic: settings.topics.availability, payload: 'online', retain: true }]);
    this.#refresh();
    this.#announceIn(SETTLE_MS);
    this.#stats = setInterval(() => this.#publish(this.#states.changedStats()), settings.statsMs).unref();
    this.#publish(this.#states.changedStats());
  }

  /** Nothing is done while there is no connection. */
  #rest(): void {
    clearTimeout(this.#announcing);
    clearImmediate(this.#refreshing);
    clearInterval(this.#stats);
    clearTimeout(this.#telling);
    this.#announcing = this.#refreshing = this.#telling = undefined;
    this.#announcesAll = false;
  }

  #happened(event: DaemonEvent): void {
    const { settings } = this.#options;
    switch (event.type) {
      case 'detection':
        this.#states.heard(event.keyword);
        this.#publish([detectionMessage(event, settings)]);
        this.#refresh();
        break;
      case 'test':
        this.#publish(testMessages(event, settings));
        break;
      case 'input':
      case 'problem':
        this.#refresh();
        break;
      case 'config':
        this.#refresh();
        this.#announceIn(SETTLE_MS);
    }
  }

  #take(message: Incoming): void {
    const { topics } = this.#options.settings;
    if (message.topic === this.#birthTopic) {
      if (!message.retain && message.payload.toString('latin1', 0, 8) === 'online') this.#born();
    } else if (this.#announcer.take(message)) {
      this.#announceIn(SETTLE_MS);
    } else if (message.retain && this.#states.isGone(message.topic)) {
      this.#states.found(message.topic);
      this.#refresh();
    } else if (message.topic.startsWith(topics.base)) {
      this.#commands.take(message);
    }
    this.#tellCounts();
  }

  /** Home Assistant has started, and knows what is retained; but not everyone lets their broker keep that. */
  #born(): void {
    const waitMs = Math.max(BIRTH_MS, this.#bornMs + BETWEEN_BIRTHS_MS - performance.now());
    this.#bornMs = performance.now() + waitMs;
    this.#announcesAll = true;
    this.#announceIn(waitMs);
  }

  /** Publishes what has changed of the discovery, or all there is; what is under way already comes no later for it. */
  #announceIn(ms: number): void {
    if (!this.#connection.isUp) return;
    this.#announcing ??= setTimeout(() => this.#announce(), ms).unref();
  }

  #announce(): void {
    const keywords = this.#options.service.keywords();
    this.#announcing = undefined;
    if (!this.#announcesAll) {
      this.#publish(this.#announcer.changes(keywords));
      return;
    }
    this.#announcesAll = false;
    this.#states.forget();
    this.#publish(this.#announcer.all(keywords));
    this.#publish([...this.#states.changed(), ...this.#states.changedStats()]);
  }

  /** Publishes what has changed, once for all that changes at the same time. */
  #refresh(): void {
    if (!this.#connection.isUp) return;
    this.#refreshing ??= setImmediate(() => {
      this.#refreshing = undefined;
      this.#publish(this.#states.changed());
    });
  }

  #publish(messages: readonly Outgoing[]): void {
    for (const message of messages) this.#connection.publish(message);
  }

  #tellRefusals(): void {
    const { broker } = this.#options.settings;
    const [[topic, reason]] = this.#refusals;
    const others = this.#refusals.size - 1;
    const more = others === 0 ? '' : ` and ${others} other ${others === 1 ? 'topic' : 'topics'}`;
    this.#telling = undefined;
    this.#options.onProblem(
      `the MQTT broker does not let ${broker.user ?? 'everyone'} use ${topic}${more}: ${reason}; the reference of MQTT has the rules that wakegate needs`,
    );
  }

  #tellCounts(): void {
    const { dropped, leftOut } = this.#connection.counts;
    if (dropped > this.#told.dropped) {
      const count = dropped - this.#told.dropped;
      this.#options.logger.warn(
        { count },
        `${count} messages for the MQTT broker were dropped: they were too old or too many while it was away`,
      );
    }
    if (leftOut > this.#told.leftOut) {
      this.#complaints.add(
        'left out',
        'Messages of the MQTT broker were ignored: they are larger than 64 KiB',
      );
    }
    this.#told = { dropped, leftOut };
  }
}
