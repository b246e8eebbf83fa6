import type { FastifyPluginAsync } from 'fastify';
import { Places } from '../../network/index.js';
import type { Capture, Captures, DetectReport, Label } from '../../protocol/index.js';
import {
  CaptureSchema,
  CapturesSchema,
  DetectReportSchema,
  LabelSchema,
} from '../../protocol/schemas/index.js';
import { type Static, Type } from '../../schema/index.js';
import { errorAnswers } from '../errors.js';
import type { RouteOptions } from '../route-options.js';
import { Turns } from '../turns.js';
import { HowSchema, howToHear } from './detect.js';

const EnableSchema = Type.Object(
  {
    enabled: Type.Union([Type.Boolean(), Type.Null()], {
      description: 'Lasts over a restart; null goes back to what the configuration says.',
    }),
  },
  { additionalProperties: false },
);

/** Files that are read at a time. */
const MOST_READ = 8;
/** Captures that are heard again at a time. */
const MOST_HEARD = 4;

const IdSchema = Type.Object({ id: CaptureSchema.properties.id });
type Id = Static<typeof IdSchema>;

export const captureRoutes: FastifyPluginAsync<RouteOptions> = async (app, { service }) => {
  const { captures } = service;
  const reading = new Turns(MOST_READ);
  const hearing = new Places(MOST_HEARD, 'captures are being heard again');
  const all = async (): Promise<Captures> => ({
    enabled: captures.enabled,
    fault: captures.fault?.message ?? null,
    limits: captures.store.limits,
    captures: await captures.store.list(),
  });

  app.get(
    '/v1/captures',
    { schema: { summary: 'What was heard and kept', response: { 200: CapturesSchema } } },
    all,
  );
  app.patch(
    '/v1/captures',
    {
      schema: {
        summary: 'Turns captures on or off',
        description: 'What was kept stays when they are turned off: DELETE /v1/captures removes it.',
        body: EnableSchema,
        response: { 200: CapturesSchema },
      },
    },
    async ({ body }) => {
      await captures.enable((body as Static<typeof EnableSchema>).enabled);
      return all();
    },
  );
  app.delete(
    '/v1/captures',
    { schema: { summary: 'Removes all captures', response: { 204: Type.Null() } } },
    async (_request, reply) => {
      await captures.store.clear();
      return reply.code(204).send();
    },
  );
  app.get(
    '/v1/captures/:id',
    {
      schema: {
        summary: 'What is known of a capture',
        params: IdSchema,
        response: { 200: CaptureSchema, ...errorAnswers(404) },
      },
    },
    async ({ params }): Promise<Capture> => captures.store.get((params as Id).id),
  );
  app.get(
    '/v1/captures/:id.wav',
    {
      schema: {
        summary: 'The sound of a capture',
        params: IdSchema,
        response: {
          200: {
            description: 'A WAV file.',
            content: { 'audio/wav': { schema: Type.Unsafe<Buffer>({ type: 'string', format: 'binary' }) } },
          },
          ...errorAnswers(404),
        },
      },
    },
    async ({ params }, reply) => {
      const wav = await reading.take(() => captures.store.readWav((params as Id).id));
      return reply.type('audio/wav').header('cache-control', 'no-store').send(wav);
    },
  );
  app.get(
    '/v1/captures/:id/track',
    {
      schema: {
        summary: 'What is thought of a capture over its time',
        description:
          'Its sound is heard again, with the model pack and the thresholds in use, or with others: with those that it was ' +
          'captured by, it may be judged a little differently, as what came before it is missing.',
        params: IdSchema,
        querystring: Type.Object({
          model: HowSchema.properties.model,
          thresholds: HowSchema.properties.thresholds,
        }),
        response: { 200: DetectReportSchema, ...errorAnswers(404, 422, 429, 503) },
      },
    },
    async ({ params, query, raw }): Promise<DetectReport> => {
      const { id } = params as Id;
      const how = howToHear({ ...(query as Static<typeof HowSchema>), track: 'all' });
      const place = hearing.take(raw.socket.remoteAddress);
      try {
        const wav = await captures.store.readWav(id);
        return await service.detect(
          `capture ${id}`,
          service.decode(inOne(wav), { name: `capture ${id}` }),
          how,
        );
      } finally {
        place.leave();
      }
    },
  );
  app.delete(
    '/v1/captures/:id',
    {
      schema: {
        summary: 'Removes a capture',
        params: IdSchema,
        response: { 204: Type.Null(), ...errorAnswers(404) },
      },
    },
    async ({ params }, reply) => {
      await captures.store.remove((params as Id).id);
      return reply.code(204).send();
    },
  );
  app.post(
    '/v1/captures/:id/label',
    {
      schema: {
        summary: 'Notes whether the keyword was really said, for later training',
        params: IdSchema,
        body: LabelSchema,
        response: { 200: CaptureSchema, ...errorAnswers(404) },
      },
    },
    async ({ params, body }): Promise<Capture> => captures.store.label((params as Id).id, body as Label),
  );
};

async function* inOne(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
