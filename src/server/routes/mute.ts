import type { FastifyPluginAsync } from 'fastify';
import type { MuteStatus } from '../../protocol/index.js';
import { MuteSecondsSchema, MuteStatusSchema } from '../../protocol/schemas/index.js';
import { type Static, Type } from '../../schema/index.js';
import type { RouteOptions } from '../route-options.js';

const MuteQuerySchema = Type.Object({
  seconds: Type.Optional(MuteSecondsSchema),
});

export const muteRoutes: FastifyPluginAsync<RouteOptions> = async (app, { service }) => {
  app.post(
    '/v1/mute',
    {
      schema: {
        summary: 'Releases the microphone: when this is answered, the recorder has ended',
        querystring: MuteQuerySchema,
        response: { 200: MuteStatusSchema },
      },
    },
    async ({ query }): Promise<MuteStatus> => {
      const { seconds = null } = query as Static<typeof MuteQuerySchema>;
      return service.mute(seconds);
    },
  );
  app.post(
    '/v1/unmute',
    { schema: { summary: 'Listens again', response: { 200: MuteStatusSchema } } },
    async (): Promise<MuteStatus> => service.unmute(),
  );
};
