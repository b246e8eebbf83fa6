import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import type { FastifyPluginAsync } from 'fastify';
import { WakegateError } from '../../errors.js';
import { Type } from '../../schema/index.js';
import type { RouteOptions } from '../route-options.js';

/** Where scripts/api-reference.js has put Swagger UI. */
const FOLDER = new URL('../reference/', import.meta.url);

const TYPES = {
  'swagger-ui-bundle.js': 'text/javascript; charset=utf-8',
  'swagger-ui.css': 'text/css; charset=utf-8',
} as const;

/** Its own files and its own daemon, no script that stands in a document, and nobody's frame. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** Addresses are relative, so that it works below a path of a proxy. */
const PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>wakegate: the HTTP API</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="docs/swagger-ui.css">
<script src="docs/swagger-ui-bundle.js" defer></script>
<script src="docs/start.js" defer></script>
</head>
<body>
<noscript><p>This page needs scripts. The same as a document: <a href="openapi.json">openapi.json</a>.</p></noscript>
<main id="reference"></main>
</body>
</html>
`;

const START = `SwaggerUIBundle({
  url: new URL('openapi.json', document.baseURI).href,
  dom_id: '#reference',
  deepLinking: true,
  docExpansion: 'list',
  defaultModelsExpandDepth: -1,
  displayRequestDuration: true,
  validatorUrl: null,
  persistAuthorization: false,
});
// Its own switch for the dark theme is in its style sheet.
const dark = matchMedia('(prefers-color-scheme: dark)');
const follow = () => document.documentElement.classList.toggle('dark-mode', dark.matches);
dark.addEventListener('change', follow);
follow();
`;

/** The description of the API. Everyone may have it, since there is no secret in it: what is tried out needs the token. */
export const docsRoutes: FastifyPluginAsync<RouteOptions> = async (app, { describe }) => {
  // Made when it is first asked for, which with most daemons is never.
  let describing: Promise<object> | null = null;

  app.get(
    '/openapi.json',
    {
      config: { open: true },
      schema: {
        summary: 'This description, as an OpenAPI 3.1 document',
        response: { 200: Type.Object({}, { description: 'The document.', additionalProperties: true }) },
      },
    },
    () => {
      describing ??= describe();
      return describing;
    },
  );
  app.get(
    '/docs',
    {
      config: { open: true },
      schema: {
        summary: 'This description, as a page on which you can try it out',
        response: { 200: { description: 'The page.', content: { 'text/html': { schema: Type.String() } } } },
      },
    },
    async (_request, reply) => {
      reply
        .type('text/html; charset=utf-8')
        .header('content-security-policy', CONTENT_SECURITY_POLICY)
        .header('referrer-policy', 'no-referrer')
        .header('cache-control', 'no-cache');
      return PAGE;
    },
  );
  app.get('/docs/start.js', { config: { open: true }, schema: { hide: true } }, async (_request, reply) => {
    reply.type('text/javascript; charset=utf-8').header('cache-control', 'no-cache');
    return START;
  });
  for (const [name, type] of Object.entries(TYPES)) {
    app.get(`/docs/${name}`, { config: { open: true }, schema: { hide: true } }, async (request, reply) => {
      const compressed = readCompressed(name);
      const takesGzip = /\bgzip\b/.test(String(request.headers['accept-encoding'] ?? ''));
      reply.type(type).header('vary', 'accept-encoding').header('cache-control', 'public, max-age=3600');
      if (!takesGzip) return gunzipSync(compressed);
      reply.header('content-encoding', 'gzip');
      return compressed;
    });
  }
};

/** Each time from the disk: half a megabyte would stay in memory for a page that is seldom opened. */
function readCompressed(name: string): Buffer {
  try {
    return readFileSync(fileURLToPath(new URL(`${name}.gz`, FOLDER)));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    throw new WakegateError('WG_UNKNOWN_NAME', 'the page was not built: npm run build');
  }
}
