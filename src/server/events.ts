import type { WebSocket } from '@fastify/websocket';
import type { FastifyPluginAsync } from 'fastify';
import type { DaemonEvent } from '../daemon-events.js';
import { errorAnswer } from './errors.js';
import type { RouteOptions } from './service.js';
import type { Status } from './status.js';

/** The first message on every connection; the events that follow have higher sequence numbers. */
export interface Snapshot {
  readonly type: 'snapshot';
  /** Of the latest event before it. */
  readonly sequence: number;
  readonly time: string;
  readonly status: Status;
}

/** A subscriber that leaves more than this unread is dropped. */
const MAX_UNREAD_BYTES = 1024 * 1024;

/** RFC 6455's registry: try again later. */
const TRY_AGAIN_LATER = 1013;

export const eventRoutes: FastifyPluginAsync<RouteOptions> = async (app, { service }) => {
  const subscribers = new Set<WebSocket>();

  const passOn = (event: DaemonEvent) => {
    if (subscribers.size === 0) return;
    const message = JSON.stringify(event);
    for (const socket of subscribers) {
      if (socket.bufferedAmount > MAX_UNREAD_BYTES) {
        subscribers.delete(socket);
        socket.close(TRY_AGAIN_LATER, 'dropped: events were read too slowly');
      } else {
        socket.send(message);
      }
    }
  };
  service.events.on('event', passOn);
  app.addHook('onClose', async () => {
    service.events.off('event', passOn);
  });

  app.route({
    method: 'GET',
    url: '/v1/events',
    handler: (_request, reply) => {
      const sentence =
        'events come over a WebSocket: ask for an upgrade, as ws://<host>:<port>/v1/events does';
      reply.code(426).header('upgrade', 'websocket').send(errorAnswer('WG_REQUEST_INVALID', sentence));
    },
    wsHandler: (socket) => {
      socket.on('close', () => subscribers.delete(socket));
      const snapshot: Snapshot = {
        type: 'snapshot',
        sequence: service.events.sequence,
        time: new Date().toISOString(),
        status: service.status(),
      };
      socket.send(JSON.stringify(snapshot));
      subscribers.add(socket);
    },
  });
};
