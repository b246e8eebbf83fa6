import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { onRequestHookHandler } from 'fastify';
import { WakegateError } from '../errors.js';
import { clientOf } from '../network/index.js';
import { answerClientError } from './client-error.js';
import type { ConnectionLimits } from './connection-limits.js';

/** How often it is looked whether headers are late, while there is a connection that is silent. */
const LOOK_MS = 1000;
/** How long it is said that there is no room, after that was so. */
const CROWDED_MS = 10_000;
/** Connections over the limit of their address, which are there to be answered that there is no room. */
const TO_BE_ANSWERED = 4;

interface Connection {
  readonly socket: Socket;
  readonly client: string;
  /** Requests in progress; an upgraded connection has one until it ends. */
  requests: number;
  /** Whose body is still to come, if it is. */
  request: IncomingMessage | null;
  /** When the headers that are awaited began to be: null while nothing of them has come on a connection in use. */
  headersSinceMs: number | null;
  /** What had come when it became silent. */
  bytesBefore: number;
}

/**
 * All connections of a server. A silent one is one without a request in progress: it has sent no whole headers yet, or is
 * kept open for the next request. Where there is no room for a new one, the one that has been silent longest gives way.
 */
export class Connections {
  readonly #limits: ConnectionLimits;
  readonly #headersMs: number;
  readonly #all = new Map<Socket, Connection>();
  /** Oldest first. */
  readonly #silent = new Set<Connection>();
  readonly #perClient = new Map<string, { open: number; busy: number }>();
  #busy = 0;
  #look: NodeJS.Timeout | null = null;
  /** Called where one had to give way, with a sentence, and with null when that has not been so for a while. */
  onCrowded: (problem: string | null) => void = () => {};
  #crowdedMs = Number.NEGATIVE_INFINITY;
  #crowding: NodeJS.Timeout | null = null;

  /** @param headersMs how long the headers of a request may take */
  constructor(server: Server, limits: ConnectionLimits, headersMs: number) {
    this.#limits = limits;
    this.#headersMs = headersMs;
    // First, so that others find the request counted.
    server.prependListener('connection', (socket) => this.#opened(socket));
    server.prependListener('request', (request, response) => this.#begin(request, response));
    server.prependListener('upgrade', (request) => this.#begin(request, null));
    server.once('close', () => {
      clearInterval(this.#look ?? undefined);
      this.#endCrowd();
    });
  }

  /** Keeps the connection of a request whose body is still coming from giving way to others. */
  hold({ socket }: IncomingMessage): void {
    const connection = this.#all.get(socket);
    if (connection) connection.request = null;
  }

  /**
   * Answers requests for which there is no room, and closes their connections. Those that are open to everyone are
   * answered as ever: they say that the daemon lives.
   */
  refuseSurplus(): onRequestHookHandler {
    return (request, reply, done) => {
      const error = request.routeOptions.config?.open ? null : this.surplus(request.raw);
      if (error === null) return done();
      reply.header('connection', 'close');
      done(error);
    };
  }

  /** Why there is no room for a request; null where there is, or where another one has given way to it. */
  surplus({ socket }: IncomingMessage): WakegateError | null {
    const connection = this.#all.get(socket);
    const problem = connection ? this.#problemOf(connection) : null;
    if (problem === null) return null;
    return new WakegateError('WG_BUSY', `${problem}: close some, or try again later`);
  }

  #problemOf(connection: Connection): string | null {
    const { client } = connection;
    const limit = this.#limits.busyOf(client);
    const isClientOver = this.#perClient.get(client)!.busy > limit;
    if (!isClientOver && this.#busy <= this.#limits.busy) return null;
    // Whose body does not come gives way to one who may be quicker.
    const slow = first(
      this.#all.values(),
      (one) => one !== connection && awaitsBody(one) && (one.client === client || !isClientOver),
    );
    this.#tellCrowd(isClientOver ? client : null);
    if (slow) slow.socket.destroy();
    if (slow) return null;
    return isClientOver
      ? `${client} has ${limit} connections in use already`
      : `${this.#limits.busy} connections are in use`;
  }

  #opened(socket: Socket): void {
    if (this.#all.has(socket)) return; // back from an upgrade that was not ours
    const client = clientOf(socket.remoteAddress ?? '');
    const connection: Connection = {
      socket,
      client,
      requests: 0,
      request: null,
      headersSinceMs: performance.now(),
      bytesBefore: 0,
    };
    const counts = this.#perClient.get(client) ?? { open: 0, busy: 0 };
    this.#perClient.set(client, counts);
    counts.open++;
    this.#all.set(socket, connection);
    socket.once('close', () => this.#closed(connection));
    if (counts.open > this.#limits.busyOf(client) + TO_BE_ANSWERED) this.#makeRoom(connection, client);
    else if (this.#all.size > this.#limits.total) this.#makeRoom(connection, null);
    this.#silence(connection);
  }

  #closed(connection: Connection): void {
    const { socket, client } = connection;
    const counts = this.#perClient.get(client)!;
    this.#all.delete(socket);
    this.#silent.delete(connection);
    if (connection.requests > 0) this.#countBusy(connection, -1);
    if (--counts.open === 0) this.#perClient.delete(client);
  }

  /** @param client whose connection is to give way; null for anyone's */
  #makeRoom(newcomer: Connection, client: string | null): void {
    const fits = (candidate: Connection) => client === null || candidate.client === client;
    const oldest =
      first(this.#silent, fits) ?? first(this.#all.values(), (one) => fits(one) && awaitsBody(one));
    (oldest ?? newcomer).socket.destroy();
    this.#tellCrowd(client);
  }

  #tellCrowd(client: string | null): void {
    const nowMs = performance.now();
    this.#crowdedMs = nowMs;
    if (this.#crowding !== null) return;
    const who =
      client === null ? `there are ${this.#limits.total}` : `${client} has ${this.#limits.busyOf(client)}`;
    this.onCrowded(`${who} connections already, so that silent ones are closed to make room`);
    this.#crowding = setInterval(() => {
      if (performance.now() - this.#crowdedMs < CROWDED_MS) return;
      this.#endCrowd();
      this.onCrowded(null);
    }, CROWDED_MS).unref();
  }

  #endCrowd(): void {
    if (this.#crowding !== null) clearInterval(this.#crowding);
    this.#crowding = null;
  }

  #silence(connection: Connection): void {
    if (connection.socket.destroyed) return;
    this.#silent.add(connection);
    this.#look ??= setInterval(() => this.#endLate(performance.now()), LOOK_MS).unref();
  }

  #begin(request: IncomingMessage, response: ServerResponse | null): void {
    const connection = this.#all.get(request.socket);
    if (!connection) return;
    this.#silent.delete(connection);
    if (++connection.requests === 1) this.#countBusy(connection, 1);
    connection.request = response && request;
    response?.once('close', () => this.#end(connection));
  }

  #end(connection: Connection): void {
    if (--connection.requests > 0 || !this.#all.has(connection.socket)) return;
    this.#countBusy(connection, -1);
    connection.request = null;
    connection.headersSinceMs = null;
    connection.bytesBefore = connection.socket.bytesRead;
    this.#silence(connection);
  }

  #countBusy({ client }: Connection, by: 1 | -1): void {
    this.#busy += by;
    this.#perClient.get(client)!.busy += by;
  }

  /**
   * Ends those whose headers are late. Node does so too, but looks twice a minute, and oftener would wake up a server that
   * has no connections.
   */
  #endLate(nowMs: number): void {
    for (const connection of this.#silent) {
      const { socket, bytesBefore } = connection;
      if (socket.bytesRead > bytesBefore) connection.headersSinceMs ??= nowMs;
      const sinceMs = connection.headersSinceMs;
      if (sinceMs === null || nowMs - sinceMs < this.#headersMs) continue;
      this.#silent.delete(connection);
      answerClientError({ code: 'ERR_HTTP_REQUEST_TIMEOUT' }, socket);
    }
    if (this.#silent.size > 0) return;
    clearInterval(this.#look!);
    this.#look = null;
  }
}

function awaitsBody({ request }: Connection): boolean {
  return request !== null && !request.complete;
}

function first<Item>(items: Iterable<Item>, fits: (item: Item) => boolean): Item | undefined {
  for (const item of items) if (fits(item)) return item;
}
