import type { FastifyPluginAsync } from 'fastify';
import { KeywordConfigSchema } from '../../config/index.js';
import type {
  KeywordChange,
  KeywordInfo,
  KeywordJob,
  KeywordPeaks,
  KeywordRequest,
  ThresholdForecast,
} from '../../protocol/index.js';
import {
  KeywordInfoSchema,
  KeywordJobSchema,
  KeywordPeaksSchema,
  ThresholdForecastSchema,
} from '../../protocol/schemas/index.js';
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

const ForecastQuerySchema = Type.Object({
  threshold: Type.Number({
    exclusiveMinimum: 0,
    maximum: 1,
    description: 'The one that is asked about.',
  }),
});

/** A keyword's file, as `wakegate keyword add` writes it; it is checked when it is read. */
const FileSchema = Type.Object(
  { format: Type.Literal('wakegate-keyword') },
  { additionalProperties: true, description: "A keyword's file, as `wakegate keyword add` writes it." },
);

const MOST_TAKES = 20;
/** In base64: a take is some seconds of sound. */
const MOST_TAKE_CHARACTERS = 2_000_000;

const TakesSchema = Type.Array(Type.String({ maxLength: MOST_TAKE_CHARACTERS }), {
  maxItems: MOST_TAKES,
  description: 'Recordings of the phrase: WAV or other sound files, each in base64.',
});

const ImproveSchema = Type.Object({ takes: Type.Optional(TakesSchema) }, { additionalProperties: false });

const RequestSchema = Type.Object(
  {
    phrase: Type.String({ maxLength: 200, description: 'As it is spoken.' }),
    language: Type.Optional(
      Type.String({
        pattern: '^[a-z]{2,3}(-[A-Za-z0-9]+)*$',
        maxLength: 32,
        description: 'As espeak-ng names it, such as de or fr-fr; by default en.',
      }),
    ),
    name: Type.Optional(
      Type.String({
        pattern: '^[a-z0-9][a-z0-9_-]*$',
        maxLength: 64,
        description: 'By default made of the phrase.',
      }),
    ),
    takes: Type.Optional(TakesSchema),
  },
  { additionalProperties: false },
);

const JobsSchema = Type.Object({ jobs: Type.Array(KeywordJobSchema) });

/** A keyword's file has some 60 kB. */
const FILE_BYTES = 1024 * 1024;
const REQUEST_BYTES = 8 * 1024 * 1024;

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
  app.get(
    '/v1/keywords/:name/peaks',
    {
      schema: {
        summary: 'How sure the detector was of what it heard, detected or not',
        params: NameSchema,
        response: { 200: KeywordPeaksSchema, ...errorAnswers(404, 503) },
      },
    },
    async ({ params }): Promise<KeywordPeaks> =>
      service.keywordPeaks((params as Static<typeof NameSchema>).name),
  );
  app.get(
    '/v1/keywords/:name/forecast',
    {
      schema: {
        summary: 'What another threshold would have done in the last hour and day, and with all captures',
        params: NameSchema,
        querystring: ForecastQuerySchema,
        response: { 200: ThresholdForecastSchema, ...errorAnswers(404, 503) },
      },
    },
    async ({ params, query }): Promise<ThresholdForecast> => {
      const { threshold } = query as Static<typeof ForecastQuerySchema>;
      return service.forecastThreshold((params as Static<typeof NameSchema>).name, threshold);
    },
  );
  app.put(
    '/v1/keywords/:name',
    {
      bodyLimit: FILE_BYTES,
      schema: {
        summary: 'Adds a keyword of your own from its file, or replaces it',
        description:
          'The answer comes when it is listened for: it first listens in parallel for two seconds, and no sound is lost.',
        params: NameSchema,
        body: FileSchema,
        response: { 200: KeywordInfoSchema, ...errorAnswers(422, 429, 503) },
      },
    },
    async ({ params, body }): Promise<KeywordInfo> => {
      const { name } = params as Static<typeof NameSchema>;
      return service.putKeyword(name, JSON.stringify(body));
    },
  );
  app.delete(
    '/v1/keywords/:name',
    {
      schema: {
        summary: 'Removes a keyword of your own',
        params: NameSchema,
        response: {
          204: Type.Null({ description: 'It is not listened for any more.' }),
          ...errorAnswers(404, 429, 503),
        },
      },
    },
    async ({ params }, reply) => {
      await service.removeKeyword((params as Static<typeof NameSchema>).name);
      return reply.code(204).send();
    },
  );
  app.post(
    '/v1/keywords',
    {
      bodyLimit: REQUEST_BYTES,
      schema: {
        summary: 'Makes a keyword of your own from text, and from recordings if you have some',
        description:
          'The answer comes at once. Events of type keyword say how far it is; when it is done, it is listened for. ' +
          'One is made at a time, the others wait, and what a restart interrupts continues.',
        body: RequestSchema,
        response: { 202: KeywordJobSchema, ...errorAnswers(422, 429) },
      },
    },
    async ({ body }, reply): Promise<KeywordJob> => {
      reply.code(202);
      return service.makeKeyword(body as KeywordRequest);
    },
  );
  app.post(
    '/v1/keywords/:name/improve',
    {
      bodyLimit: REQUEST_BYTES,
      schema: {
        summary: 'Makes a keyword of your own again with its captures that have a label',
        description:
          'Right ones become recordings of it, the others what it must not hear. The old one stays where the new one is ' +
          'not better. The answer comes at once, and events of type keyword say how far it is.',
        params: NameSchema,
        body: ImproveSchema,
        response: { 202: KeywordJobSchema, ...errorAnswers(404, 422, 429) },
      },
    },
    async ({ params, body }, reply): Promise<KeywordJob> => {
      reply.code(202);
      const { name } = params as Static<typeof NameSchema>;
      return service.improveKeyword(name, (body as Static<typeof ImproveSchema>).takes);
    },
  );
  app.get(
    '/v1/keywords/jobs',
    { schema: { summary: 'Keywords that are being made', response: { 200: JobsSchema } } },
    async (): Promise<{ jobs: KeywordJob[] }> => ({ jobs: service.keywordJobs() }),
  );
};
