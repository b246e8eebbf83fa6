import type { IncomingMessage, ServerResponse } from 'node:http';
import { asWakegateError, WakegateError } from '../errors.js';
import type { Problem } from '../protocol/index.js';
import type { Service } from '../service.js';
import { type Access, isLetIn } from './authorize.js';
import type { Connections } from './connections.js';
import { errorAnswer } from './error-answer.js';
import type { OriginCheck } from './origin.js';
import { answerPlainly } from './plain-answer.js';

/** What is answered to those who ask whether the daemon is alive. */
export const HEALTHY = { status: 'ok' } as const;

/**
 * What is answered to those who ask whether it listens and can detect, or is muted on request.
 *
 * @throws WakegateError WG_NOT_READY
 */
export function readiness(service: Pick<Service, 'notReady' | 'status'>): {
  status: 'ready';
  problems?: Problem[];
} {
  const reason = service.notReady();
  if (reason !== null) throw new WakegateError('WG_NOT_READY', reason);
  const { problems } = service.status();
  return { status: 'ready', ...(problems.length > 0 && { problems: [...problems] }) };
}

export interface ProbeParts {
  readonly service: Pick<Service, 'notReady' | 'status'>;
  readonly access: Pick<Access, 'token' | 'loopbackToken'>;
  readonly connections: Pick<Connections, 'surplus'>;
  readonly originCheck: OriginCheck;
}

/**
 * Answers the two questions that systems which watch others ask every minute, as the routes answer them: they are not to load what all
 * other requests need. What is anything but a bare question is left to the routes: of a web page, with a query or a body, without the
 * token that it takes.
 *
 * @returns whether it was answered
 */
export function answerProbe(parts: ProbeParts, request: IncomingMessage, response: ServerResponse): boolean {
  if (!isBare(request) || parts.originCheck(request.headers) !== null) return false;
  if (request.url === '/healthz') {
    answerPlainly(response, 200, HEALTHY);
    return true;
  }
  const { service, access, connections } = parts;
  if (request.url !== '/readyz' || !isLetIn(access, request) || connections.surplus(request)) return false;
  try {
    answerPlainly(response, 200, readiness(service));
  } catch (error) {
    const { code, message } = asWakegateError(error, 'WG_NOT_READY', 'the daemon is not ready');
    answerPlainly(response, 503, errorAnswer(code, message));
  }
  return true;
}

function isBare({ method, headers }: IncomingMessage): boolean {
  const { origin, 'content-length': length, 'transfer-encoding': encoding } = headers;
  return method === 'GET' && origin === undefined && length === undefined && encoding === undefined;
}
