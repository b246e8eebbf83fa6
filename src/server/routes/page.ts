import { readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { FastifyInstance, FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';
import { WakegateError } from '../../errors.js';
import { Type } from '../../schema/index.js';

const FOLDER = fileURLToPath(new URL('../../dashboard/', import.meta.url));

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
};

/** Nothing but its own files, no script that stands in a document, and nobody's frame. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  'media-src blob:',
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** The name of an asset has a hash of what is in it. */
const FOR_GOOD = 'public, max-age=31536000, immutable';

interface Asset {
  readonly plain: Buffer;
  readonly gzip: Buffer;
}

/** The page. Everyone may have it, since there is nothing in it: what it shows it asks for, with the token. */
export const pageRoutes: FastifyPluginAsync = (app) => servePage(app, FOLDER);

/** @param folder where scripts/dashboard.js has put what it makes */
export async function servePage(app: FastifyInstance, folder: string): Promise<void> {
  // Read when it is first asked for, which with most daemons is never.
  let assets: ReadonlyMap<string, Asset> | null = null;
  const send = (request: FastifyRequest, reply: FastifyReply, name: string) => {
    assets ??= readAssets(folder);
    const asset = assets.get(name);
    if (asset === undefined) {
      const isBuilt = assets.size > 0;
      const sentence = isBuilt
        ? `the page has no ${JSON.stringify(name)}: load it again`
        : 'the page was not built: npm run build';
      throw new WakegateError('WG_UNKNOWN_NAME', sentence);
    }
    const takesGzip = /\bgzip\b/.test(String(request.headers['accept-encoding'] ?? ''));
    return reply
      .type(TYPES[extname(name)] ?? 'application/octet-stream')
      .header('vary', 'accept-encoding')
      .headers(takesGzip ? { 'content-encoding': 'gzip' } : {})
      .send(takesGzip ? asset.gzip : asset.plain);
  };

  app.get('/', { config: { open: true }, schema: { hide: true } }, (request, reply) => {
    reply
      .header('cache-control', 'no-cache')
      .header('content-security-policy', CONTENT_SECURITY_POLICY)
      .header('referrer-policy', 'no-referrer');
    return send(request, reply, 'index.html');
  });
  app.get(
    '/assets/:name',
    { config: { open: true }, schema: { hide: true, params: Type.Object({ name: Type.String() }) } },
    (request, reply) => {
      const { name } = request.params as { name: string };
      reply.header('cache-control', FOR_GOOD);
      return send(request, reply, `assets/${name}`);
    },
  );
}

/** By their paths; empty where the page was not built. */
function readAssets(folder: string): ReadonlyMap<string, Asset> {
  const read = (name: string): [string, Asset] => [
    name,
    { plain: readFileSync(join(folder, name)), gzip: readFileSync(join(folder, `${name}.gz`)) },
  ];
  try {
    const assets = readdirSync(join(folder, 'assets')).filter((name) => TYPES[extname(name)]);
    return new Map(['index.html', ...assets.map((name) => `assets/${name}`)].map(read));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return new Map();
    throw error;
  }
}
