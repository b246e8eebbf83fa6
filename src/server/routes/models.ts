import type { FastifyPluginAsync } from 'fastify';
import type { ModelInfo } from '../../protocol/index.js';
import { ModelInfoSchema } from '../../protocol/schemas/index.js';
import { type Static, Type } from '../../schema/index.js';
import { errorAnswers } from '../errors.js';
import type { RouteOptions } from '../route-options.js';

const ModelsSchema = Type.Object({ models: Type.Array(ModelInfoSchema) });

const ChangeSchema = Type.Object(
  { id: Type.String({ minLength: 1, maxLength: 255, description: 'Of one that GET /v1/models lists.' }) },
  { additionalProperties: false },
);

export const modelRoutes: FastifyPluginAsync<RouteOptions> = async (app, { service }) => {
  app.get(
    '/v1/models',
    {
      schema: {
        summary:
          'The model packs you can switch to: those that come with wakegate, and those in the same folder as the one in use',
        response: { 200: ModelsSchema },
      },
    },
    async (): Promise<{ models: ModelInfo[] }> => ({ models: await service.models() }),
  );
  app.put(
    '/v1/model',
    {
      schema: {
        summary: 'Listens with another model pack, until the daemon is started again',
        description:
          'The new pack first listens in parallel for the length of its window, about two seconds, and then takes over: no ' +
          'sound is lost. The answer comes once it has. With an invalid pack nothing changes.',
        body: ChangeSchema,
        response: { 200: ModelInfoSchema, ...errorAnswers(404, 422, 429, 503) },
      },
    },
    async ({ body }): Promise<ModelInfo> => service.changeModel((body as Static<typeof ChangeSchema>).id),
  );
};
