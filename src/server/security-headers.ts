import type { FastifyReply, onRequestHookHandler } from 'fastify';

/** With every answer: no type is guessed, and no page of another site may have it as a picture, a sound or a script. */
export const SECURITY_HEADERS = {
  'x-content-type-options': 'nosniff',
  'cross-origin-resource-policy': 'same-origin',
} as const;

/** As they stand in an answer that is written by hand. */
export const SECURITY_HEADER_LINES: readonly string[] = Object.entries(SECURITY_HEADERS).map((header) =>
  header.join(': '),
);

export function addSecurityHeaders(): onRequestHookHandler {
  return (_request, reply: FastifyReply, done) => {
    reply.headers(SECURITY_HEADERS);
    done();
  };
}
