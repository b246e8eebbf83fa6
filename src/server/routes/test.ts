import type { FastifyPluginAsync } from 'fastify';
import type { TestEvent } from '../../protocol/index.js';
import { TestEventSchema } from '../../protocol/schemas/index.js';
import { type Static, Type } from '../../schema/index.js';
import { errorAnswers } from '../errors.js';
import type { RouteOptions } from '../route-options.js';

const TestQuerySchema = Type.Object(
  {
    keyword: Type.Optional(Type.String({ description: 'Name of the keyword; by default the first one.' })),
    fire: Type.Optional(
      Type.Boolean({
        description: "Whether bridges do what they do at a word, such as fire Home Assistant's event entity.",
      }),
    ),
  },
  { additionalProperties: false },
);

export const testRoutes: FastifyPluginAsync<RouteOptions> = async (app, { service }) => {
  app.post(
    '/v1/test',
    {
      schema: {
        summary: 'Publishes a test event, which bridges send on: to see that it arrives',
        querystring: TestQuerySchema,
        response: { 200: TestEventSchema, ...errorAnswers(404) },
      },
    },
    async ({ query }): Promise<TestEvent> => {
      const { keyword = null, fire = false } = query as Static<typeof TestQuerySchema>;
      return service.testDetection(keyword, fire);
    },
  );
};
