import { isIP } from 'node:net';
import { hostname } from 'node:os';
import type { onRequestHookHandler } from 'fastify';
import { WakegateError } from '../errors.js';

/**
 * Refuses what a foreign web page asks for in a visitor's browser: a request with the Origin of another site, and one
 * for a name that is not this machine's (a page whose name was made to point here, as in DNS rebinding). Programs send
 * no Origin and use an address or one of this machine's names.
 *
 * @param host the name or address that is served on
 * @param allowed origins of other sites whose pages may, such as https://home.example
 */
export function refuseForeignOrigin(host: string, allowed: readonly string[]): onRequestHookHandler {
  const own = new Set(
    ['localhost', host, hostname(), `${hostname()}.local`].map((name) => name.toLowerCase()),
  );
  const isForeign = (origin: string, asked: string) =>
    !allowed.includes(origin) && hostOf(origin)?.host !== hostOf(`http://${asked}`)?.host;
  return (request, _reply, done) => {
    const asked = request.headers.host ?? '';
    const { origin } = request.headers;
    const name = hostOf(`http://${asked}`)
      ?.hostname.replace(/^\[|\]$/g, '')
      .toLowerCase();
    if (name === undefined || !(isIP(name) || own.has(name))) {
      done(refused(`"${asked}" is no name of this machine: use its address, localhost or ${hostname()}`));
    } else if (origin !== undefined && isForeign(origin, asked)) {
      done(refused(`pages of ${origin} may not use this service, unless allowedOrigins names it`));
    } else {
      done();
    }
  };
}

function refused(sentence: string): WakegateError {
  return new WakegateError('WG_ORIGIN_REFUSED', sentence);
}

function hostOf(url: string): URL | null {
  return URL.canParse(url) ? new URL(url) : null;
}
