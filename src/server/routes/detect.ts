import fastifyMultipart from '@fastify/multipart';
import type { FastifyPluginAsync } from 'fastify';
import { channelOf } from '../../audio/index.js';
import { WakegateError } from '../../errors.js';
import { Places } from '../../network/index.js';
import {
  type DetectReport,
  MAX_AUDIO_BYTES,
  MAX_AUDIO_SECONDS,
  MAX_DETECTIONS,
  type ScoresAt,
} from '../../protocol/index.js';
import { DetectReportSchema } from '../../protocol/schemas/index.js';
import { type Static, Type } from '../../schema/index.js';
import type { HowToHear } from '../../service.js';
import { type AudioBody, BODY_NAME, decodeAudioBody, receiveAudioBody } from '../audio-body.js';
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
  'audio/aiff',
  'audio/x-aiff',
  'audio/webm',
  'video/webm',
  'audio/x-matroska',
  'audio/l16',
  // What the bytes are is told by themselves.
  'application/octet-stream',
];

const WHAT_IS_TAKEN =
  'send WAV, AIFF, FLAC, Ogg, MP3 or WebM with Opus and its media type, such as audio/wav, raw samples as ' +
  'audio/L16;rate=16000, or a form with such a file';

/** How it is heard; of captures too. */
export const HowSchema = Type.Object({
  track: Type.Optional(
    Type.Literal('all', {
      description:
        "Adds what was thought over time: the gate's score at each step, posteriors, second looks.",
    }),
  ),
  model: Type.Optional(
    Type.String({
      description: 'Id of the model pack to hear it with, as in /v1/models; by default the one in use.',
    }),
  ),
  thresholds: Type.Optional(
    Type.String({
      maxLength: 1000,
      pattern: '^[^:,]+:[0-9.]+(,[^:,]+:[0-9.]+)*$',
      description: 'Thresholds in place of those in use, as in alexa:0.9,computer:0.8',
    }),
  ),
});

/** @throws WakegateError WG_REQUEST_INVALID for what is no threshold */
export function howToHear({ track, model, thresholds }: Static<typeof HowSchema>): HowToHear {
  const entries = (thresholds?.split(',') ?? []).map((entry): [string, number] => {
    const [name, value] = entry.split(':');
    const threshold = Number(value);
    if (threshold > 0 && threshold <= 1) return [name, threshold];
    const sentence = `${value} is no threshold for ${name}: give a number over 0 and up to 1`;
    throw new WakegateError('WG_REQUEST_INVALID', sentence);
  });
  return { track: track === 'all', model, thresholds: Object.fromEntries(entries) };
}

const QuerySchema = Type.Object({
  scores: Type.Optional(
    Type.Literal('all', { description: 'Adds the smoothed posteriors over time, as scoresOverTime.' }),
  ),
  ...HowSchema.properties,
  channel: Type.Optional(
    Type.String({
      description:
        'The only channel to listen to: its number, counted from 1, left or right; by default mix.',
    }),
  ),
});

export const detectRoutes: FastifyPluginAsync<RouteOptions> = async (
  app,
  { service, activity, connections },
) => {
  const places = new Places(MAX_DETECTIONS, 'bodies are being listened to');
  // As it arrives; what it holds is told by its first bytes, as with files.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(AUDIO_TYPES, (_request, body, done) => done(null, body));
  app.addContentTypeParser('*', (request, body, done) => {
    body.resume(); // or the answer would not be taken
    const given = request.headers['content-type'];
    const what = given
      ? `the media type ${JSON.stringify(given.slice(0, 100))} is not taken`
      : 'the body has no type';
    done(new WakegateError('WG_AUDIO_UNSUPPORTED', `${what}: ${WHAT_IS_TAKEN}`));
  });
  // One more than is taken, since what is over the limit here is cut off without a word.
  app.register(fastifyMultipart, { limits: { fileSize: MAX_AUDIO_BYTES + 1, fields: 10, fieldSize: 1024 } });

  app.post(
    '/v1/detect',
    {
      config: { slowBody: true },
      schema: {
        summary: 'Says what is heard in the audio of the body',
        description:
          'A WAV, AIFF, FLAC, Ogg, MP3 or WebM file, or raw samples as audio/L16;rate=16000;channels=1, little-endian; or a form ' +
          `with such a file. It is heard as it arrives, up to ${MAX_AUDIO_BYTES} bytes and ${MAX_AUDIO_SECONDS} s.`,
        consumes: [...AUDIO_TYPES, 'multipart/form-data'],
        querystring: QuerySchema,
        response: { 200: DetectReportSchema, ...errorAnswers(404, 422, 429, 503) },
      },
    },
    async (request): Promise<DetectReport> => {
      const query = request.query as Static<typeof QuerySchema>;
      const { scores, channel: wanted = 'mix' } = query;
      const how = howToHear(query);
      const channel = channelOf(wanted);
      if (channel === null) {
        throw new WakegateError('WG_USAGE', 'there is no such channel: give its number, left, right or mix');
      }
      const scoresOverTime: ScoresAt[] = [];
      const onScores = scores === 'all' ? (at: ScoresAt) => void scoresOverTime.push(at) : undefined;
      let body: AudioBody | undefined;
      try {
        places.check(request.raw.socket.remoteAddress); // so that who has to come again need not send all of it
        body = await receiveAudioBody(request);
        const place = places.take(request.raw.socket.remoteAddress);
        activity.detections++;
        connections.hold(request.raw);
        // A small body may hold minutes of sound: nothing moves on the connection while they are listened to.
        request.raw.socket.setTimeout(0);
        try {
          const audio = decodeAudioBody(body, service, channel);
          const report = await service.detect(BODY_NAME, audio, { ...how, onScores });
          return onScores ? { ...report, scoresOverTime } : report;
        } finally {
          activity.detections--;
          place.leave();
        }
      } finally {
        await body?.leave();
        request.raw.socket.setTimeout(app.server.timeout);
        request.raw.unpipe().resume(); // what was not read, or the answer would not be taken
      }
    },
  );
};
