import type { Socket } from 'node:net';
import type { Packet } from 'mqtt-packet';
import mqtt from 'mqtt-packet';
import { PacketLimit } from './packet-limit.js';

/** Of packets that are taken. What is sent to us is far shorter; our own description of the device is the longest. */
export const MOST_PACKET_BYTES = 64 * 1024;
/** Packets that are looked at before everything else has its turn. */
const MOST_AT_ONCE = 100;
const MOST_PER_SECOND = 500;

export interface InflowOptions {
  readonly socket: Socket;
  readonly version: 4 | 5;
  readonly mostPacketBytes?: number;
  /** Messages a second after which the rest of them wait until the second is over, on the broker's side. */
  readonly mostPerSecond?: number;
  readonly onPacket: (packet: Packet) => void;
  /** What comes is not MQTT: why, last and once. */
  readonly onInvalid: (reason: string) => void;
}

/** What a broker sends, as packets, and no faster than anyone here wants them: the rest waits in the network. */
export class Inflow {
  readonly #options: InflowOptions;
  readonly #limit: PacketLimit;
  /** Made when something comes: a broker that is not there costs nothing of it. */
  #parser: mqtt.Parser | null = null;
  /** What has come and was not looked at yet: parts of one chunk. */
  #pieces: Buffer[] = [];
  #second: NodeJS.Timeout | undefined;
  #inSecond = 0;
  #isClosed = false;
  #heard = true;

  constructor(options: InflowOptions) {
    this.#options = options;
    this.#limit = new PacketLimit(options.mostPacketBytes ?? MOST_PACKET_BYTES);
    options.socket.on('data', (chunk: Buffer) => this.#arrived(chunk));
  }

  /** Packets that were left out because they are too long. */
  get leftOut(): number {
    return this.#limit.leftOut;
  }

  /** Whether anything has come since this was asked the last time. */
  heard(): boolean {
    const heard = this.#heard;
    this.#heard = false;
    return heard;
  }

  /** Nothing is passed on any more. */
  close(): void {
    this.#isClosed = true;
    this.#pieces = [];
    clearTimeout(this.#second);
  }

  #arrived(chunk: Buffer): void {
    this.#heard = true;
    if (this.#isClosed) return;
    try {
      this.#pieces.push(...this.#limit.push(chunk));
    } catch (error) {
      this.#fail(error as Error);
      return;
    }
    this.#options.socket.pause();
    this.#digest();
  }

  #digest(): void {
    try {
      for (let i = 0; i < MOST_AT_ONCE && this.#pieces.length > 0; i++) {
        this.#parser ??= this.#makeParser();
        this.#parser.parse(this.#pieces.shift()!);
      }
    } catch (error) {
      this.#fail(error as Error);
    }
    if (this.#pieces.length > 0) setImmediate(() => this.#digest());
    else this.#resume();
  }

  #makeParser(): mqtt.Parser {
    const parser = mqtt.parser({ protocolVersion: this.#options.version });
    parser.on('packet', (packet) => this.#take(packet));
    parser.on('error', (error: Error) => this.#fail(error));
    return parser;
  }

  #take(packet: Packet): void {
    if (this.#isClosed) return;
    if (packet.cmd === 'publish') {
      this.#inSecond++;
      this.#second ??= setTimeout(() => this.#nextSecond(), 1000).unref();
    }
    this.#options.onPacket(packet);
  }

  #nextSecond(): void {
    this.#second = undefined;
    this.#inSecond = 0;
    this.#resume();
  }

  /** Takes more, unless there is enough to do, or too much has come in this second. */
  #resume(): void {
    if (
      this.#isClosed ||
      this.#pieces.length > 0 ||
      this.#inSecond > (this.#options.mostPerSecond ?? MOST_PER_SECOND)
    )
      return;
    this.#options.socket.resume();
  }

  #fail(error: Error): void {
    if (this.#isClosed) return;
    this.close();
    this.#options.onInvalid(error.message);
  }
}
