import type { IncomingHttpHeaders } from 'node:http';
import { isIP } from 'node:net';
import { hostname } from 'node:os';
import type { onRequestHookHandler } from 'fastify';
import { WakegateError } from '../errors.js';
import type { Access } from './authorize.js';

/** Why a request with these headers is refused; null where it is not. */
export type OriginCheck = (headers: IncomingHttpHeaders) => WakegateError | null;

/** As {@link originCheck} has it, for every request. */
export function refuseForeignOrigin(check: OriginCheck): onRequestHookHandler {
  return ({ headers }, _reply, done) => done(check(headers) ?? undefined);
}

/**
 * Refuses what a foreign web page asks for in a visitor's browser: a request with the Origin of another site, and one
 * for a name that is not this machine's (a page whose name was made to point here, as in DNS rebinding). Programs send
 * no Origin and use an address or one of this machine's names; those that do not even say a name are no browsers.
 *
 * @param host the name or address that is served on
 */
export function originCheck({
  host,
  allowedOrigins,
  allowedHosts,
}: Pick<Access, 'allowedOrigins' | 'allowedHosts'> & { readonly host: string }): OriginCheck {
  const names = ['localhost', host, hostname(), `${hostname()}.local`, ...allowedHosts].map(normalized);
  const own = new Set(names);
  const domains = names.filter((name) => name.startsWith('*.')).map((name) => name.slice(1));
  const isOwn = (name: string) =>
    isIP(name) !== 0 || own.has(name) || domains.some((domain) => name.endsWith(domain));
  const isForeign = (origin: string, asked: string) => {
    const site = /^https?:/.test(origin) ? hostOf(origin) : null;
    return (
      !allowedOrigins.includes(origin) && (site === null || site.host !== hostOf(`http://${asked}`)?.host)
    );
  };
  return ({ origin, host: asked }) => {
    const name = hostOf(`http://${asked}`)?.hostname.replace(/^\[|\]$/g, '');
    if (asked !== undefined && (name === undefined || !isOwn(normalized(name)))) {
      const remedy = `use its address, localhost or ${hostname()}, or add the name to the setting allowedHosts`;
      return refused(`${JSON.stringify(asked)} is not a name of this machine: ${remedy}`);
    }
    if (origin !== undefined && isForeign(origin, asked ?? '')) {
      const remedy = 'add it to the setting allowedOrigins to allow them';
      return refused(`pages of ${origin} may not use this service: ${remedy}`);
    }
    return null;
  };
}

/** A name as URLs have it, without the dot that some resolvers end it with. */
function normalized(name: string): string {
  const pattern = name.startsWith('*.') ? '*.' : '';
  const rest = name.slice(pattern.length);
  return pattern + (hostOf(`http://${rest}`)?.hostname ?? rest).toLowerCase().replace(/\.$/, '');
}

function refused(sentence: string): WakegateError {
  return new WakegateError('WG_ORIGIN_REFUSED', sentence);
}

function hostOf(url: string): URL | null {
  return URL.canParse(url) ? new URL(url) : null;
}
