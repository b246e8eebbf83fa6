import { createRequire } from 'node:module';
import type { OutputUnit, Schema, Validator } from '@cfworker/json-schema';
import { fits } from './fits.js';
import type { Static, TSchema } from './type.js';

/** The first thing that does not fit a schema, or where alternatives were tried, that the first of them missed. */
export interface Fault {
  /** Keys from the outermost value to the one that does not fit. */
  readonly path: readonly string[];
  /** The rule that it breaks, by its keyword in the schema; for a key that is not known, `additionalProperties`. */
  readonly keyword: string;
  /** What the schema says there: the limit of `minimum`, the words of `enum`. */
  readonly expected: unknown;
  /** The key that is missing or not known, where that is the fault. */
  readonly key?: string;
  /** What does not fit. */
  readonly found: unknown;
}

export type Checked<T extends TSchema> =
  | { readonly ok: true; readonly value: Static<T> }
  | { readonly ok: false; readonly fault: Fault };

/**
 * Checks values against one schema. Nothing is compiled: values come at the start or with a request, and compiled code
 * would stay in memory. What does not fit is looked at again by the validator, which says where.
 */
export class Checker<T extends TSchema> {
  readonly #schema: T;
  #validator: Validator | undefined;
  readonly #mostKeys: number;

  /** @param mostKeys of one group; the validator looks at all of them, and takes some microseconds for each */
  constructor(schema: T, { mostKeys = MOST_KEYS }: { readonly mostKeys?: number } = {}) {
    this.#schema = schema;
    this.#mostKeys = mostKeys;
  }

  /** `value` back with its type, or what does not fit. */
  check(value: unknown): Checked<T> {
    const unreadable = unreadableFault(value, this.#mostKeys);
    if (unreadable) return { ok: false, fault: unreadable };
    if (fits(value, this.#schema)) return { ok: true, value: value as Static<T> };
    this.#validator ??= newValidator(this.#schema as Schema);
    const { valid, errors } = this.#validator.validate(value);
    return valid
      ? { ok: true, value: value as Static<T> }
      : { ok: false, fault: faultOf(errors, this.#schema, value) };
  }
}

const require = createRequire(import.meta.url);

/** Loaded with the first: where all fits, none is needed. */
function newValidator(schema: Schema): Validator {
  const cfworker = require('@cfworker/json-schema') as typeof import('@cfworker/json-schema');
  return new cfworker.Validator(schema);
}

/** Levels of lists and groups: none of the schemas has a tenth of it. */
const MAX_DEPTH = 64;
/** Of all but the ages of captures, none has a tenth of it. */
const MOST_KEYS = 1024;

/**
 * What no schema is asked about, as the validator fails on it, or takes too long: a value that is nested too deep, a group
 * of too many keys, a key with half a character.
 */
function unreadableFault(value: unknown, mostKeys: number): Fault | null {
  let level: unknown[] = [value];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > MAX_DEPTH) return { path: [], keyword: 'depth', expected: MAX_DEPTH, found: typeof value };
    const next: unknown[] = [];
    for (const outer of level) {
      if (typeof outer !== 'object' || outer === null || ArrayBuffer.isView(outer)) continue;
      if (Array.isArray(outer)) {
        for (const inner of outer) if (typeof inner === 'object') next.push(inner);
        continue;
      }
      const entries = Object.entries(outer);
      if (entries.length > mostKeys)
        return { path: [], keyword: 'keys', expected: mostKeys, found: typeof outer };
      for (const [key, inner] of entries) {
        if (/\p{Surrogate}/u.test(key))
          return { path: [], keyword: 'key', expected: null, key, found: typeof outer };
        if (typeof inner === 'object') next.push(inner);
      }
    }
    level = next;
  }
  return null;
}

/** Rules that a value further in breaks, which is reported after them. */
const OUTER: ReadonlySet<string> = new Set([
  'properties',
  'patternProperties',
  'additionalProperties',
  'items',
  'anyOf',
]);

function faultOf(errors: readonly OutputUnit[], schema: TSchema, value: unknown): Fault {
  const { keyword, instanceLocation, keywordLocation } = errors.find((error) => !OUTER.has(error.keyword))!;
  const path = keysOf(instanceLocation);
  // Where nothing at all is allowed to be: additionalProperties is false.
  if (keyword === 'false') {
    const parent = path.slice(0, -1);
    return {
      path: parent,
      keyword: 'additionalProperties',
      expected: false,
      key: path.at(-1)!,
      found: at(value, parent),
    };
  }
  const expected = at(schema, keysOf(keywordLocation));
  const found = at(value, path);
  if (keyword !== 'required') return { path, keyword, expected, found };
  const key = (expected as string[]).find((name) => !Object.hasOwn(found as object, name))!;
  return { path, keyword, expected, key, found };
}

/** The keys of a JSON pointer in a URI's fragment (RFC 6901). */
function keysOf(pointer: string): string[] {
  const keys = pointer.split('/').slice(1);
  return keys.map((key) => decodeURI(key).replaceAll('~1', '/').replaceAll('~0', '~'));
}

function at(value: unknown, keys: readonly string[]): unknown {
  return keys.reduce((inner, key) => (inner as Record<string, unknown>)[key], value);
}
