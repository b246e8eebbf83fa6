import type { WebSocket } from '@fastify/websocket';
import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';
import { WakegateError } from '../../errors.js';
import { EVENT_TYPES, type EventType, isLive } from '../../protocol/index.js';
import { MessageSchema } from '../../protocol/schemas/index.js';
import { type Static, Type } from '../../schema/index.js';
import { Heartbeat } from '../heartbeat.js';
import type { RouteOptions } from '../route-options.js';
import { Subscribers } from '../subscribers.js';
import { EventStreamWire, WebSocketWire } from '../wires.js';

const QuerySchema = Type.Object({
  types: Type.Optional(
    Type.String({
      description: `Which events, of ${EVENT_TYPES.join(', ')}, separated by commas; by default all but level and scores, which come ten times a second.`,
    }),
  ),
  since: Type.Optional(
    Type.Integer({
      minimum: 0,
      description:
        'Sequence number of the last event received: those after it are sent again, 256 at most. ' +
        'The header Last-Event-ID does the same.',
    }),
  ),
});

const asMessages = { 'application/json': { schema: MessageSchema } };

const BY_DEFAULT: ReadonlySet<EventType> = new Set(EVENT_TYPES.filter((type) => !isLive(type)));

/** Subscribers have nothing to say. */
const MAX_MESSAGE_BYTES = 4096;
/** RFC 6455: message too big. */
const TOO_BIG = 1009;
/** A subscriber that has gone without a word is found out by the kernel's probes. */
const KEEP_ALIVE_MS = 30_000;

export interface EventRoutesOptions extends Pick<RouteOptions, 'service' | 'activity'> {
  /** How often a connection over which nothing goes is to show that it lives. */
  readonly heartbeatMs?: number;
}

export const eventRoutes: FastifyPluginAsync<EventRoutesOptions> = async (
  app,
  { service, activity, heartbeatMs },
) => {
  const subscribers = new Subscribers(service, activity, new Heartbeat(heartbeatMs));
  const streams = new Set<FastifyReply['raw']>();
  app.addHook('preClose', async () => {
    subscribers.close();
    for (const stream of streams) stream.end();
  });

  app.route({
    method: 'GET',
    exposeHeadRoute: false,
    url: '/v1/events',
    schema: {
      summary: 'Everything that happens, as it happens: over a WebSocket, or as Server-Sent Events',
      querystring: QuerySchema,
      response: {
        101: { description: 'The WebSocket is open. Each message is a JSON text.', content: asMessages },
        200: {
          description: 'Server-Sent Events, each of the type that its data has.',
          content: { 'text/event-stream': asMessages['application/json'] },
        },
      },
    },
    // Before the upgrade, so that a wrong query is answered as such.
    preHandler: async (request) => {
      wanted(request);
    },
    handler: (request, reply) => {
      const [types, since] = wanted(request);
      const stream = reply.hijack().raw;
      const wire = new EventStreamWire(stream);
      stream.on('close', () => {
        streams.delete(stream);
        subscribers.remove(wire);
      });
      stream.on('error', () => {}); // it closes as well
      request.raw.socket.setKeepAlive(true, KEEP_ALIVE_MS).setTimeout(0);
      stream.writeHead(200, {
        ...(reply.getHeaders() as Record<string, string>),
        'content-type': 'text/event-stream',
        'cache-control': 'no-store',
        'x-accel-buffering': 'no', // or nginx keeps events until it has some pages of them
      });
      streams.add(stream);
      subscribers.add(wire, types, since);
    },
    wsHandler: (socket, request) => {
      const [types, since] = wanted(request);
      const wire = new WebSocketWire(socket, request.raw.socket);
      socket.on('close', () => subscribers.remove(wire));
      socket.on('message', (message) => {
        if (byteLength(message) > MAX_MESSAGE_BYTES) socket.close(TOO_BIG, 'subscribers have nothing to say');
      });
      request.raw.socket.setKeepAlive(true, KEEP_ALIVE_MS);
      subscribers.add(wire, types, since);
    },
  });
};

/** @throws WakegateError WG_REQUEST_INVALID */
function wanted({ query, headers }: FastifyRequest): [types: ReadonlySet<EventType>, since: number | null] {
  const { types, since } = query as Static<typeof QuerySchema>;
  // A browser that comes back by itself has the same address, and a newer number in the header.
  const lastId = headers['last-event-id'];
  const resumed = typeof lastId === 'string' && /^\d{1,15}$/.test(lastId) ? Number(lastId) : since;
  return [types === undefined ? BY_DEFAULT : parseTypes(types), resumed ?? null];
}

function parseTypes(text: string): ReadonlySet<EventType> {
  const names = text.split(',');
  const unknown = names.find((name) => !(EVENT_TYPES as readonly string[]).includes(name));
  if (unknown === undefined) return new Set(names as EventType[]);
  const sentence = `there are no events of type ${JSON.stringify(unknown)}: choose of ${EVENT_TYPES.join(', ')}`;
  throw new WakegateError('WG_REQUEST_INVALID', sentence);
}

function byteLength(message: Parameters<Parameters<WebSocket['on']>[1]>[0]): number {
  return message instanceof Buffer ? message.length : MAX_MESSAGE_BYTES + 1;
}
