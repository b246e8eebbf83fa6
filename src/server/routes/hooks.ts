import type { FastifyPluginAsync } from 'fastify';
import type { HookTest } from '../../protocol/index.js';
import { HookSchema, HookTestSchema } from '../../protocol/schemas/index.js';
import { type Static, Type } from '../../schema/index.js';
import { errorAnswers } from '../errors.js';
import type { RouteOptions } from '../route-options.js';

const HooksSchema = Type.Object({ hooks: Type.Array(HookSchema) });

const NameSchema = Type.Object({ name: Type.String({ description: 'Name of the hook.' }) });

export const hookRoutes: FastifyPluginAsync<RouteOptions> = async (app, { service }) => {
  app.get(
    '/v1/hooks',
    { schema: { summary: 'Webhooks and commands, and how they fare', response: { 200: HooksSchema } } },
    async () => ({ hooks: service.hooks.list() }),
  );
  app.post(
    '/v1/hooks/:name/test',
    {
      schema: {
        summary: 'Runs a hook once, with an event whose "test" is true, and says what came of it',
        params: NameSchema,
        response: { 200: HookTestSchema, ...errorAnswers(404, 429) },
      },
    },
    async ({ params }): Promise<HookTest> => {
      const { name } = params as Static<typeof NameSchema>;
      return service.hooks.test(name);
    },
  );
};
