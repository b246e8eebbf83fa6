import { type Static, Type } from '@sinclair/typebox';
import type { FastifyError, FastifyInstance } from 'fastify';
import { type ErrorCode, WakegateError } from '../errors.js';

/** The body of every answer that is an error. */
export const ErrorSchema = Type.Object({
  error: Type.Object({ code: Type.String(), message: Type.String() }),
});

export function errorAnswer(code: ErrorCode, message: string): Static<typeof ErrorSchema> {
  return { error: { code, message } };
}

/** The one place where errors become answers. */
export function answerErrors(app: FastifyInstance): void {
  app.setNotFoundHandler((request, reply) => {
    const sentence = `there is nothing at ${request.method} ${request.url}: /v1/status tells how the daemon is`;
    reply.code(404).send(errorAnswer('WG_REQUEST_INVALID', sentence));
  });

  app.setErrorHandler<FastifyError | WakegateError>((error, request, reply) => {
    if (error instanceof WakegateError) {
      return reply.code(error.exitCode === 2 ? 400 : 500).send(errorAnswer(error.code, error.message));
    }
    const status = error.statusCode ?? 500;
    if (status < 500) return reply.code(status).send(errorAnswer('WG_REQUEST_INVALID', error.message));
    // What is in it is for the log only: it may tell of things that are nobody's business.
    request.log.error(error);
    return reply.code(500).send(errorAnswer('WG_INTERNAL', 'something went wrong here: the log says what'));
  });
}
