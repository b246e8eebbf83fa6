import type { FastifyPluginAsync } from 'fastify';
import { Type } from '../../schema/index.js';
import type { RouteOptions } from '../route-options.js';
import type { Instruments } from './instruments.js';

export const metricsRoutes: FastifyPluginAsync<RouteOptions> = async (
  app,
  { service, activity, observations },
) => {
  let loading: Promise<Instruments> | null = null;
  app.get(
    '/metrics',
    {
      schema: {
        summary: 'What is counted, for Prometheus',
        response: {
          200: {
            description: 'Text of version 0.0.4.',
            content: { 'text/plain': { schema: Type.String() } },
          },
        },
      },
    },
    async (_request, reply) => {
      loading ??= import('./instruments.js').then(({ Instruments }) => new Instruments());
      const all = await loading;
      reply.type(all.contentType);
      return all.text({ status: service.status(), account: service.energy(), activity, observations });
    },
  );
};
