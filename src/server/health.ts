import type { IncomingMessage } from 'node:http';

/** What is answered to those who ask whether the daemon is alive. */
export const HEALTHY = { status: 'ok' } as const;

/**
 * Whether a request only asks that, from no web page. Such requests come twice a minute from some systems that watch others: they are
 * not to load what all others need.
 */
export function asksForHealth({ method, url, headers }: IncomingMessage): boolean {
  const { origin, 'content-length': length, 'transfer-encoding': encoding } = headers;
  const isBare = origin === undefined && length === undefined && encoding === undefined;
  return method === 'GET' && url === '/healthz' && isBare;
}
