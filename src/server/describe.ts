import { fastifySwagger } from '@fastify/swagger';
import { type FastifySchema, fastify } from 'fastify';
import { Type } from '../schema/index.js';
import { VERSION } from '../version.js';
import { errorAnswers } from './errors.js';
import type { RouteOptions } from './route-options.js';
import { ROUTES } from './routes/index.js';

/** The parts of a route's schema that are there for the description alone. */
interface Description extends FastifySchema {
  readonly summary?: string;
  /** Media types of bodies that are read as they arrive, and so by no schema. */
  readonly consumes?: readonly string[];
}

const FormSchema = Type.Object({ file: Type.String({ contentMediaType: 'application/octet-stream' }) });
const BytesSchema = Type.String({ format: 'binary' });

/**
 * The OpenAPI 3.1 document of all routes, from the schemas that their requests are checked by. They are registered once
 * more, in a server that never listens: the one that does needs no memory for it.
 */
export async function describe(options: RouteOptions): Promise<object> {
  const app = fastify({ exposeHeadRoutes: false });
  app.setValidatorCompiler(() => () => true);
  app.setSerializerCompiler(() => JSON.stringify);
  await app.register(fastifySwagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'wakegate', version: VERSION, description: 'An always-on keyword spotter.' },
      components: {
        securitySchemes: {
          token: { type: 'http', scheme: 'bearer' },
          ticket: { type: 'apiKey', in: 'query', name: 'ticket', description: 'From POST /v1/tickets.' },
        },
      },
    },
    transform: ({ schema, url, route }) => ({
      schema: described(schema ?? {}, [route.method].flat(), route.config?.open ?? false),
      url,
    }),
  });
  for (const family of ROUTES) app.register(family, options);
  await app.ready();
  const document = app.swagger();
  await app.close();
  // Relative to the document, which a proxy may have below a path of its own.
  return { ...document, servers: [{ url: '.', description: 'Where this document is' }] };
}

/** Adds what holds of every route alike. */
function described(schema: Description, methods: readonly string[], isOpen: boolean): FastifySchema {
  const mayHaveBody = methods.some((method) => method !== 'GET' && method !== 'DELETE');
  const isChecked = mayHaveBody || schema.querystring !== undefined || schema.params !== undefined;
  const { consumes, ...rest } = schema;
  return {
    ...rest,
    ...(consumes && { body: { content: Object.fromEntries(consumes.map(mediaType)) } }),
    ...(!isOpen && { security: [{}, { token: [] }, ...(methods.includes('GET') ? [{ ticket: [] }] : [])] }),
    response: {
      ...(schema.response as object),
      ...(isChecked && errorAnswers(400)),
      ...(!isOpen && errorAnswers(401)),
      ...(mayHaveBody && errorAnswers(408, 413, 415)),
      ...errorAnswers(403, 429, 431, 500),
    },
  };
}

function mediaType(type: string): [string, object] {
  return [type, { schema: type.startsWith('multipart/') ? FormSchema : BytesSchema }];
}
