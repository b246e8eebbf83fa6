import { PassThrough } from 'node:stream';
import type { preParsingAsyncHookHandler } from 'fastify';
import { WakegateError } from '../errors.js';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Bodies come as they are recorded, and the route itself sees to it that they come. */
    slowBody?: boolean;
  }
}

/** Refuses bodies that have not come whole in so many milliseconds, but on routes with `slowBody`. */
export function limitBodyTime(timeoutMs: number): preParsingAsyncHookHandler {
  return async (request, reply, payload) => {
    const { 'content-length': length, 'transfer-encoding': encoding } = request.headers;
    const hasBody = encoding !== undefined || Number(length) > 0;
    if (!hasBody || request.routeOptions.config.slowBody) return payload;
    // Not the request's own stream, which has to stay whole for the answer.
    const body = payload.pipe(new PassThrough());
    const deadline = setTimeout(() => {
      body.destroy(new WakegateError('WG_TOO_SLOW', `the body did not come within ${timeoutMs / 1000} s`));
    }, timeoutMs).unref();
    body.on('error', () => {}); // its reader, if there still is one, gets the error
    body.once('close', () => clearTimeout(deadline));
    reply.raw.once('close', () => {
      body.destroy();
      payload.resume(); // what was not wanted, or the connection would be stuck with it
    });
    return body;
  };
}
