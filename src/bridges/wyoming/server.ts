import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import type { Logger } from 'pino';
import { clientOf, isLoopback, portError, WYOMING_PLACE } from '../../network/index.js';
import type { DaemonEvent } from '../../protocol/index.js';
import type { Service } from '../../service.js';
import { Connection } from './connection.js';
import { writeFrame } from './frames.js';
import { infoOf } from './info.js';
import type { SpeakerMute } from './speaker-mute.js';

export interface WyomingServerOptions {
  readonly service: Service;
  readonly host: string;
  /** 0 for any that is free. */
  readonly port: number;
  /** How many files the process may have open. */
  readonly files: number;
  readonly speaker: SpeakerMute | null;
  readonly logger: Logger;
}

/** Connections at a time, where the process may open as many files. */
const MOST_CONNECTIONS = 128;
const FEWEST_CONNECTIONS = 16;
/** How often it is looked what is late, while there are connections. */
const LOOK_MS = 5000;
/** How long until a peer that is gone without a word is noticed, at the earliest. */
const KEEP_ALIVE_MS = 60_000;

/** Serves wake word detection to clients of the Wyoming protocol. */
export class WyomingServer {
  readonly #options: WyomingServerOptions;
  readonly #server: Server;
  readonly #connections = new Set<Connection>();
  readonly #most: number;
  #info: Buffer | null = null;
  #look: NodeJS.Timeout | undefined;
  readonly #onEvent = ({ type }: DaemonEvent) => {
    if (type === 'config') this.#info = null;
  };

  constructor(options: WyomingServerOptions) {
    this.#options = options;
    this.#most = Math.max(FEWEST_CONNECTIONS, Math.min(MOST_CONNECTIONS, Math.floor(options.files / 8)));
    this.#server = createServer({
      noDelay: true,
      keepAlive: true,
      keepAliveInitialDelay: KEEP_ALIVE_MS,
    });
    this.#server.on('connection', (socket) => this.#accept(socket));
    // Of a connection that could not be accepted; those of the start are thrown from there.
    this.#server.on('error', ({ message }) => options.logger.debug(`The Wyoming server: ${message}`));
  }

  /** The port that it serves on; null while it does not. */
  get port(): number | null {
    const address = this.#server.address();
    return typeof address === 'object' ? (address?.port ?? null) : null;
  }

  /** How many there are. */
  get connections(): number {
    return this.#connections.size;
  }

  /** @throws WakegateError WG_PORT_UNAVAILABLE; it may be started again */
  async start(): Promise<void> {
    const { service, host, port } = this.#options;
    try {
      this.#server.listen({ host, port });
      await once(this.#server, 'listening');
    } catch (error) {
      throw portError(error as NodeJS.ErrnoException, host, port, WYOMING_PLACE);
    }
    service.events.on('event', this.#onEvent);
  }

  /** Ends all connections. */
  async stop(): Promise<void> {
    clearInterval(this.#look);
    this.#options.service.events.off('event', this.#onEvent);
    for (const { socket } of this.#connections) socket.destroy();
    if (!this.#server.listening) return;
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #accept(socket: Socket): void {
    socket.on('error', () => {}); // the iteration ends with it
    if (!this.#hasRoom(socket)) {
      socket.destroy();
      return;
    }
    const { service, speaker, logger } = this.#options;
    const info = () => this.#describe();
    const connection = new Connection({ socket, service, speaker, logger, info });
    this.#connections.add(connection);
    this.#look ??= setInterval(() => this.#endLate(), LOOK_MS).unref();
    connection.run().finally(() => {
      this.#connections.delete(connection);
      if (this.#connections.size > 0) return;
      clearInterval(this.#look);
      this.#look = undefined;
    });
  }

  /**
   * Half of all connections are as many as one address of another machine gets. Where there is no room, the one that
   * has been silent longest gives way, of those whose audio is not being heard.
   */
  #hasRoom({ remoteAddress }: Socket): boolean {
    const client = clientOf(remoteAddress ?? '');
    const own = [...this.#connections].filter(
      ({ socket }) => clientOf(socket.remoteAddress ?? '') === client,
    );
    const mostOfOne = isLoopback(client) ? this.#most : this.#most / 2;
    const isClientOver = own.length >= mostOfOne;
    if (!isClientOver && this.#connections.size < this.#most) return true;
    const candidates = (isClientOver ? own : [...this.#connections]).filter(
      ({ isStreaming }) => !isStreaming,
    );
    if (candidates.length === 0) return false;
    const oldest = candidates.reduce((a, b) => (a.activeMs <= b.activeMs ? a : b));
    this.#connections.delete(oldest);
    oldest.socket.destroy();
    return true;
  }

  #endLate(): void {
    const nowMs = performance.now();
    for (const connection of this.#connections) connection.look(nowMs);
  }

  #describe(): Buffer {
    const { service } = this.#options;
    this.#info ??= writeFrame('info', infoOf(service.status().model, service.keywords()));
    return this.#info;
  }
}
