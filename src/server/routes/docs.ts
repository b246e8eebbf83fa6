import type { FastifyPluginAsync } from 'fastify';
import { Type } from '../../schema/index.js';
import type { RouteOptions } from '../route-options.js';

/** The page has neither scripts nor anything from elsewhere. */
const CONTENT_SECURITY_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'";

export const docsRoutes: FastifyPluginAsync<RouteOptions> = async (app, { describe }) => {
  // Made when it is first asked for, which with most daemons is never.
  let describing: Promise<object> | null = null;
  const description = () => {
    describing ??= describe();
    return describing;
  };

  app.get(
    '/openapi.json',
    {
      schema: {
        summary: 'This description, as an OpenAPI 3.1 document',
        response: { 200: Type.Object({}, { description: 'The document.', additionalProperties: true }) },
      },
    },
    description,
  );
  app.get(
    '/docs',
    {
      schema: {
        summary: 'This description, as a page',
        response: { 200: { description: 'The page.', content: { 'text/html': { schema: Type.String() } } } },
      },
    },
    async (_request, reply) => {
      const { docsPage } = await import('./docs-page.js');
      reply.type('text/html; charset=utf-8').header('content-security-policy', CONTENT_SECURITY_POLICY);
      return docsPage((await description()) as Parameters<typeof docsPage>[0]);
    },
  );
};
