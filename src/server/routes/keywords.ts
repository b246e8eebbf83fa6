import type { FastifyPluginAsync } from 'fastify';
import { KeywordConfigSchema } from '../../config/index.js';
import type { KeywordChange, KeywordInfo } from '../../protocol/index.js';
import { KeywordInfoSchema } from '../../protocol/schemas/index.js';
import { type Static, Type } from '../../schema/index.js';
import { errorAnswers } from '../errors.js';
import type { RouteOptions } from '../route-options.js';

const KeywordsSchema = Type.Object({ keywords: Type.Array(KeywordInfoSchema) });

const NameSchema = Type.Object({ name: Type.String({ description: 'Name of the keyword.' }) });

const { threshold, patience, enabled, label } = KeywordConfigSchema.properties;
const orBack = { description: 'null takes an earlier change back.' };

const ChangeSchema = Type.Object(
  {
    threshold: Type.Optional(Type.Union([threshold, Type.Null()], orBack)),
    patience: Type.Optional(Type.Union([patience, Type.Null()], orBack)),
    enabled: Type.Optional(Type.Union([enabled, Type.Null()], orBack)),
    label: Type.Optional(Type.Union([label, Type.Null()], orBack)),
  },
  { additionalProperties: false, minProperties: 1 },
);

export const keywordRoutes: FastifyPluginAsync<RouteOptions> = async (app, { service }) => {
  app.get(
    '/v1/keywords',
    { schema: { summary: 'What is listened for', response: { 200: KeywordsSchema } } },
    async (): Promise<Static<typeof KeywordsSchema>> => ({ keywords: service.keywords() }),
  );
  app.patch(
    '/v1/keywords/:name',
    {
      schema: {
        summary: 'Changes how a keyword is listened for, at once and permanently',
        params: NameSchema,
        body: ChangeSchema,
        response: { 200: KeywordInfoSchema, ...errorAnswers(404) },
      },
    },
    async ({ params, body }): Promise<KeywordInfo> => {
      const { name } = params as Static<typeof NameSchema>;
      return service.changeKeyword(name, body as KeywordChange);
    },
  );
};
