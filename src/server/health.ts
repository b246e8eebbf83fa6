import { type Static, Type } from '@sinclair/typebox';
import type { FastifyPluginAsync } from 'fastify';

const HealthSchema = Type.Object({ status: Type.Literal('ok') });

export const healthRoutes: FastifyPluginAsync = async (app) => {
  app.get(
    '/healthz',
    { schema: { summary: 'Whether the daemon is alive', response: { 200: HealthSchema } } },
    async (): Promise<Static<typeof HealthSchema>> => ({ status: 'ok' }),
  );
};
