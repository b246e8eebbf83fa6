import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Checker, sentenceOf, Type } from '../../src/schema/index.js';

const checker = new Checker(
  Type.Object(
    {
      port: Type.Optional(Type.Integer({ minimum: 1, maximum: 9 })),
      word: Type.Optional(Type.Unsafe<string>({ type: 'string', enum: ['on', 'off'], minLength: 1 })),
      limit: Type.Optional(Type.Union([Type.Number({ exclusiveMinimum: 0 }), Type.Null()])),
      list: Type.Optional(Type.Array(Type.Object({ 'a/b~c %': Type.Boolean() }), { minItems: 1 })),
      pair: Type.Optional(Type.Tuple([Type.Literal('x'), Type.String({ pattern: '^y' })])),
      groups: Type.Optional(
        Type.Record(Type.String(), Type.Object({ size: Type.Number() }, { additionalProperties: false })),
      ),
    },
    { additionalProperties: false },
  ),
);

/** The sentence for a value that does not fit; null for one that does. */
function problem(value: unknown): string | null {
  const checked = checker.check(value);
  return checked.ok ? null : sentenceOf(checked.fault, ['it', ...checked.fault.path].join('.'));
}

test('what fits comes back as it is', () => {
  const value = {
    port: 9,
    word: 'on',
    limit: null,
    list: [{ 'a/b~c %': true }],
    pair: ['x', 'yes'],
    groups: { one: { size: 1 } },
  };
  const checked = checker.check(value);
  assert.ok(checked.ok);
  assert.equal(checked.value, value);
});

const faults: readonly (readonly [value: unknown, sentence: string])[] = [
  [[], 'it must be an object, and is []'],
  [null, 'it must be an object, and is null'],
  [{ prot: 1 }, 'it has nothing that is called prot'],
  [{ port: 1.5 }, 'it.port must be a whole number, and is 1.5'],
  [{ port: '1' }, 'it.port must be a whole number, and is "1"'],
  [{ port: 0 }, 'it.port must be at least 1, and is 0'],
  [{ port: 10 }, 'it.port must be at most 9, and is 10'],
  [{ word: 'of' }, 'it.word must be one of on, off, and is "of"'],
  [{ limit: 0 }, 'it.limit must be over 0, and is 0'],
  [{ list: [] }, 'it.list must have at least 1 items, and is []'],
  [{ list: [{ 'a/b~c %': true }, {}] }, 'it.list.1 must have a/b~c %'],
  [{ list: [{ 'a/b~c %': 1 }] }, 'it.list.0.a/b~c % must be true or false, and is 1'],
  [{ pair: ['z', 'y'] }, 'it.pair.0 must be "x", and is "z"'],
  [{ pair: ['x', 'z'] }, 'it.pair.1 must look like ^y, and is "z"'],
  [{ pair: ['x', 'y', 'z'] }, 'it.pair must have at most 2 items, and is ["x","y","z"]'],
  [{ groups: { one: { size: 1, sise: 2 } } }, 'it.groups.one has nothing that is called sise'],
  [{ groups: { one: {} } }, 'it.groups.one must have size'],
];

for (const [value, sentence] of faults) {
  test(`${JSON.stringify(value)} is refused: ${sentence}`, () => assert.equal(problem(value), sentence));
}

test('what is nested deeper than any schema, and a key with half a character, are refused, not stumbled over', () => {
  const deep: unknown = JSON.parse(`${'['.repeat(10_000)}${']'.repeat(10_000)}`);
  const groups: unknown = JSON.parse(`${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}`);
  for (const value of [deep, groups, { list: deep }, { word: groups }, { groups: { one: deep } }]) {
    assert.equal(problem(value), 'it is nested more than 64 levels deep');
  }
  for (const value of [{ '\ud800': 1 }, { groups: { 'a\udc00b': {} } }, { list: [{ '\udfff': 1 }] }]) {
    assert.match(problem(value)!, /^it has a key that is not Unicode: "[^"]*\\ud/);
  }
  assert.equal(problem({ groups: { 'a\u{1f600}b': { size: 1 } } }), null);
});

test('a group of more keys than any schema has is refused before each of them is looked at', () => {
  const wide = Object.fromEntries(Array.from({ length: 1025 }, (_, n) => [`k${n}`, n]));
  for (const value of [wide, { groups: wide }, { list: [wide] }]) {
    assert.equal(problem(value), 'it has a group of more than 1024 keys');
  }
});
