import type { FastifyPluginAsync } from 'fastify';
import { WakegateError } from '../../errors.js';
import type { MuteStatus } from '../../protocol/index.js';
import { MuteSecondsSchema, MuteStatusSchema } from '../../protocol/schemas/index.js';
import { type Static, Type } from '../../schema/index.js';
import { errorAnswers } from '../errors.js';
import type { RouteOptions } from '../route-options.js';

const MuteQuerySchema = Type.Object(
  {
    seconds: Type.Optional(MuteSecondsSchema),
    by: Type.Optional(
      Type.String({
        pattern: '^[A-Za-z0-9._-]{1,64}$',
        description:
          'Who wants it, such as a player that plays; it needs seconds. It is muted as long as anyone wants it: people, ' +
          'who give no name, or one of these.',
      }),
    ),
  },
  { additionalProperties: false },
);

const UnmuteQuerySchema = Type.Object(
  {
    by: Type.Optional(
      Type.String({
        ...MuteQuerySchema.properties.by,
        description: "Whose wish is over; by default everybody's.",
      }),
    ),
  },
  { additionalProperties: false },
);

export const muteRoutes: FastifyPluginAsync<RouteOptions> = async (app, { service }) => {
  app.post(
    '/v1/mute',
    {
      schema: {
        summary: 'Releases the microphone: when this is answered, the recorder has ended',
        querystring: MuteQuerySchema,
        response: { 200: MuteStatusSchema, ...errorAnswers(429) },
      },
    },
    async ({ query }): Promise<MuteStatus> => {
      const { seconds = null, by } = query as Static<typeof MuteQuerySchema>;
      if (by !== undefined && seconds === null) {
        const remedy = 'or it would stay muted if it never came back';
        throw new WakegateError(
          'WG_REQUEST_INVALID',
          `give seconds too where ${by} wants it muted, ${remedy}`,
        );
      }
      return service.mute(seconds, by);
    },
  );
  app.post(
    '/v1/unmute',
    {
      schema: {
        summary: 'Listens again',
        querystring: UnmuteQuerySchema,
        response: { 200: MuteStatusSchema },
      },
    },
    async ({ query }): Promise<MuteStatus> => service.unmute((query as Static<typeof UnmuteQuerySchema>).by),
  );
};
