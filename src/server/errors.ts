import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { type ErrorCode, WakegateError } from '../errors.js';
import { ErrorSchema } from '../protocol/schemas/index.js';
import { Type } from '../schema/index.js';
import { errorAnswer, ownFault } from './error-answer.js';
import { unsupportedType } from './json-body.js';
import { SECURITY_HEADERS } from './security-headers.js';

const MEANINGS = {
  400: 'The request makes no sense; the sentence says what is wrong with it.',
  401: 'The token is missing, or wrong.',
  403: 'It was asked for by a page of another site, or under a foreign name.',
  404: 'There is nothing of that name.',
  408: 'It was sent too slowly.',
  413: 'More was sent than is taken.',
  415: 'What was sent is of a kind that is not read.',
  422: 'What is asked for is not valid, so nothing was changed.',
  426: 'A WebSocket is wanted here.',
  429: 'Too many requests in progress: Retry-After says in how many seconds to try again.',
  431: 'The address and the headers are longer than is taken.',
  500: "A fault of the daemon's own; its log says more.",
  503: 'It cannot be answered now; the sentence says why.',
} as const;

/** Describes, among the answers of a route, those that are errors. */
export function errorAnswers<Status extends keyof typeof MEANINGS>(
  ...statuses: Status[]
): Record<Status, object> {
  return Object.fromEntries(
    statuses.map((status) => [
      status,
      {
        description: MEANINGS[status],
        ...(status === 429 && { headers: { 'retry-after': Type.Integer({ minimum: 1 }) } }),
        content: { 'application/json': { schema: ErrorSchema } },
      },
    ]),
  ) as Record<Status, object>;
}

/** HTTP statuses of what is not the caller's fault alone (500) or by its form (400). */
const STATUS: Partial<Record<ErrorCode, number>> = {
  WG_AUDIO_EMPTY: 400,
  WG_AUDIO_INVALID: 400,
  WG_UNAUTHORIZED: 401,
  WG_ORIGIN_REFUSED: 403,
  WG_UNKNOWN_NAME: 404,
  WG_MODEL_NOT_FOUND: 404,
  WG_MODEL_INVALID: 422,
  WG_KEYWORD_INVALID: 422,
  WG_RECORDER_FAILED: 422,
  WG_RECORDER_MISSING: 422,
  WG_AUDIO_TOO_COSTLY: 422,
  WG_TOO_SLOW: 408,
  WG_TOO_LARGE: 413,
  WG_AUDIO_UNSUPPORTED: 415,
  WG_BUSY: 429,
  WG_BACKEND_UNAVAILABLE: 503,
  WG_CLASSIFIER_CLOSED: 503,
  WG_CLASSIFIER_FAILED: 503,
  WG_NOT_READY: 503,
};

/**
 * Whatever is thrown while a request is answered, as the answer. The one place where errors become answers.
 */
export function answerError(
  error: FastifyError | WakegateError,
  request: FastifyRequest,
  reply: FastifyReply,
): void {
  reply.headers(SECURITY_HEADERS); // which are not there yet where no route could be looked up
  if (error instanceof WakegateError) {
    const status = STATUS[error.code] ?? (error.exitCode === 2 ? 400 : 500);
    if (status === 429) reply.header('retry-after', '1');
    if (status === 408) reply.header('connection', 'close'); // or the rest would be waited for
    if (status === 401) reply.header('www-authenticate', 'Bearer realm="wakegate"');
    if (status === 500) request.log.error(error);
    reply.code(status).send(errorAnswer(error.code, error.message));
    return;
  }
  const status = error.statusCode ?? 500;
  if (status < 500) {
    const { message } = error.code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE' ? unsupportedType(request) : error;
    reply.code(status).send(errorAnswer('WG_REQUEST_INVALID', message));
    return;
  }
  request.log.error(error);
  reply.code(500).send(ownFault());
}

export function answerNotFound(request: FastifyRequest, reply: FastifyReply): void {
  const [path] = request.url.split('?');
  const sentence = `there is nothing at ${request.method} ${path}: /v1/status is the status of the daemon`;
  reply.code(404).send(errorAnswer('WG_REQUEST_INVALID', sentence));
}
