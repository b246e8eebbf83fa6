import type { FastifyPluginAsync } from 'fastify';
import { WakegateError } from '../../errors.js';
import { type Static, Type } from '../../schema/index.js';
import { errorAnswers } from '../errors.js';
import type { RouteOptions } from '../route-options.js';

const HealthSchema = Type.Object({ status: Type.Literal('ok') });
const ReadinessSchema = Type.Object({ status: Type.Literal('ready') });

export const healthRoutes: FastifyPluginAsync<RouteOptions> = async (app, { service }) => {
  app.get(
    '/healthz',
    {
      schema: { summary: 'Whether the daemon is alive', response: { 200: HealthSchema } },
      config: { open: true },
    },
    async (): Promise<Static<typeof HealthSchema>> => ({ status: 'ok' }),
  );
  app.get(
    '/readyz',
    {
      schema: {
        summary: 'Whether it listens and can detect, or is muted on request',
        response: { 200: ReadinessSchema, ...errorAnswers(503) },
      },
    },
    async (): Promise<Static<typeof ReadinessSchema>> => {
      const reason = service.notReady();
      if (reason !== null) throw new WakegateError('WG_NOT_READY', reason);
      return { status: 'ready' };
    },
  );
};
