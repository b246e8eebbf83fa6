import { createServer, type Server } from 'node:http';
import type { FastifyBaseLogger } from 'fastify';
import { portError } from '../network/index.js';
import type { Service } from '../service.js';
import type { Access } from './authorize.js';
import { answerClientError, answerOddRequests } from './client-error.js';
import type { ConnectionLimits } from './connection-limits.js';
import { Connections } from './connections.js';
import { LazyApplication } from './lazy-application.js';
import { listen } from './listening.js';
import { Observations } from './observations.js';
import { originCheck } from './origin.js';
import { takeWebSockets } from './upgrades.js';

export interface ServerOptions {
  readonly service: Service;
  readonly host: string;
  /** 0 for any that is free. */
  readonly port: number;
  readonly access: Access;
  readonly limits: ConnectionLimits;
  readonly logger: FastifyBaseLogger;
  /** Called where there is no room for connections, with a sentence, and with null when there is again. */
  readonly onCrowded?: (problem: string | null) => void;
}

export interface RunningServer {
  /** Such as http://127.0.0.1:8765 */
  readonly url: string;
  /** Closes every connection, within a second. */
  close(): Promise<void>;
}

/** Of the first line of a request, with its query, and all headers. */
const MAX_HEADER_BYTES = 8 * 1024;
/** Newer Node keeps a connection a second longer than it is told, by default. */
const HTTP_OPTIONS = { maxHeaderSize: MAX_HEADER_BYTES, keepAliveTimeoutBuffer: 0 };
/** Audio may come as it is recorded, so that a request may take as long; other bodies are small. */
const REQUEST_TIMEOUT_MS = 15 * 60_000;
const HEADERS_TIMEOUT_MS = 10_000;
/** A connection over which nothing goes for so long is closed, subscribers' excepted; so is one kept for a next request. */
const IDLE_TIMEOUT_MS = 30_000;

/**
 * Serves `service` over HTTP and WebSocket. What answers is loaded with the first request: a daemon that nobody asks needs
 * neither the time at its start nor the memory.
 *
 * @throws WakegateError WG_PORT_UNAVAILABLE
 */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { service, host, port, access, limits, logger } = options;
  const server = createHttpServer();
  const connections = new Connections(server, limits, HEADERS_TIMEOUT_MS);
  connections.onCrowded = options.onCrowded ?? (() => {});
  answerOddRequests(server);
  const observations = new Observations(service);
  const check = originCheck({ host, ...access });
  const application = new LazyApplication({ ...options, connections, observations, originCheck: check });
  server.on('request', application.answer);
  takeWebSockets(server, application.upgrade);
  let urls: string[];
  try {
    urls = await listen(server, host, port);
  } catch (error) {
    observations.close();
    throw portError(error as NodeJS.ErrnoException, host, port);
  }
  for (const url of urls) logger.info(`Serving on ${url}`);
  const close = async () => {
    const closed = new Promise<unknown>((resolve) => server.close(resolve));
    await application.close();
    server.closeAllConnections();
    observations.close();
    await closed;
  };
  return { url: urls[0], close };
}

function createHttpServer(): Server {
  const server = createServer(HTTP_OPTIONS);
  server.requestTimeout = REQUEST_TIMEOUT_MS;
  server.headersTimeout = HEADERS_TIMEOUT_MS;
  server.keepAliveTimeout = IDLE_TIMEOUT_MS;
  server.setTimeout(IDLE_TIMEOUT_MS);
  server.on('clientError', answerClientError);
  return server;
}
