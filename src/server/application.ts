import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import fastifyWebsocket from '@fastify/websocket';
import { type FastifyBaseLogger, type FastifyInstance, fastify, LogController } from 'fastify';
import { MAX_MESSAGE_BYTES } from '../protocol/index.js';
import type { Service } from '../service.js';
import { noActivity } from './activity.js';
import { type Access, chooseSubprotocol, requireToken } from './authorize.js';
import { limitBodyTime } from './body-deadline.js';
import type { Connections } from './connections.js';
import { answerError, answerNotFound } from './errors.js';
import { takeJson } from './json-body.js';
import type { Observations } from './observations.js';
import { type OriginCheck, refuseForeignOrigin } from './origin.js';
import type { RouteOptions } from './route-options.js';
import { ROUTES } from './routes/index.js';
import { addSecurityHeaders, SECURITY_HEADER_LINES } from './security-headers.js';
import { Tickets } from './tickets.js';
import type { TakeUpgrade } from './upgrades.js';
import { SCHEMA_COMPILERS } from './validation.js';

/** What answers requests. */
export interface Application {
  answer(request: IncomingMessage, response: ServerResponse): void;
  readonly upgrade: TakeUpgrade;
  /** Says goodbye to WebSockets, and closes them by force after a moment. */
  close(): Promise<void>;
}

/** What the server that listens shares with it. */
export interface ApplicationParts {
  readonly service: Service;
  readonly access: Access;
  readonly logger: FastifyBaseLogger;
  readonly connections: Connections;
  readonly originCheck: OriginCheck;
  readonly observations: Observations;
}

/** Of bodies other than audio. */
const MAX_JSON_BYTES = 64 * 1024;
const BODY_TIMEOUT_MS = 10_000;
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

/** All routes, and what is asked before them: with Fastify, so load it only when there is a request. */
export async function createApplication(parts: ApplicationParts): Promise<Application> {
  const { service, access, connections, originCheck, observations, logger } = parts;
  // It never listens: requests are handed to it.
  const inner = createServer();
  const app = fastify({
    // A plugin logs whole addresses, which may hold a ticket.
    loggerInstance: logger.child({}, { serializers: { path: (url: string) => url.split('?')[0] } }),
    logController: new LogController({ disableRequestLogging: true }),
    schemaController: { compilersFactory: SCHEMA_COMPILERS },
    bodyLimit: MAX_JSON_BYTES,
    serverFactory: (answer) => inner.on('request', answer),
    // Requests for which no route could be looked up reach no error handler, and no hook that closes sockets.
    frameworkErrors(error, request, reply) {
      if (request.headers.upgrade !== undefined) reply.raw.on('finish', () => request.raw.socket.destroy());
      answerError(error, request, reply);
    },
  });
  app.setErrorHandler(answerError);
  app.setNotFoundHandler(answerNotFound);
  await app.register(fastifyWebsocket, {
    options: { maxPayload: MAX_MESSAGE_BYTES, handleProtocols: chooseSubprotocol },
    errorHandler: (_error, socket) => socket.terminate(),
    preClose() {
      return sayGoodbye(this);
    },
  });
  app.websocketServer.on('headers', (headers) => headers.push(...SECURITY_HEADER_LINES));
  app.addHook('onRequest', addSecurityHeaders());
  app.addHook('onRequest', connections.refuseSurplus());
  // After the hook by which the plugin above knows a WebSocket: one that is refused before it would never be closed.
  app.addHook('onRequest', refuseForeignOrigin(originCheck));
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
    observations,
    activity: noActivity(),
    tickets,
    describe: async () => (await import('./describe.js')).describe(routeOptions),
  };
  for (const family of ROUTES) app.register(family, routeOptions);
  await app.ready();
  return {
    answer: (request, response) => inner.emit('request', request, response),
    upgrade: (request, socket, head) => inner.emit('upgrade', request, socket, head),
    close: () => app.close(),
  };
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
