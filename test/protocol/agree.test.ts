import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Agree } from '../../src/protocol/schemas/agree.js';
import { type Static, Type } from '../../src/schema/index.js';

// What this file proves, it proves by being compiled: `false` where the types differ, `true` where they do not.

const Schema = Type.Object({
  name: Type.String(),
  tags: Type.Array(Type.Union([Type.Literal('a'), Type.Null()])),
  more: Type.Optional(Type.Object({ count: Type.Integer() })),
});
type Schema = Static<typeof Schema>;

interface Wire {
  readonly name: string;
  readonly tags: readonly ('a' | null)[];
  readonly more?: { readonly count: number };
}

true satisfies Agree<Schema, Wire>;
false satisfies Agree<Schema, Omit<Wire, 'more'>>;
false satisfies Agree<Schema, Wire & { readonly extra?: string }>;
false satisfies Agree<Schema, Omit<Wire, 'more'> & { readonly more: { readonly count: number } }>;
false satisfies Agree<Schema, Omit<Wire, 'tags'> & { readonly tags: readonly string[] }>;
false satisfies Agree<Schema, Omit<Wire, 'more'> & { readonly more?: { readonly count: string } }>;

test('a schema that differs from its type by one key, however deep, does not compile', () => {
  // At run time there is only the schema left, which is the one that the types above are of.
  assert.deepEqual(Object.keys(Schema.properties), ['name', 'tags', 'more']);
});
