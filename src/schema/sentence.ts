import type { Fault } from './check.js';

/**
 * What is wrong with `place`, such as "port must be at least 0, and is -1".
 *
 * @param place what the value is called
 */
export function sentenceOf({ keyword, expected, key, found }: Fault, place: string): string {
  const rule = RULES[keyword];
  if (keyword === 'required') return `${place} must have ${key}`;
  if (keyword === 'depth') return `${place} is nested more than ${expected} levels deep`;
  if (keyword === 'keys') return `${place} has a group of more than ${expected} keys`;
  if (keyword === 'key') return `${place} has a key that is not Unicode: ${JSON.stringify(key)}`;
  if (keyword === 'additionalProperties') return `${place} has nothing that is called ${key}`;
  return `${place} ${rule ? rule(expected) : 'does not fit'}, and is ${show(found)}`;
}

const RULES: Readonly<Record<string, (expected: unknown) => string>> = {
  type: (type) => `must be ${WITH_ARTICLE[type as string] ?? type}`,
  enum: (words) => `must be one of ${(words as string[]).join(', ')}`,
  const: (value) => `must be ${JSON.stringify(value)}`,
  minLength: (length) => (length === 1 ? 'must not be empty' : `must have at least ${length} characters`),
  maxLength: (length) => `must have at most ${length} characters`,
  pattern: (pattern) => `must look like ${pattern}`,
  exclusiveMinimum: (limit) => `must be over ${limit}`,
  exclusiveMaximum: (limit) => `must be under ${limit}`,
  minimum: (limit) => `must be at least ${limit}`,
  maximum: (limit) => `must be at most ${limit}`,
  multipleOf: (unit) => `must be a multiple of ${unit}`,
  minItems: (count) => `must have at least ${count} items`,
  maxItems: (count) => `must have at most ${count} items`,
  minProperties: (count) => `must have at least ${count} of its keys`,
};

const WITH_ARTICLE: Readonly<Record<string, string>> = {
  object: 'an object',
  array: 'a list',
  string: 'a string',
  number: 'a number',
  integer: 'a whole number',
  boolean: 'true or false',
  null: 'null',
};

function show(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
