import type { FastifyPluginAsync } from 'fastify';
import { createWebSocketStream, type WebSocket } from 'ws';
import { RawCheck, SAMPLE_RATE } from '../../audio/index.js';
import { asWakegateError, WakegateError } from '../../errors.js';
import type { Place } from '../../network/places.js';
import {
  type ListenFormat,
  MAX_STREAMS,
  MAX_UNREAD_BYTES,
  type StreamMessage,
} from '../../protocol/index.js';
import { StreamMessageSchema } from '../../protocol/schemas/index.js';
import { Type } from '../../schema/index.js';
import type { SentStream } from '../../service.js';
import { errorAnswer } from '../error-answer.js';
import { errorAnswers } from '../errors.js';
import { Heartbeat } from '../heartbeat.js';
import type { RouteOptions } from '../route-options.js';
import { TRY_AGAIN_LATER } from '../wires.js';

/** How often it is looked whether audio comes: at first some must have come by then. */
const LOOK_MS = 5000;
/** With less in the time between two looks, a stream keeps its place only as long as nobody else wants it. */
const QUIET_SAMPLES = SAMPLE_RATE / 2;
/** Less than a second of audio in so many looks is too little to keep a place. */
const LOOKS = 6;

/** How long one that was refused may take to go. */
const REFUSAL_MS = 1000;

/** Codes of RFC 6455. */
const NORMAL = 1000;
const UNSUPPORTED = 1003;
const POLICY = 1008;
const INTERNAL = 1011;

const QuerySchema = Type.Object({
  rate: Type.Optional(
    Type.Integer({
      minimum: 8000,
      maximum: 192_000,
      description: 'Sample rate of what is sent, in Hz; by default 16000.',
    }),
  ),
  channels: Type.Optional(
    Type.Integer({ minimum: 1, maximum: 8, description: 'Its interleaved channels; by default 1.' }),
  ),
});

/** Of the query; the ticket is for those who cannot send headers. */
const KNOWN_QUERY: ReadonlySet<string> = new Set(['rate', 'channels', 'ticket']);

export interface ListenRoutesOptions extends Pick<RouteOptions, 'service' | 'activity'> {
  /** How often it is looked whether audio still comes. */
  readonly lookMs?: number;
  /** How often a socket over which nothing goes back is to show that it lives. */
  readonly heartbeatMs?: number;
}

export const listenRoutes: FastifyPluginAsync<ListenRoutesOptions> = async (
  app,
  { service, activity, lookMs = LOOK_MS, heartbeatMs },
) => {
  const heartbeat = new Heartbeat(heartbeatMs);
  const { streamPlaces } = service;
  app.route({
    method: 'GET',
    exposeHeadRoute: false,
    url: '/v1/listen',
    schema: {
      summary: 'Hears what is sent over a WebSocket, and answers with the events of it',
      description:
        'Binary messages of up to 64 KiB hold 16-bit little-endian samples, cut anywhere. detection and gate events ' +
        'come back as they do from /v1/events, of this stream only. The text {"type":"finish"} says that all was ' +
        'sent: what is still to come of it follows, then {"type":"finished"}, and the connection is closed. One ' +
        'that sends nothing in the first 5 s, less than a second of audio in half a minute, or does not read, is ' +
        `dropped. Where ${MAX_STREAMS} are open, one that has sent less than half a second in 5 s makes room for the next.`,
      querystring: QuerySchema,
      response: {
        101: {
          description: 'The WebSocket is open. Each message is a JSON text.',
          content: { 'application/json': { schema: StreamMessageSchema } },
        },
        ...errorAnswers(426, 429),
      },
    },
    // Before the upgrade, where it can still be answered with a sentence.
    preHandler: async (request) => {
      const unknown = Object.keys(request.query as object).find((key) => !KNOWN_QUERY.has(key));
      if (unknown !== undefined) {
        const given = JSON.stringify(unknown.slice(0, 100));
        throw new WakegateError(
          'WG_USAGE',
          `there is no ${given} here: give rate and channels, as ?rate=48000`,
        );
      }
      streamPlaces.check(request.raw.socket.remoteAddress);
    },
    handler: (_request, reply) => {
      const sentence = 'audio is sent over a WebSocket here: ask for an upgrade, or POST it to /v1/detect';
      reply.code(426).header('upgrade', 'websocket').send(errorAnswer('WG_REQUEST_INVALID', sentence));
    },
    wsHandler: (socket, request) => {
      let place: Place;
      try {
        place = streamPlaces.take(request.raw.socket.remoteAddress, () =>
          refuse(socket, TRY_AGAIN_LATER, 'dropped: quiet, and others came'),
        );
      } catch (error) {
        return refuse(socket, TRY_AGAIN_LATER, (error as WakegateError).message);
      }
      activity.streams++;
      socket.once(
        'close',
        heartbeat.add(() => socket.readyState === socket.OPEN && socket.ping()),
      );
      const opening = service.openStream(request.query as ListenFormat);
      hear(socket, opening, place, lookMs)
        .catch((error: unknown) => {
          if (socket.readyState !== socket.OPEN) return;
          const { code, message } = asWakegateError(error, 'WG_INTERNAL', 'the stream broke off');
          request.log.warn({ code }, `A stream is not heard any further: ${message}`);
          say(socket, { type: 'error', code, message });
          refuse(socket, INTERNAL, code);
        })
        .finally(() => {
          activity.streams--;
          place.leave();
        });
    },
  });
};

/**
 * Feeds a stream with what comes over a socket, until either ends. While the stream is busy nothing is read, so that
 * the sender has to wait.
 *
 * @throws WakegateError as the stream has it
 */
async function hear(
  socket: WebSocket,
  opening: Promise<SentStream>,
  place: Place,
  lookMs: number,
): Promise<void> {
  // At once, or the first messages would be missed. It fails when the connection does, which ends the iteration.
  const messages = createWebSocketStream(socket, { readableObjectMode: true, readableHighWaterMark: 1 });
  messages.on('error', () => {});
  const stream = await opening;
  const check = new RawCheck();
  let isBusy = false;
  /** At the looks before, the oldest first. */
  const before = [0];
  const watch = setInterval(() => {
    const { samples } = stream;
    place.setQuiet(!isBusy && samples - before.at(-1)! < QUIET_SAMPLES);
    const isTooLittle = before.length === LOOKS && samples - before[0] < SAMPLE_RATE;
    if (!isBusy && (samples === 0 || isTooLittle)) close(POLICY, 'dropped: hardly any audio came');
    before.push(samples);
    if (before.length > LOOKS) before.shift();
  }, lookMs).unref();
  function close(code: number, reason: string): void {
    if (code === UNSUPPORTED || code === POLICY) refuse(socket, code, reason);
    else socket.close(code, reason);
    messages.resume(); // what is still sent is thrown away, so that the other side's answer is read
  }
  stream.events.on('event', (event) => {
    if (socket.bufferedAmount <= MAX_UNREAD_BYTES) say(socket, event);
    else close(TRY_AGAIN_LATER, 'dropped: events were read too slowly');
  });
  try {
    for await (const message of messages.iterator({ destroyOnReturn: false })) {
      if (socket.readyState !== socket.OPEN) break;
      const isLast = isFinish(message);
      if (typeof message === 'string' && !isLast) {
        close(UNSUPPORTED, 'send samples in binary messages, or {"type":"finish"}');
        break;
      }
      const mistaken = typeof message === 'string' ? null : check.push(message);
      if (mistaken !== null) {
        throw new WakegateError(
          'WG_AUDIO_UNSUPPORTED',
          `this is ${mistaken}: send raw 16-bit little-endian samples here, or a file to POST /v1/detect`,
        );
      }
      isBusy = true;
      await (isLast ? stream.finish() : stream.push(message));
      isBusy = false;
      if (stream.fault) throw stream.fault;
      if (!isLast) continue;
      const { samples } = stream;
      say(socket, { type: 'finished', samples, seconds: samples / SAMPLE_RATE });
      close(NORMAL, 'finished');
      break;
    }
  } finally {
    clearInterval(watch);
    stream.close();
    messages.resume();
  }
}

/** Closes a socket, by force where the other side goes on as if nothing had been said. */
function refuse(socket: WebSocket, code: number, reason: string): void {
  socket.close(code, reason);
  const force = setTimeout(() => socket.terminate(), REFUSAL_MS).unref();
  socket.once('close', () => clearTimeout(force));
}

function say(socket: WebSocket, message: StreamMessage): void {
  socket.send(JSON.stringify(message));
}

function isFinish(message: unknown): boolean {
  if (typeof message !== 'string') return false;
  try {
    return (JSON.parse(message) as { type?: unknown } | null)?.type === 'finish';
  } catch {
    return false;
  }
}
