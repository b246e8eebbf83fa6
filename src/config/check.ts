import { Type } from '@sinclair/typebox';
import { Ajv, type ErrorObject } from 'ajv';
import { WakegateError } from '../errors.js';
import { nearest } from './nearest.js';
import { type Config, ConfigSchema, KeywordConfigSchema } from './schema.js';

/** Any of the settings, as one source gives them. */
export type PartialConfig = { readonly [Key in keyof Config]?: Config[Key] | undefined };

/** How a source calls a setting, for messages: `port` -> `--port`. */
export type Naming = (key: string) => string;

const fits = new Ajv({ meta: false, validateSchema: false }).compile(
  Type.Partial(ConfigSchema, { additionalProperties: false }),
);

/**
 * Holds what one source says against the schema.
 *
 * @param source what is read, for messages: a file's path, `the environment`
 * @throws WakegateError WG_CONFIG_INVALID with the place, what was expected there, and for an unknown key
 *   the one that was most likely meant
 */
export function checkConfig(value: unknown, source: string, naming: Naming = (key) => key): PartialConfig {
  if (fits(value)) return value as PartialConfig;
  throw new WakegateError('WG_CONFIG_INVALID', `${source}: ${describe(fits.errors![0], value, naming)}`);
}

/** `unknown x: did you mean y?`, or what there is to choose from. */
export function unknownName(kind: string, name: string, known: readonly string[], naming: Naming): string {
  const meant = nearest(name, known);
  const remedy =
    meant === null ? `there are ${known.map(naming).join(', ')}` : `did you mean ${naming(meant)}?`;
  return `there is no ${kind} ${naming(name)}; ${remedy}`;
}

function describe(fault: ErrorObject, value: unknown, naming: Naming): string {
  const path = fault.instancePath.split('/').slice(1).map(unescapePointer);
  const place = path.length === 0 ? 'the configuration' : [naming(path[0]), ...path.slice(1)].join('.');
  const found = path.reduce((inner, key) => (inner as Record<string, unknown>)[key], value);
  switch (fault.keyword) {
    case 'additionalProperties': {
      const inKeyword = path.length > 0;
      const known = Object.keys((inKeyword ? KeywordConfigSchema : ConfigSchema).properties);
      const name = fault.params.additionalProperty as string;
      if (!inKeyword) return unknownName('setting', name, known, naming);
      return `${place}: ${unknownName('setting', name, known, (key) => key)}`;
    }
    case 'type':
      return `${place} must be ${withArticle(fault.params.type)}, and is ${show(found)}`;
    case 'enum': {
      const allowed = fault.params.allowedValues as string[];
      const meant = nearest(String(found), allowed);
      const remedy = meant === null ? '' : `; did you mean ${meant}?`;
      return `${place} must be one of ${allowed.join(', ')}, and is ${show(found)}${remedy}`;
    }
    case 'pattern':
      return `${place} must be like https://home.example, without a path, and is ${show(found)}`;
    case 'minLength':
      return `${place} must not be empty`;
    case 'exclusiveMinimum':
      return `${place} must be over ${fault.params.limit}, and is ${show(found)}`;
    case 'minimum':
      return `${place} must be at least ${fault.params.limit}, and is ${show(found)}`;
    case 'maximum':
      return `${place} must be at most ${fault.params.limit}, and is ${show(found)}`;
    default:
      return `${place} ${fault.message}, and is ${show(found)}`;
  }
}

function withArticle(type: string): string {
  if (type === 'object') return 'a group of settings';
  if (type === 'array') return 'a list';
  return type === 'integer' ? 'a whole number' : `a ${type}`;
}

function show(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

/** RFC 6901. */
function unescapePointer(part: string): string {
  return part.replaceAll('~1', '/').replaceAll('~0', '~');
}
