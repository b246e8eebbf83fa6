import type { FastifyPluginAsync } from 'fastify';
import type { Energy } from '../../protocol/index.js';
import { EnergySchema } from '../../protocol/schemas/index.js';
import { Type } from '../../schema/index.js';
import type { RouteOptions } from '../route-options.js';

export const energyRoutes: FastifyPluginAsync<RouteOptions> = async (app, { service }) => {
  app.get(
    '/v1/energy',
    {
      schema: {
        summary: 'What every stage has cost, since the start or the last reset, and recently',
        response: { 200: EnergySchema },
      },
    },
    async (): Promise<Energy> => service.energy(),
  );
  app.post(
    '/v1/energy/reset',
    { schema: { summary: 'Counts costs from zero again', response: { 204: Type.Null() } } },
    async (_request, reply) => {
      service.resetEnergy();
      return reply.code(204).send();
    },
  );
};
