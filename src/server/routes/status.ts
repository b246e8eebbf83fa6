import type { FastifyPluginAsync } from 'fastify';
import type { Status } from '../../protocol/index.js';
import { StatusSchema } from '../../protocol/schemas/index.js';
import type { RouteOptions } from '../route-options.js';

export const statusRoutes: FastifyPluginAsync<RouteOptions> = async (app, { service }) => {
  app.get(
    '/v1/status',
    { schema: { summary: 'Status of the daemon', response: { 200: StatusSchema } } },
    async (): Promise<Status> => service.status(),
  );
};
