import type { FastifyPluginAsync } from 'fastify';
import type { Energy, EnergyHistory } from '../../protocol/index.js';
import { EnergyHistorySchema, EnergySchema, EnergySpanSchema } from '../../protocol/schemas/index.js';
import { type Static, Type } from '../../schema/index.js';
import type { RouteOptions } from '../route-options.js';

const SpanSchema = Type.Object({ span: Type.Optional(EnergySpanSchema) });

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
  app.get(
    '/v1/energy/history',
    {
      schema: {
        summary: 'The same over the last minute, hour or day',
        querystring: SpanSchema,
        response: { 200: EnergyHistorySchema },
      },
    },
    async ({ query }): Promise<EnergyHistory> => {
      const { span = 'hour' } = query as Static<typeof SpanSchema>;
      return service.energyHistory(span);
    },
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
