import fastifyWebsocket from '@fastify/websocket';
import { type FastifyBaseLogger, type FastifyInstance, fastify, LogController } from 'fastify';
import { portError } from '../network/index.js';
import { MAX_MESSAGE_BYTES } from '../protocol/index.js';
import type { Service } from '../service.js';
import { noActivity } from './activity.js';
import { type Access, chooseSubprotocol, requireToken } from './authorize.js';
import { limitBodyTime } from './body-deadline.js';
import { answerClientError, answerOddRequests } from './client-error.js';
import type { ConnectionLimits } from './connection-limits.js';
import { Connections } from './connections.js';
import { answerError, answerNotFound } from './errors.js';
import { takeJson } from './json-body.js';
import { refuseForeignOrigin } from './origin.js';
import type { RouteOptions } from './route-options.js';
import { ROUTES } from './routes/index.js';
import { addSecurityHeaders, SECURITY_HEADER_LINES } from './security-headers.js';
import { Tickets } from './tickets.js';
import { ignoreForeignUpgrades } from './upgrades.js';
import { SCHEMA_COMPILERS } from './validation.js';

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

/** Of bodies other than audio. */
const MAX_JSON_BYTES = 64 * 1024;
/** Of the first line of a request, with its query, and all headers. */
const MAX_HEADER_BYTES = 8 * 1024;
/** Newer Node keeps a connection a second longer than it is told, by default. */
const HTTP_OPTIONS = { maxHeaderSize: MAX_HEADER_BYTES, keepAliveTimeoutBuffer: 0 };
/** Audio may come as it is recorded, so that a request may take as long; other bodies are small. */
const REQUEST_TIMEOUT_MS = 15 * 60_000;
const BODY_TIMEOUT_MS = 10_000;
const HEADERS_TIMEOUT_MS = 10_000;
/** A connection over which nothing goes for so long is closed, subscribers' excepted; so is one kept for a next request. */
const IDLE_TIMEOUT_MS = 30_000;
const CORS = {
  methods: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'],
  allowedHeaders: ['authorization', 'content-type', 'last-event-id'],
  exposedHeaders: ['retry-after'],
  maxAge: 600,
};
/** How long a subscriber may take to say goodbye. */
const GOODBYE_MS = 500;
/** RFC 6455's registry: the endpoint is going away. */
const GOING_AWAY = 1001;

/**
 * Serves `service` over HTTP and WebSocket.
 *
 * @throws WakegateError WG_PORT_UNAVAILABLE
 */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { host, port } = options;
  const app = await createServer(options);
  try {
    const url = await app.listen({ host, port, listenTextResolver: (address) => `Serving on ${address}` });
    return { url, close: () => app.close() };
  } catch (error) {
    await app.close();
    throw portError(error as NodeJS.ErrnoException, host, port);
  }
}

async function createServer(options: ServerOptions): Promise<FastifyInstance> {
  const { service, host, access, limits, logger } = options;
  const app = fastify({
    // A plugin logs whole addresses, which may hold a ticket.
    loggerInstance: logger.child({}, { serializers: { path: (url: string) => url.split('?')[0] } }),
    logController: new LogController({ disableRequestLogging: true }),
    requestTimeout: REQUEST_TIMEOUT_MS,
    connectionTimeout: IDLE_TIMEOUT_MS,
    keepAliveTimeout: IDLE_TIMEOUT_MS,
    forceCloseConnections: true,
    schemaController: { compilersFactory: SCHEMA_COMPILERS },
    bodyLimit: MAX_JSON_BYTES,
    http: HTTP_OPTIONS,
    clientErrorHandler: answerClientError,
    // Requests for which no route could be looked up reach no error handler, and no hook that closes sockets.
    frameworkErrors(error, request, reply) {
      if (request.headers.upgrade !== undefined) reply.raw.on('finish', () => request.raw.socket.destroy());
      answerError(error, request, reply);
    },
  });
  app.server.headersTimeout = HEADERS_TIMEOUT_MS;
  const connections = new Connections(app.server, limits, HEADERS_TIMEOUT_MS);
  connections.onCrowded = options.onCrowded ?? (() => {});
  answerOddRequests(app.server);
  app.setErrorHandler(answerError);
  app.setNotFoundHandler(answerNotFound);
  await app.register(fastifyWebsocket, {
    options: { maxPayload: MAX_MESSAGE_BYTES, handleProtocols: chooseSubprotocol },
    errorHandler: (_error, socket) => socket.terminate(),
    preClose() {
      return sayGoodbye(this);
    },
  });
  ignoreForeignUpgrades(app.server);
  app.websocketServer.on('headers', (headers) => headers.push(...SECURITY_HEADER_LINES));
  app.addHook('onRequest', addSecurityHeaders());
  app.addHook('onRequest', connections.refuseSurplus());
  // After the hook by which the plugin above knows a WebSocket: one that is refused before it would never be closed.
  app.addHook('onRequest', refuseForeignOrigin({ host, ...access }));
  if (access.allowedOrigins.length > 0) {
    const { fastifyCors } = await import('@fastify/cors'); // by those who have such pages
    await app.register(fastifyCors, { ...CORS, origin: [...access.allowedOrigins] });
  }
  app.addHook('preParsing', limitBodyTime(BODY_TIMEOUT_MS));
  takeJson(app);
  const tickets = new Tickets();
  app.addHook('onRequest', requireToken(access, tickets));
  const routeOptions: RouteOptions = {
    service,
    connections,
    activity: noActivity(),
    tickets,
    describe: async () => (await import('./describe.js')).describe(routeOptions),
  };
  for (const family of ROUTES) app.register(family, routeOptions);
  return app;
}

/** Closes the WebSockets, by force where the other side does not answer. */
async function sayGoodbye({ websocketServer }: FastifyInstance): Promise<void> {
  const { clients } = websocketServer;
  for (const client of clients) client.close(GOING_AWAY, 'the daemon is stopping');
  const force = setTimeout(() => {
    for (const client of clients) client.terminate();
  }, GOODBYE_MS);
  await new Promise((resolve) => websocketServer.close(resolve));
  clearTimeout(force);
}
