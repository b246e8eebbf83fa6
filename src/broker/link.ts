import { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import type { IConnackPacket, IPublishPacket, ISubackPacket, Packet } from 'mqtt-packet';
import mqtt from 'mqtt-packet';
import { type BrokerFault, faultOf, reasonFault, socketFault } from './faults.js';
import { Inflow, MOST_PACKET_BYTES } from './inflow.js';
import type { Outgoing, Waiting } from './outbox.js';
import type { BrokerSettings } from './settings.js';
import { openSocket } from './socket.js';

// Else it makes 65 536 buffers of two bytes beforehand, which take 9 MB.
mqtt.writeToStream.cacheNumbers = false;

export interface Subscription {
  readonly filter: string;
  readonly qos: 0 | 1;
}

export interface LinkOptions {
  readonly settings: BrokerSettings;
  readonly clientId: string;
  readonly version: 4 | 5;
  /** Published by the broker where it loses the connection. */
  readonly will: Outgoing;
  readonly subscriptions: readonly Subscription[];
  readonly receivesOwn?: boolean;
  readonly receiveMaximum?: number;
  readonly keepaliveSeconds?: number;
  readonly mostPacketBytes?: number;
  readonly mostPerSecond?: number;
  /** How long the broker may take to let us in before that is `late`, and before it is given up. */
  readonly patience?: Patience;
}

export interface Patience {
  readonly lateMs: number;
  readonly mostMs: number;
}

interface LinkEvents {
  /** It has not let us in for a while, and may still: an attempt that waits costs nothing, and a new one does. */
  late: [fault: BrokerFault];
  /** It is connected, and subscribed to all but these. */
  up: [refused: readonly { readonly filter: string; readonly code: number }[]];
  message: [packet: IPublishPacket];
  /** The broker does not let us subscribe there, where that was wanted later. */
  refused: [filter: string, code: number];
  /** The broker sends nothing more for it. */
  unsubscribed: [filter: string];
  /** The broker has answered a message: 0 and 16 (nobody subscribes) are good, others are refusals. */
  answered: [message: Outgoing, code: number];
  /** More may be sent. */
  ready: [];
  /** Last, and once. */
  end: [fault: BrokerFault];
}

const PATIENCE: Patience = { lateMs: 10_000, mostMs: 60_000 };
/** How long it may take to answer a message. */
const ANSWER_MS = 8000;
const KEEPALIVE_S = 60;
/** How long a connection may take to close after the goodbye. */
const GOODBYE_MS = 500;
/** Messages that were not answered yet. */
const MOST_UNANSWERED = 16;

/** One connection to a broker, from its opening to its end. Costs a timer every half minute while nothing is sent. */
export class Link extends EventEmitter<LinkEvents> {
  readonly #options: LinkOptions;
  readonly #unanswered = new Map<number, Waiting>();
  #socket: Socket | null = null;
  #inflow: Inflow | null = null;
  #state: 'opening' | 'subscribing' | 'up' | 'ended' = 'opening';
  #connack: IConnackPacket | null = null;
  #lastId = 0;
  /** What was subscribed to later, by the identifier of the packet. */
  readonly #subscribing = new Map<number, readonly Subscription[]>();
  readonly #unsubscribing = new Map<number, string>();
  #isCorked = false;
  /** Until it is up, how long that may take; then how long an answer may. */
  #deadline: NodeJS.Timeout | undefined;
  #keepalive: NodeJS.Timeout | undefined;

  constructor(options: LinkOptions) {
    super();
    this.#options = options;
  }

  get isUp(): boolean {
    return this.#state === 'up';
  }

  /** Whether a message may be sent now. */
  get isReady(): boolean {
    const most = Math.min(MOST_UNANSWERED, this.#connack?.properties?.receiveMaximum ?? MOST_UNANSWERED);
    return this.isUp && this.#unanswered.size < most && !this.#socket!.writableNeedDrain;
  }

  /** Messages that were sent and not answered, oldest first. */
  get unanswered(): Waiting[] {
    return [...this.#unanswered.values()];
  }

  /** Packets that were left out because they are too long. */
  get leftOut(): number {
    return this.#inflow?.leftOut ?? 0;
  }

  /** Resolves when it is being connected to; what fails is reported by `end`. */
  async open(): Promise<void> {
    this.#awaitEntry();
    let socket: Socket;
    try {
      socket = await openSocket(this.#options.settings, () => this.#introduce());
    } catch (error) {
      this.#end(socketFault(error as Error));
      return;
    }
    this.#socket = socket;
    const isEarly = () => this.#connack === null;
    this.#inflow = new Inflow({
      socket,
      version: this.#options.version,
      ...(this.#options.mostPacketBytes && { mostPacketBytes: this.#options.mostPacketBytes }),
      ...(this.#options.mostPerSecond && { mostPerSecond: this.#options.mostPerSecond }),
      onPacket: (packet) => this.#take(packet),
      onInvalid: (reason) => this.#end(faultOf(`sends what is not MQTT: ${reason}`, isEarly())),
    });
    socket.on('drain', () => this.#offer());
    socket.on('error', (error: NodeJS.ErrnoException) => this.#end(socketFault(error)));
    socket.on('close', () => this.#end(faultOf('closed the connection', isEarly())));
    if (this.#state === 'ended') socket.destroy(); // while TLS was being loaded
  }

  /** Only where it {@link isReady}. */
  send(waiting: Waiting): void {
    const { message, endsMs } = waiting;
    const { responseTopic, correlation } = message;
    const id = this.#nextId();
    const lastsS = Math.ceil((endsMs - performance.now()) / 1000);
    const canQos1 = message.qos !== 0 && this.#connack?.properties?.maximumQoS !== 0;
    this.#write({
      cmd: 'publish',
      topic: message.topic,
      payload: message.payload,
      qos: canQos1 ? 1 : 0,
      dup: false,
      retain: message.retain ?? false,
      ...(canQos1 && { messageId: id }),
      properties: {
        ...(Number.isFinite(lastsS) && { messageExpiryInterval: Math.max(1, lastsS) }),
        ...(responseTopic !== undefined && { responseTopic }),
        ...(correlation && { correlationData: correlation }),
      },
    });
    if (!canQos1) {
      this.emit('answered', message, 0);
      return;
    }
    this.#unanswered.set(id, waiting);
    if (this.#unanswered.size === 1) this.#awaitAnswer();
  }

  /** Tells the broker that a message of quality 1 was dealt with. */
  acknowledge(messageId: number): void {
    if (this.isUp) this.#write({ cmd: 'puback', messageId });
  }

  /** Only where it {@link isUp}. */
  subscribe(subscriptions: readonly Subscription[]): void {
    const id = this.#nextId();
    this.#subscribing.set(id, subscriptions);
    this.#writeSubscribe(id, subscriptions);
  }

  /** Only where it {@link isUp}. */
  unsubscribe(filter: string): void {
    const messageId = this.#nextId();
    this.#unsubscribing.set(messageId, filter);
    this.#write({ cmd: 'unsubscribe', messageId, unsubscriptions: [filter] });
  }

  /** Says goodbye, so that the broker does not publish the will, and closes it. */
  close(): void {
    const socket = this.#socket;
    if (!this.isUp || socket === null) {
      this.#end(faultOf('was left'));
      return;
    }
    const destroying = setTimeout(() => this.#end(faultOf('was left')), GOODBYE_MS).unref();
    this.once('end', () => clearTimeout(destroying));
    socket.end(
      mqtt.generate({ cmd: 'disconnect', reasonCode: 0 }, { protocolVersion: this.#options.version }),
    );
  }

  #awaitEntry(): void {
    const { lateMs, mostMs } = this.#options.patience ?? PATIENCE;
    const fault = faultOf('does not answer');
    this.#deadline = setTimeout(() => {
      this.#deadline = setTimeout(() => this.#end(fault), mostMs - lateMs).unref();
      this.emit('late', fault);
    }, lateMs).unref();
  }

  #introduce(): void {
    if (this.#state === 'ended') return;
    const { settings, clientId, version, will, receiveMaximum } = this.#options;
    const { mostPacketBytes = MOST_PACKET_BYTES } = this.#options;
    this.#write({
      cmd: 'connect',
      protocolId: 'MQTT',
      protocolVersion: version,
      clean: true,
      clientId,
      keepalive: this.#options.keepaliveSeconds ?? KEEPALIVE_S,
      ...(settings.user !== null && { username: settings.user }),
      ...(settings.password !== null && { password: Buffer.from(settings.password) }),
      will: { topic: will.topic, payload: will.payload, qos: 1, retain: will.retain ?? false },
      ...(version === 5 && {
        properties: { maximumPacketSize: mostPacketBytes, ...(receiveMaximum && { receiveMaximum }) },
      }),
    });
  }

  #take(packet: Packet): void {
    if (this.#state === 'ended') return;
    switch (packet.cmd) {
      case 'connack':
        this.#letIn(packet);
        break;
      case 'suback':
        this.#subscribed(packet);
        break;
      case 'unsuback':
        this.#unsubscribed(packet.messageId!);
        break;
      case 'puback':
        this.#answered(packet.messageId!, packet.reasonCode ?? 0);
        break;
      case 'publish':
        this.emit('message', packet);
        break;
      case 'disconnect':
        this.#end(reasonFault(packet.reasonCode ?? 0));
    }
  }

  #letIn(packet: IConnackPacket): void {
    const code = packet.reasonCode ?? packet.returnCode ?? 0;
    if (code !== 0) {
      this.#end(reasonFault(code));
      return;
    }
    this.#connack = packet;
    this.#state = 'subscribing';
    const keepaliveS = packet.properties?.serverKeepAlive ?? this.#options.keepaliveSeconds ?? KEEPALIVE_S;
    if (keepaliveS > 0) this.#keepalive = setInterval(() => this.#look(), keepaliveS * 500).unref();
    if (this.#options.subscriptions.length === 0) {
      this.#up([]);
      return;
    }
    this.#writeSubscribe(this.#nextId(), this.#options.subscriptions);
  }

  #writeSubscribe(messageId: number, subscriptions: readonly Subscription[]): void {
    this.#write({
      cmd: 'subscribe',
      messageId,
      // `nl`: what we publish ourselves does not come back (MQTT 5), which is not allowed for shared subscriptions.
      subscriptions: subscriptions.map(({ filter, qos }) => ({
        topic: filter,
        qos,
        nl: !this.#options.receivesOwn && !filter.startsWith('$share/'),
      })),
    });
  }

  #subscribed({ granted, messageId }: ISubackPacket): void {
    const later = this.#subscribing.get(messageId!);
    if (later) {
      this.#subscribing.delete(messageId!);
      later.forEach(({ filter }, i) => {
        const code = Number((granted as number[])[i] ?? 128);
        if (code >= 128) this.emit('refused', filter, code);
      });
      return;
    }
    if (this.#state !== 'subscribing') return;
    const codes = granted as number[];
    const answers = this.#options.subscriptions.map(({ filter }, i) => ({ filter, code: codes[i] ?? 128 }));
    this.#up(answers.filter(({ code }) => code >= 128));
  }

  #unsubscribed(id: number): void {
    const filter = this.#unsubscribing.get(id);
    if (filter === undefined) return;
    this.#unsubscribing.delete(id);
    this.emit('unsubscribed', filter);
  }

  #up(refused: LinkEvents['up'][0]): void {
    this.#state = 'up';
    clearTimeout(this.#deadline);
    this.emit('up', refused);
    this.#offer();
  }

  #answered(id: number, code: number): void {
    const waiting = this.#unanswered.get(id);
    if (waiting === undefined) return;
    this.#unanswered.delete(id);
    this.emit('answered', waiting.message, code);
    this.#awaitAnswer();
    this.#offer();
  }

  /** A broker that answers nothing has died, or the way to it has. */
  #awaitAnswer(): void {
    clearTimeout(this.#deadline);
    if (this.#unanswered.size === 0 || this.#state === 'ended') return;
    this.#deadline = setTimeout(() => this.#end(faultOf('does not answer any more')), ANSWER_MS).unref();
  }

  #look(): void {
    if (!this.#inflow!.heard()) {
      this.#end(faultOf('does not answer any more'));
      return;
    }
    this.#write({ cmd: 'pingreq' });
  }

  #offer(): void {
    if (this.isReady) this.emit('ready');
  }

  #write(packet: Packet): void {
    const socket = this.#socket!;
    if (!this.#isCorked) {
      // What is written in one go becomes one packet of the network.
      this.#isCorked = true;
      socket.cork();
      process.nextTick(() => {
        this.#isCorked = false;
        socket.uncork();
      });
    }
    socket.write(mqtt.generate(packet, { protocolVersion: this.#options.version }));
  }

  /** Of those that wait for an answer, no two are the same. */
  #nextId(): number {
    do this.#lastId = (this.#lastId % 0xffff) + 1;
    while ([this.#unanswered, this.#subscribing, this.#unsubscribing].some((ids) => ids.has(this.#lastId)));
    return this.#lastId;
  }

  #end(fault: BrokerFault): void {
    if (this.#state === 'ended') return;
    this.#state = 'ended';
    this.#inflow?.close();
    clearTimeout(this.#deadline);
    clearInterval(this.#keepalive);
    this.#socket?.destroy();
    this.emit('end', fault);
  }
}
