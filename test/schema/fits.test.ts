import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Schema, Validator } from '@cfworker/json-schema';
import fc from 'fast-check';
import { fits } from '../../src/schema/fits.js';
import { Type } from '../../src/schema/index.js';

const WORDS = ['', 'a', 'on', 'off', 'name', '__proto__', '🦊', '🦊🦊', '1'];

/** Schemas of all kinds that are used, within each other. */
const { schema } = fc.letrec<{ schema: Schema }>((tie) => ({
  schema: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom<Schema>(
      Type.Boolean() as Schema,
      Type.Null() as Schema,
      Type.Unknown() as Schema,
      Type.Literal('on') as Schema,
      Type.Literal(1) as Schema,
      Type.Integer({ minimum: 0, maximum: 2 }) as Schema,
      Type.Number({ exclusiveMinimum: 0, exclusiveMaximum: 2 }) as Schema,
      Type.String({ minLength: 1, maxLength: 2, description: 'short' }) as Schema,
      Type.String({ pattern: '^[a-z]+$' }) as Schema,
      Type.Unsafe({ type: 'string', enum: ['on', 'off'], default: 'on' }) as Schema,
      Type.Number({ multipleOf: 2 }) as Schema,
      Type.Number({ multipleOf: 0.5 }) as Schema,
      { not: { type: 'string' } },
    ),
    fc.array(tie('schema'), { maxLength: 3, minLength: 1 }).map((anyOf) => ({ anyOf })),
    fc.array(tie('schema'), { maxLength: 3 }).map((items) => Type.Tuple(items as never) as Schema),
    tie('schema').map((items) => Type.Array(items as never, { minItems: 1, maxItems: 3 }) as Schema),
    tie('schema').map((values) => Type.Record(Type.String(), values as never) as Schema),
    fc
      .tuple(
        fc.dictionary(fc.constantFrom('a', 'on', 'name'), tie('schema'), { maxKeys: 3 }),
        fc.oneof(fc.boolean(), tie('schema')),
      )
      .map(
        ([properties, additionalProperties]) =>
          Type.Object(properties as never, { additionalProperties } as never) as Schema,
      ),
  ),
}));

/** Values of all kinds, most of which are likely to fit somewhere. */
const value = fc.jsonValue({ maxDepth: 3 }).chain(
  (other) =>
    fc.letrec<{ value: unknown }>((tie) => ({
      value: fc.oneof(
        { depthSize: 'small' },
        fc.constantFrom<unknown>(true, null, 'on', 'a', '🦊', 0, 1, 1.5, 2, -1, ...WORDS, other),
        fc.array(tie('value'), { maxLength: 4 }),
        fc.dictionary(fc.constantFrom('a', 'on', 'name', 'more'), tie('value'), { maxKeys: 3 }),
      ),
    })).value,
);

test('what is said to fit does so by the validator, and what does is seldom passed on to it', () => {
  let fitting = 0;
  let said = 0;
  fc.assert(
    fc.property(schema, value, (of, what) => {
      const isSaid = fits(what, of as never);
      const isValid = new Validator(of).validate(what).valid;
      assert.ok(isValid || !isSaid);
      if (isValid) fitting++;
      if (isSaid) said++;
    }),
    { numRuns: 5000, seed: 20 },
  );
  assert.ok(fitting > 300, `${fitting} fit`);
  assert.ok(said > 0.7 * fitting, `${said} of ${fitting}`);
});

test('a rule that is not known is left to the validator', () => {
  assert.equal(fits(2, { not: { type: 'string' } }), false);
  assert.equal(fits('x', { type: 'string', format: 'date-time' }), false);
  assert.equal(fits(2, { type: 'integer', maximum: 2 }), true);
});
