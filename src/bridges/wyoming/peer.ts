import { connect, type Socket } from 'node:net';
import type { Logger } from 'pino';
import { Backoff } from '../../backoff.js';
import { writeFrame } from './frames.js';

export interface PeerOptions {
  /** Such as tcp://127.0.0.1:10500 */
  readonly uri: string;
  readonly logger: Logger;
  /** Why it cannot be reached, in a sentence; null where it can be again. */
  readonly onProblem: (problem: string | null) => void;
  readonly waits?: { readonly firstMs: number; readonly longestMs: number };
}

const WAITS = { firstMs: 1000, longestMs: 60_000 };
const CONNECT_MS = 5000;
/** What is said to a peer that is away. A wake word is of no use to anyone much later. */
const MOST_KEPT = 16;
const KEPT_MS = 10_000;
/** Of what it has not read, before it is dropped. */
const MAX_UNREAD_BYTES = 64 * 1024;
const KEEP_ALIVE_MS = 60_000;

/** A Wyoming service that is sent what is detected, over a connection that is kept. What it answers is thrown away. */
export class Peer {
  readonly #options: PeerOptions;
  readonly #backoff: Backoff;
  /** Oldest first. */
  #kept: { readonly frame: Buffer; readonly sinceMs: number }[] = [];
  #socket: Socket | null = null;
  #retry: NodeJS.Timeout | undefined;
  /** Frames that were written, and those that were too many or too old. */
  sent = 0;
  dropped = 0;
  #isConnected = false;
  #isClosed = false;

  constructor(options: PeerOptions) {
    this.#options = options;
    this.#backoff = new Backoff(options.waits ?? WAITS);
  }

  open(): void {
    if (!this.#socket && !this.#isClosed) this.#connect();
  }

  send(type: string, data: object): void {
    this.#kept.push({ frame: writeFrame(type, data), sinceMs: performance.now() });
    if (this.#kept.length > MOST_KEPT) {
      this.#kept.shift();
      this.dropped++;
    }
    this.#flush();
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#retry);
    this.#socket?.destroy();
  }

  #connect(): void {
    const { hostname, port } = new URL(this.#options.uri);
    const host = hostname.replace(/^\[(.*)\]$/, '$1');
    const socket = connect({
      host,
      port: Number(port),
      noDelay: true,
      keepAlive: true,
      keepAliveInitialDelay: KEEP_ALIVE_MS,
    });
    this.#socket = socket;
    let why = 'it has closed the connection';
    const late = setTimeout(() => socket.destroy(new Error('it does not answer')), CONNECT_MS).unref();
    socket.on('connect', () => {
      clearTimeout(late);
      this.#isConnected = true;
      this.#options.onProblem(null);
      this.#flush();
    });
    socket.on('error', ({ message }) => {
      why = message;
    });
    socket.resume();
    socket.on('data', () => this.#backoff.reset()).on('end', () => socket.destroy());
    socket.on('close', () => {
      clearTimeout(late);
      this.#socket = null;
      this.#isConnected = false;
      if (this.#isClosed) return;
      this.#options.onProblem(`the Wyoming service ${this.#options.uri} cannot be reached: ${why}`);
      this.#retry = setTimeout(() => this.#connect(), this.#backoff.next()).unref();
    });
    socket.unref();
  }

  #flush(): void {
    if (!this.#isConnected || !this.#socket) return;
    const kept = this.#kept;
    this.#kept = [];
    const nowMs = performance.now();
    for (const { frame, sinceMs } of kept) {
      if (nowMs - sinceMs > KEPT_MS) {
        this.dropped++;
        continue;
      }
      this.#backoff.reset();
      this.sent++;
      this.#socket.write(frame);
    }
    if (this.#socket.writableLength > MAX_UNREAD_BYTES) this.#socket.destroy(new Error('it does not read'));
  }
}
