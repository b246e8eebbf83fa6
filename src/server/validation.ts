import { Ajv } from 'ajv';
import type { FastifySchema, FastifySchemaCompiler } from 'fastify';

const options = { meta: false, validateSchema: false, strict: false } as const;
/** Queries, parameters and headers come as text. */
const ofText = new Ajv({ ...options, coerceTypes: true });
/** Bodies are what they say they are: null is not 0, and what is not foreseen is refused, not left out. */
const ofJson = new Ajv(options);

/** Checks what comes with requests. */
export const compileValidator: FastifySchemaCompiler<FastifySchema> = ({ schema, httpPart }) =>
  (httpPart === 'body' ? ofJson : ofText).compile(schema);
