import type { FastifySchema, FastifySchemaCompiler } from 'fastify';
import { Checker, sentenceOf, type TSchema } from '../schema/index.js';

/**
 * To be named where the server is made, or fastify's own would be loaded first. Response schemas only describe: what they
 * describe is typed, and needs no compiled serializers kept in memory.
 */
export const SCHEMA_COMPILERS = {
  // fastify's type for it names ajv's own schemas.
  buildValidator: () => compileValidator as never,
  buildSerializer: () => () => JSON.stringify,
};

/** Checks what comes with requests, in sentences that say what is wrong with it. */
const compileValidator: FastifySchemaCompiler<FastifySchema> = ({ schema, httpPart }) => {
  const checker = new Checker(schema as TSchema);
  return (given: unknown) => {
    // A body is what it says it is; queries, parameters and headers come as text.
    const checked = checker.check(httpPart === 'body' ? given : fromText(given, schema as TSchema));
    if (checked.ok) return { value: checked.value };
    const place = [httpPart ?? 'request', ...checked.fault.path].join('.');
    return { error: new Error(sentenceOf(checked.fault, place)) };
  };
};

/** Numbers and booleans where the schema has them. Text that is nothing of the kind stays text, and does not fit. */
function fromText(given: unknown, { properties = {} }: TSchema): unknown {
  const entries = Object.entries(given as Record<string, unknown>);
  return Object.fromEntries(entries.map(([key, text]) => [key, parse(text, properties[key]?.type)]));
}

function parse(text: unknown, type: unknown): unknown {
  if (typeof text !== 'string' || text.trim() === '') return text;
  if (type === 'boolean') return text === 'true' ? true : text === 'false' ? false : text;
  if (type !== 'number' && type !== 'integer') return text;
  const number = Number(text);
  return Number.isNaN(number) ? text : number;
}
