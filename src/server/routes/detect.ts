import fastifyMultipart from '@fastify/multipart';
import type { FastifyPluginAsync } from 'fastify';
import { WakegateError } from '../../errors.js';
import {
  type DetectReport,
  MAX_AUDIO_BYTES,
  MAX_AUDIO_SECONDS,
  MAX_DETECTIONS,
  type ScoresAt,
} from '../../protocol/index.js';
import { DetectReportSchema } from '../../protocol/schemas/index.js';
import { type Static, Type } from '../../schema/index.js';
import { BODY_NAME, readAudioBody } from '../audio-body.js';
import { errorAnswers } from '../errors.js';
import type { RouteOptions } from '../route-options.js';

const AUDIO_TYPES = [
  'audio/wav',
  'audio/wave',
  'audio/x-wav',
  'audio/vnd.wave',
  'audio/flac',
  'audio/x-flac',
  'audio/ogg',
  'audio/mpeg',
  'audio/mp3',
  'audio/l16',
];

const QuerySchema = Type.Object({
  scores: Type.Optional(
    Type.Literal('all', { description: 'Adds the smoothed posteriors over time, as scoresOverTime.' }),
  ),
});

export const detectRoutes: FastifyPluginAsync<RouteOptions> = async (app, { service, activity }) => {
  // As it arrives; what it holds is told by its first bytes, as with files.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(AUDIO_TYPES, (_request, body, done) => done(null, body));
  // One more than is taken, since what is over the limit here is cut off without a word.
  app.register(fastifyMultipart, { limits: { fileSize: MAX_AUDIO_BYTES + 1, fields: 10, fieldSize: 1024 } });

  app.post(
    '/v1/detect',
    {
      config: { slowBody: true },
      schema: {
        summary: 'Says what is heard in the audio of the body',
        description:
          'A WAV, FLAC, Ogg or MP3 file, or raw samples as audio/L16;rate=16000;channels=1, little-endian; or a form ' +
          `with such a file. It is heard as it arrives, up to ${MAX_AUDIO_BYTES} bytes and ${MAX_AUDIO_SECONDS} s.`,
        consumes: [...AUDIO_TYPES, 'multipart/form-data'],
        querystring: QuerySchema,
        response: { 200: DetectReportSchema, ...errorAnswers(429, 503) },
      },
    },
    async (request): Promise<DetectReport> => {
      const { scores } = request.query as Static<typeof QuerySchema>;
      const scoresOverTime: ScoresAt[] = [];
      const onScores = scores === 'all' ? (at: ScoresAt) => void scoresOverTime.push(at) : undefined;
      try {
        if (activity.detections >= MAX_DETECTIONS) throw busy();
        activity.detections++;
        try {
          const report = await service.detect(BODY_NAME, await readAudioBody(request), onScores);
          return onScores ? { ...report, scoresOverTime } : report;
        } finally {
          activity.detections--;
        }
      } finally {
        request.raw.unpipe().resume(); // what was not read, or the answer would not be taken
      }
    },
  );
};

function busy(): WakegateError {
  return new WakegateError('WG_BUSY', `${MAX_DETECTIONS} bodies are being listened to: try again later`);
}
