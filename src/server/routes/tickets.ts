import type { FastifyPluginAsync } from 'fastify';
import { type Static, Type } from '../../schema/index.js';
import type { RouteOptions } from '../route-options.js';

const TicketSchema = Type.Object({
  ticket: Type.String({ description: 'To be given as ?ticket= with one request for a stream.' }),
  expiresAt: Type.String({ format: 'date-time' }),
});

export const ticketRoutes: FastifyPluginAsync<RouteOptions> = async (app, { tickets }) => {
  app.post(
    '/v1/tickets',
    {
      schema: {
        summary:
          'A ticket that opens one WebSocket or event stream, for browsers, which cannot send a token with them',
        response: { 201: TicketSchema },
      },
    },
    async (_request, reply): Promise<Static<typeof TicketSchema>> => {
      const nowMs = performance.now();
      const { ticket, expiresMs } = tickets.issue(nowMs);
      reply.code(201).header('cache-control', 'no-store');
      return { ticket, expiresAt: new Date(Date.now() + expiresMs - nowMs).toISOString() };
    },
  );
};
