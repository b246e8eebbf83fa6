import { Ajv, type ValidateFunction } from 'ajv';
import type { FastifySchema, FastifySchemaCompiler } from 'fastify';

const options = { meta: false, validateSchema: false, strict: false } as const;
/** Queries, parameters and headers come as text. */
const ofText = new Ajv({ ...options, coerceTypes: true });
/** Bodies are what they say they are: null is not 0, and what is not foreseen is refused, not left out. */
const ofJson = new Ajv(options);

/**
 * Checks what comes with requests. Schemas are compiled when they are first needed: those of most routes never are, and
 * would take memory all the same.
 */
export const compileValidator: FastifySchemaCompiler<FastifySchema> = ({ schema, httpPart }) => {
  let compiled: ValidateFunction | null = null;
  const validate: ReturnType<FastifySchemaCompiler<FastifySchema>> = (data: unknown) => {
    compiled ??= (httpPart === 'body' ? ofJson : ofText).compile(schema);
    const isValid = compiled(data);
    validate.errors = compiled.errors ?? null;
    return isValid;
  };
  return validate;
};
