import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { SECURITY_HEADERS } from './security-headers.js';

/** Answers with JSON as the application does, which takes no application. */
export function answerPlainly(
  response: ServerResponse,
  status: number,
  answer: object,
  headers: OutgoingHttpHeaders = {},
): void {
  const body = JSON.stringify(answer);
  response.writeHead(status, {
    ...SECURITY_HEADERS,
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(body),
    ...headers,
  });
  response.end(body);
}
