import type { FastifyPluginAsync } from 'fastify';
import { ProblemSchema } from '../../protocol/schemas/index.js';
import { type Static, Type } from '../../schema/index.js';
import { errorAnswers } from '../errors.js';
import { HEALTHY, readiness } from '../probes.js';
import type { RouteOptions } from '../route-options.js';

const HealthSchema = Type.Object({ status: Type.Literal('ok') });
const ReadinessSchema = Type.Object({
  status: Type.Literal('ready'),
  problems: Type.Optional(
    Type.Array(ProblemSchema, { description: 'What is wrong with parts that are not needed to detect.' }),
  ),
});

export const healthRoutes: FastifyPluginAsync<RouteOptions> = async (app, { service }) => {
  app.get(
    '/healthz',
    {
      schema: { summary: 'Whether the daemon is alive', response: { 200: HealthSchema } },
      config: { open: true },
    },
    async (): Promise<Static<typeof HealthSchema>> => HEALTHY,
  );
  app.get(
    '/readyz',
    {
      schema: {
        summary: 'Whether it listens and can detect, or is muted on request',
        response: { 200: ReadinessSchema, ...errorAnswers(503) },
      },
    },
    async (): Promise<Static<typeof ReadinessSchema>> => readiness(service),
  );
};
