import { type Command, Option } from 'commander';
import { type ConfigKey, ConfigSchema, kebabCase } from '../config/index.js';

/** Settings of a microphone that is recorded from. */
export const MICROPHONE_KEYS = [
  'recorder',
  'device',
  'rate',
  'channels',
  'channel',
  'gainDb',
  'highPassHz',
] as const satisfies readonly ConfigKey[];

/** What the value of a flag is called in the help, where `value` or `number` says too little. */
const VALUE_NAMES: { readonly [Key in ConfigKey]?: string } = {
  input: 'input',
  model: 'pack',
  host: 'address',
  tokenFile: 'file',
  allowedOrigins: 'urls',
  allowedHosts: 'names',
  mqttUrl: 'url',
  mqttName: 'name',
  mqttRoom: 'name',
  mqttUser: 'name',
  mqttPasswordFile: 'file',
  mqttCa: 'file',
  mqttCertificate: 'file',
  mqttKey: 'file',
  mqttDiscoveryPrefix: 'topic',
  mqttPrefix: 'topic',
  classifier: 'where',
  fleetUrl: 'url',
  fleetPrefix: 'topic',
  fleetGroup: 'name',
  stateDirectory: 'dir',
  device: 'name',
  rate: 'Hz',
  gainDb: 'dB',
  highPassHz: 'Hz',
};

/** Adds `--config` and a flag for each of the settings, described as the schema describes them. */
export function addConfigFlags(command: Command, keys: readonly ConfigKey[]): Command {
  command.option('--config <file>', 'JSON or YAML file with settings (or WAKEGATE_CONFIG)');
  for (const key of keys) command.addOption(flagOf(key));
  return command;
}

/** The texts of the flags that were given. */
export function givenFlags(
  options: Readonly<Record<string, unknown>>,
  keys: readonly ConfigKey[],
): Record<string, string> {
  const given = keys.filter((key) => options[key] !== undefined);
  return Object.fromEntries(given.map((key) => [key, options[key] as string]));
}

function flagOf(key: ConfigKey): Option {
  const { description, default: standard, type, enum: choices } = ConfigSchema.properties[key];
  // The default is only printed: a flag that is not given must leave the setting to the file and the environment.
  const facts = [
    ...(choices ? [`choices: ${choices.join(', ')}`] : []),
    ...(standard === undefined || type === 'array' ? [] : [`default: ${standard}`]),
  ].join('; ');
  const value = VALUE_NAMES[key] ?? (type === 'string' || type === 'array' ? 'value' : 'number');
  const text = description!.replace(/\.$/, '');
  return new Option(`--${kebabCase(key)} <${value}>`, facts ? `${text} (${facts})` : text);
}
