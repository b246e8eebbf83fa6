import { type Static, Type } from '@sinclair/typebox';
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { type ErrorCode, WakegateError } from '../errors.js';

/** The body of every answer that is an error. */
export const ErrorSchema = Type.Object({
  error: Type.Object({ code: Type.String(), message: Type.String() }),
});

export function errorAnswer(code: ErrorCode, message: string): Static<typeof ErrorSchema> {
  return { error: { code, message } };
}

/**
 * Whatever is thrown while a request is answered, as the answer. The one place where errors become answers.
 */
export function answerError(
  error: FastifyError | WakegateError,
  request: FastifyRequest,
  reply: FastifyReply,
): void {
  if (error instanceof WakegateError) {
    reply.code(error.exitCode === 2 ? 400 : 500).send(errorAnswer(error.code, error.message));
    return;
  }
  const status = error.statusCode ?? 500;
  if (status < 500) {
    reply.code(status).send(errorAnswer('WG_REQUEST_INVALID', error.message));
    return;
  }
  // What is in it is for the log only: it may tell of things that are nobody's business.
  request.log.error(error);
  reply.code(500).send(errorAnswer('WG_INTERNAL', 'something went wrong here: the log says what'));
}

export function answerNotFound(request: FastifyRequest, reply: FastifyReply): void {
  const sentence = `there is nothing at ${request.method} ${request.url}: /v1/status tells how the daemon is`;
  reply.code(404).send(errorAnswer('WG_REQUEST_INVALID', sentence));
}
