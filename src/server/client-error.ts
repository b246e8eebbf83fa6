import { type IncomingMessage, type Server, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { errorAnswer } from './error-answer.js';
import { answerPlainly } from './plain-answer.js';
import { SECURITY_HEADER_LINES } from './security-headers.js';

/** By the code of what was wrong, Node's own but for one; 400 for all others. */
const ANSWERS: Record<string, readonly [status: number, sentence: string] | undefined> = {
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'the request did not come in time'],
  WG_CONNECT: [405, 'this is no proxy: ask for a path, such as /v1/status'],
  HPE_HEADER_OVERFLOW: [431, 'the address and the headers are longer than is taken'],
};

/**
 * Answers what came over a connection and is no HTTP. Nothing of it is logged, since the error holds all that was
 * sent, and with it perhaps the token.
 */
export function answerClientError(error: Pick<NodeJS.ErrnoException, 'code'>, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return;
  const [status, sentence] = ANSWERS[error.code ?? ''] ?? [400, 'this is no HTTP request'];
  const body = JSON.stringify(errorAnswer('WG_REQUEST_INVALID', sentence));
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    'Content-Type: application/json; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
    ...SECURITY_HEADER_LINES,
  ];
  if (socket.writable) socket.write(`${head.join('\r\n')}\r\n\r\n${body}`);
  socket.destroySoon();
}

/** Answers those that Node hands to no handler of requests: as a proxy is asked, and with a wish that is not met. */
export function answerOddRequests(server: Server): void {
  server.on('connect', (_request: IncomingMessage, socket: Socket) => {
    socket.on('error', () => {}); // it may be gone by now
    answerClientError({ code: 'WG_CONNECT' }, socket);
  });
  server.on('checkExpectation', (_request: IncomingMessage, response: ServerResponse) => {
    const answer = errorAnswer('WG_REQUEST_INVALID', 'of all expectations only 100-continue is met');
    answerPlainly(response, 417, answer, { connection: 'close' });
  });
}
