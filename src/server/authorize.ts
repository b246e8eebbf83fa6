import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { FastifyRequest, onRequestHookHandler } from 'fastify';
import { WakegateError } from '../errors.js';
import { isLoopback } from '../network/index.js';
import type { Tickets } from './tickets.js';
import type { Token } from './token.js';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Answered to everyone, with or without a token. */
    open?: boolean;
  }
}

export interface Access {
  /** null where requests need none. */
  readonly token: Token | null;
  /** Whether requests from this machine need it too. A proxy on it makes everyone's requests look so. */
  readonly loopbackToken: boolean;
  /** Web pages of other origins that may use the service. */
  readonly allowedOrigins: readonly string[];
  /** Names, besides this machine's own, that requests may be for. */
  readonly allowedHosts: readonly string[];
}

/** The subprotocol in use; a client may send the token with it, as a second one. */
export const SUBPROTOCOL = 'wakegate';
/** Then the token in base64url, since a subprotocol may not hold all of a token's characters. */
const BEARER_SUBPROTOCOL = 'wakegate.bearer.';

/**
 * Lets only those requests through that carry the token: as `Authorization: Bearer`; over a WebSocket also as a
 * subprotocol; for streams also by a ticket in the query.
 */
export function requireToken(
  { token, loopbackToken }: Pick<Access, 'token' | 'loopbackToken'>,
  tickets: Tickets,
): onRequestHookHandler {
  return (request, _reply, done) => {
    const isAllowed =
      request.routeOptions.config?.open ||
      isLetIn({ token, loopbackToken }, request.raw) ||
      (request.ws && offersToken(request, token!)) ||
      hasTicket(request, tickets);
    if (isAllowed) done();
    else
      done(
        new WakegateError('WG_UNAUTHORIZED', 'this needs the token: send it as "Authorization: Bearer ..."'),
      );
  };
}

/** Whether a request needs no token, or has it in its `Authorization`. */
export function isLetIn(
  { token, loopbackToken }: Pick<Access, 'token' | 'loopbackToken'>,
  { headers, socket }: IncomingMessage,
): boolean {
  if (token === null || (!loopbackToken && isLoopback(socket.remoteAddress ?? ''))) return true;
  const bearer = bearerOf(headers);
  return bearer !== undefined && token.matches(bearer);
}

/** Whether a WebSocket has it as a subprotocol. One that has said another as `Authorization` is not let in. */
function offersToken({ headers }: FastifyRequest, token: Token): boolean {
  const encoded = subprotocols(headers).find((name) => name.startsWith(BEARER_SUBPROTOCOL));
  if (encoded === undefined || bearerOf(headers) !== undefined) return false;
  return token.matches(Buffer.from(encoded.slice(BEARER_SUBPROTOCOL.length), 'base64url').toString());
}

function bearerOf({ authorization }: IncomingHttpHeaders): string | undefined {
  return authorization?.match(/^Bearer +(\S+) *$/i)?.[1];
}

function subprotocols(headers: FastifyRequest['headers']): string[] {
  return (headers['sec-websocket-protocol'] ?? '').split(',').map((name) => name.trim());
}

/** The one that the server answers with: never the one that holds a token. */
export function chooseSubprotocol(offered: Set<string>): string | false {
  return offered.has(SUBPROTOCOL) && SUBPROTOCOL;
}

function hasTicket({ method, query }: FastifyRequest, tickets: Tickets): boolean {
  const { ticket } = query as { ticket?: unknown };
  return method === 'GET' && typeof ticket === 'string' && tickets.redeem(ticket, performance.now());
}
