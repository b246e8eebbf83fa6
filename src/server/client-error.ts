import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { errorAnswer } from './errors.js';

/** By Node's own code of what was wrong; 400 for all others. */
const ANSWERS: Record<string, readonly [status: number, sentence: string] | undefined> = {
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'the request did not come in time'],
  HPE_HEADER_OVERFLOW: [431, 'the address and the headers are longer than is taken'],
};

/**
 * Answers what came over a connection and is no HTTP. Nothing of it is logged, since the error holds all that was
 * sent, and with it perhaps the token.
 */
export function answerClientError(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return;
  const [status, sentence] = ANSWERS[error.code ?? ''] ?? [400, 'this is no HTTP request'];
  const body = JSON.stringify(errorAnswer('WG_REQUEST_INVALID', sentence));
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    'Content-Type: application/json; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
  ];
  if (socket.writable) socket.write(`${head.join('\r\n')}\r\n\r\n${body}`);
  socket.destroySoon();
}
