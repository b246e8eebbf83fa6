import type { Static, TSchema } from '@sinclair/typebox';
import { Ajv, type ErrorObject } from 'ajv';

export type Checked<T extends TSchema> =
  | { readonly ok: true; readonly value: Static<T> }
  | { readonly ok: false; readonly fault: ErrorObject };

/**
 * Holds `value` against a schema, and gives it back typed, or the first thing that does not fit.
 *
 * The schema is compiled for this one call: a process reads one pack. What ajv would do beside that (checking the
 * schema against its own schema, tidying the code it makes) costs several megabytes and is of no use here.
 */
export function checkSchema<T extends TSchema>(schema: T, value: unknown): Checked<T> {
  const ajv = new Ajv({ meta: false, validateSchema: false, code: { optimize: false } });
  const fits = ajv.compile(schema);
  return fits(value) ? { ok: true, value: value as Static<T> } : { ok: false, fault: fits.errors![0] };
}
