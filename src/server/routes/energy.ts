import type { FastifyPluginAsync } from 'fastify';
import { type Static, Type } from '../../schema/index.js';
import type { RouteOptions } from '../service.js';

const Energy = {
  energyMj: Type.Number({ description: 'Estimated, in millijoules, on the named basis.' }),
  basis: Type.String(),
};

const StageSchema = Type.Object({
  calls: Type.Integer(),
  timedCalls: Type.Integer({
    description: 'Of these, the ones that were timed; cpuMs is scaled up from them.',
  }),
  cpuMs: Type.Number(),
  macs: Type.Number({ description: 'Multiply-accumulates.' }),
  bytesIn: Type.Integer(),
  bytesOut: Type.Integer(),
  ...Energy,
});

const account = {
  clock: Type.Union([Type.Literal('thread-cpu'), Type.Literal('wall')], {
    description: 'How CPU time was measured; wall is an upper bound of it.',
  }),
  basis: Type.Object({
    name: Type.String(),
    asIf: Type.Boolean({ description: 'Whether it is the basis of a machine that this one is not.' }),
    how: Type.String(),
  }),
  stages: Type.Object({
    capture: StageSchema,
    features: StageSchema,
    gate: StageSchema,
    handoff: StageSchema,
    classifier: StageSchema,
  }),
  total: Type.Object({ cpuMs: Type.Number(), ...Energy }),
  saved: Type.Union(
    [
      Type.Object({
        alwaysOnCpuMs: Type.Number({ description: 'What an always-on classifier would have taken.' }),
        cpuMs: Type.Number({ description: 'What it took.' }),
        ratio: Type.Number(),
        how: Type.String(),
        ...Energy,
      }),
      Type.Null(),
    ],
    { description: 'null as long as it is not known what a handoff costs.' },
  ),
};

const WindowSchema = Type.Object(
  { seconds: Type.Number({ minimum: 0, description: 'How long it really is.' }), ...account },
  { description: 'The same, of the newest part of the time only.' },
);

export const EnergySchema = Type.Object({ ...account, lastMinute: WindowSchema, lastHour: WindowSchema });

export type Energy = Static<typeof EnergySchema>;

export const energyRoutes: FastifyPluginAsync<RouteOptions> = async (app, { service }) => {
  app.get(
    '/v1/energy',
    {
      schema: {
        summary: 'What every stage has cost, since the start or the last reset and of late',
        response: { 200: EnergySchema },
      },
    },
    async (): Promise<Energy> => service.energy(),
  );
  app.post(
    '/v1/energy/reset',
    { schema: { summary: 'Counts costs from nothing again', response: { 204: Type.Null() } } },
    async (_request, reply) => {
      service.resetEnergy();
      return reply.code(204).send();
    },
  );
};
