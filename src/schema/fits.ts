/**
 * Whether a value fits a schema, as far as that can be said with the few rules that almost all schemas here consist of. It takes a
 * fifth of what the validator takes, which notes where it is at each step. Yes is an answer; no only means that the validator has to be
 * asked: something does not fit, or the schema has a rule that is not known here.
 */
export function fits(value: unknown, schema: Schema): boolean {
  for (const keyword in schema) {
    const rule = RULES[keyword];
    if (rule === undefined || !rule(value, schema[keyword], schema)) return false;
  }
  return true;
}

// biome-ignore lint/suspicious/noExplicitAny: what a keyword's value is depends on the keyword
type Schema = { readonly [keyword: string]: any };
// biome-ignore lint/suspicious/noExplicitAny: the same
type Rule = (value: any, expected: any, schema: Schema) => boolean;

const always: Rule = () => true;
const isObject = (value: unknown) => typeof value === 'object' && value !== null && !Array.isArray(value);

/** Each as JSON Schema has it: a rule is about values of its own type, and any other value keeps it. */
const RULES: { readonly [keyword: string]: Rule } = {
  description: always,
  title: always,
  default: always,
  type: (value, type) => {
    if (type === 'null') return value === null;
    if (type === 'array') return Array.isArray(value);
    if (type === 'object') return isObject(value);
    if (type === 'integer') return Number.isInteger(value);
    return typeof value === type;
  },
  const: (value, expected) => value === expected,
  enum: (value, expected) => expected.includes(value),
  minimum: (value, least) => typeof value !== 'number' || value >= least,
  maximum: (value, most) => typeof value !== 'number' || value <= most,
  exclusiveMinimum: (value, bound) => typeof value !== 'number' || value > bound,
  exclusiveMaximum: (value, bound) => typeof value !== 'number' || value < bound,
  // Of whole numbers: what is left of a division of others is not exact.
  multipleOf: (value, of) =>
    typeof value !== 'number' ||
    (Number.isSafeInteger(of) && Number.isSafeInteger(value) && value % of === 0),
  // In characters, of which two code units may be one.
  minLength: (value, least) =>
    typeof value !== 'string' || value.length >= 2 * least || [...value].length >= least,
  maxLength: (value, most) => typeof value !== 'string' || value.length <= most || [...value].length <= most,
  pattern: (value, pattern) => typeof value !== 'string' || new RegExp(pattern, 'u').test(value),
  minItems: (value, least) => !Array.isArray(value) || value.length >= least,
  maxItems: (value, most) => !Array.isArray(value) || value.length <= most,
  items: (value, items) =>
    !Array.isArray(value) ||
    value.every((item, i) =>
      Array.isArray(items) ? i >= items.length || fits(item, items[i]) : fits(item, items),
    ),
  additionalItems: (value, allowed, { items }) =>
    allowed === false && Array.isArray(items) && (!Array.isArray(value) || value.length <= items.length),
  required: (value, keys) => !isObject(value) || keys.every((key: string) => Object.hasOwn(value, key)),
  properties: (value, properties) => {
    if (!isObject(value)) return true;
    for (const key in properties) {
      if (Object.hasOwn(value, key) && !fits(value[key], properties[key])) return false;
    }
    return true;
  },
  patternProperties: (value, patterns) => {
    if (!isObject(value)) return true;
    return Object.entries<Schema>(patterns).every(([pattern, schema]) => {
      const matches = new RegExp(pattern, 'u');
      return Object.keys(value).every((key) => !matches.test(key) || fits(value[key], schema));
    });
  },
  additionalProperties: (value, allowed, { properties = {}, patternProperties = {} }) => {
    if (allowed === true || !isObject(value)) return true;
    const patterns = Object.keys(patternProperties).map((pattern) => new RegExp(pattern, 'u'));
    const others = Object.keys(value).filter(
      (key) => !Object.hasOwn(properties, key) && !patterns.some((pattern) => pattern.test(key)),
    );
    return others.every((key) => allowed !== false && fits(value[key], allowed));
  },
  anyOf: (value, schemas) => schemas.some((schema: Schema) => fits(value, schema)),
};
