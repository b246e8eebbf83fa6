import type { JavaScriptTypeBuilder } from '@sinclair/typebox';

/**
 * The schemas of TypeBox, made without TypeBox: its types say what a schema's values are, and cost nothing when the
 * daemon runs, while its builders take 10 MB of memory. What is made here is what they would make, JSON Schema with
 * TypeBox's own marks, for the kinds that are used.
 */

export type { Static, StringOptions, TProperties, TSchema } from '@sinclair/typebox';

/** Registered symbols, so that these are TypeBox's own. */
const KIND = Symbol.for('TypeBox.Kind');
const OPTIONAL = Symbol.for('TypeBox.Optional');

type Options = Readonly<Record<string, unknown>>;
type Made = Options & { readonly [OPTIONAL]?: 'Optional' };
type Properties = Readonly<Record<string, Made>>;

type Builders = Pick<
  JavaScriptTypeBuilder,
  | 'Array'
  | 'Boolean'
  | 'Integer'
  | 'Literal'
  | 'Null'
  | 'Number'
  | 'Object'
  | 'Optional'
  | 'Partial'
  | 'Record'
  | 'String'
  | 'Tuple'
  | 'Union'
  | 'Unknown'
  | 'Unsafe'
>;

const builders = {
  Array: (items: Made, options?: Options) => make('Array', options, { type: 'array', items }),
  Boolean: (options?: Options) => make('Boolean', options, { type: 'boolean' }),
  Integer: (options?: Options) => make('Integer', options, { type: 'integer' }),
  Literal: (value: string | number | boolean, options?: Options) =>
    make('Literal', options, { const: value, type: typeof value }),
  Null: (options?: Options) => make('Null', options, { type: 'null' }),
  Number: (options?: Options) => make('Number', options, { type: 'number' }),
  Object: (properties: Properties, options?: Options) => {
    const required = Object.keys(properties).filter((key) => properties[key][OPTIONAL] === undefined);
    const needs = required.length > 0 ? { required } : {};
    return make('Object', options, { type: 'object', ...needs, properties });
  },
  Optional: (schema: Made) => ({ ...schema, [OPTIONAL]: 'Optional' }),
  Partial: ({ required: _, properties, ...rest }: Made, options?: Options) => {
    const entries = Object.entries(properties as Properties);
    const loose = Object.fromEntries(entries.map(([key, schema]) => [key, builders.Optional(schema)]));
    return { ...rest, ...options, properties: loose };
  },
  Record: (_keys: Made, values: Made, options?: Options) =>
    make('Record', options, { type: 'object', patternProperties: { '^(.*)$': values } }),
  String: (options?: Options) => make('String', options, { type: 'string' }),
  Tuple: (items: readonly Made[], options?: Options) =>
    make('Tuple', options, {
      type: 'array',
      items,
      additionalItems: false,
      minItems: items.length,
      maxItems: items.length,
    }),
  Union: (anyOf: readonly Made[], options?: Options) => make('Union', options, { anyOf }),
  Unknown: (options?: Options) => make('Unknown', options, {}),
  Unsafe: (options?: Options) => make('Unsafe', options, {}),
};

/** Builders of schemas, by the names and with the arguments and types that they have in TypeBox. */
export const Type = builders as unknown as Builders;

function make(kind: string, options: Options | undefined, schema: Options): Made {
  // An option may be a schema's mark too: Unsafe takes over whatever it is given.
  return { [KIND]: kind, ...options, ...schema };
}
