import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as TypeBox from '@sinclair/typebox';
import { Type } from '../../src/schema/index.js';

/** One of everything that is used, nested, with and without options. */
function everything(T: typeof Type) {
  const described = { description: 'What it is.' };
  const inner = T.Object({ name: T.String({ minLength: 1 }), note: T.Optional(T.String()) });
  return {
    inner,
    empty: T.Object({}),
    allOptional: T.Object({ a: T.Optional(T.Null()) }, { additionalProperties: false, ...described }),
    partial: T.Partial(inner, { additionalProperties: false }),
    list: T.Array(T.Integer({ minimum: 0, multipleOf: 4 }), { maxItems: 3 }),
    pair: T.Tuple([T.Number(), T.Boolean(described)]),
    record: T.Record(T.String(), inner, described),
    union: T.Union([T.Literal('on'), T.Literal(1), T.Literal(true), T.Null()], described),
    anything: T.Optional(T.Unknown()),
    word: T.Unsafe<'a' | 'b'>({ type: 'string', enum: ['a', 'b'] }),
    wrapped: T.Unsafe<object>(T.Object({ x: T.Number() }, { additionalProperties: T.Null() })),
  };
}

/** With the marks, which deepEqual sees as it sees every symbol. */
test("schemas are what TypeBox's own builders make", () => {
  assert.deepStrictEqual(everything(Type), everything(TypeBox.Type));
});
