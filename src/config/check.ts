import { WakegateError } from '../errors.js';
import { nearest } from '../nearest.js';
import { Checker, type Fault, sentenceOf, type TSchema, Type } from '../schema/index.js';
import { HookConfigSchema, hookFault } from './hooks.js';
import { type Config, ConfigSchema, KeywordConfigSchema } from './schema.js';

/** Any of the settings, as one source gives them. */
export type PartialConfig = { readonly [Key in keyof Config]?: Config[Key] | undefined };

/** The name of a setting in a source, for messages: `port` -> `--port`. */
export type Naming = (key: string) => string;

const checker = new Checker(Type.Partial(ConfigSchema, { additionalProperties: false }));

/**
 * Checks the settings of one source against the schema.
 *
 * @param source names the source in messages: the path of a file, `the environment`
 * @throws WakegateError WG_CONFIG_INVALID with the place, what was expected there, and for an unknown key
 *   the one that was most likely meant
 */
export function checkConfig(value: unknown, source: string, naming: Naming = (key) => key): PartialConfig {
  const checked = checker.check(value);
  if (checked.ok) {
    const fault = hookFault(checked.value.hooks ?? {});
    if (fault === null) return checked.value;
    throw new WakegateError('WG_CONFIG_INVALID', `${source}: ${fault}`);
  }
  throw new WakegateError('WG_CONFIG_INVALID', `${source}: ${describe(checked.fault, naming)}`);
}

/** `unknown x: did you mean y?`, or what there is to choose from. */
export function unknownName(kind: string, name: string, known: readonly string[], naming: Naming): string {
  const meant = nearest(name, known);
  const remedy =
    meant === null ? `there are ${known.map(naming).join(', ')}` : `did you mean ${naming(meant)}?`;
  return `there is no ${kind} ${naming(name)}; ${remedy}`;
}

/** Of what stands below a name of its own. */
const GROUPS: Readonly<Record<string, TSchema>> = { keywords: KeywordConfigSchema, hooks: HookConfigSchema };

/** Of the settings with a pattern. */
const EXAMPLES: Readonly<Record<string, string>> = {
  allowedHosts: 'home.example or *.home.example, without a port',
  allowedOrigins: 'https://home.example, without a path',
  wyomingPeers: 'tcp://127.0.0.1:10500',
  hooks: 'https://home.example/webhook',
  mqttUrl: 'mqtt://broker.example or mqtts://broker.example:8883, without a user, a password or a path',
  classifier: 'own, auto or mqtt://broker.example',
  fleetUrl: 'mqtt://broker.example or nats://broker.example, without a user, a password or a path',
  fleetPrefix: 'wakegate-fleet or home/fleet: without spaces, wildcards, or slashes at its ends',
  fleetGroup: 'home or upstairs: up to 64 letters, digits, hyphens and underscores',
  mqttName: 'kitchen or living-room: up to 64 letters, digits, hyphens and underscores',
  mqttDiscoveryPrefix: 'homeassistant: without spaces, wildcards, or slashes at its ends',
  mqttPrefix: 'wakegate or home/wakegate: without spaces, wildcards, or slashes at its ends',
};

function describe(fault: Fault, naming: Naming): string {
  const { path, keyword, expected, key, found } = fault;
  const place = path.length === 0 ? 'the configuration' : [naming(path[0]), ...path.slice(1)].join('.');
  if (keyword === 'additionalProperties') {
    if (path.length === 0) return unknownName('setting', key!, Object.keys(ConfigSchema.properties), naming);
    const known = Object.keys(GROUPS[path[0]].properties);
    return `${place}: ${unknownName('setting', key!, known, (name) => name)}`;
  }
  if (keyword === 'type' && expected === 'object') {
    return `${place} must be a group of settings, but is ${JSON.stringify(found)}`;
  }
  if (keyword === 'pattern') {
    return `${place} must be like ${EXAMPLES[path[0]]}, but is ${JSON.stringify(found)}`;
  }
  const meant = keyword === 'enum' ? nearest(String(found), expected as string[]) : null;
  return `${sentenceOf(fault, place)}${meant === null ? '' : `; did you mean ${meant}?`}`;
}
