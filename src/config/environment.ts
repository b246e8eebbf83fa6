import { checkConfig, type PartialConfig } from './check.js';
import { linkVariables } from './links.js';
import { fromText, kebabCase } from './text.js';

const PREFIX = 'WAKEGATE_';

/** Names the configuration file; a flag wins over it. */
export const CONFIG_FILE_VARIABLE = `${PREFIX}CONFIG`;

/** Says where a running daemon serves, to the commands that talk to one. */
export const URL_VARIABLE = `${PREFIX}URL`;

/** Holds the password for the MQTT broker, which is no setting: those are printed, and have flags that everyone on the machine sees. */
export const MQTT_PASSWORD_VARIABLE = `${PREFIX}MQTT_PASSWORD`;

/** `off` computes without WebAssembly's SIMD (src/simd), to look for a fault: it is asked for where nothing else is known of settings. */
const SIMD_VARIABLE = `${PREFIX}SIMD`;

/** Where training has its recordings and its voices. */
const TRAINING_VARIABLES = [`${PREFIX}DATA`, `${PREFIX}VOICES`];

/** Variables that are no settings. */
const OTHER_VARIABLES: readonly string[] = [
  CONFIG_FILE_VARIABLE,
  URL_VARIABLE,
  MQTT_PASSWORD_VARIABLE,
  SIMD_VARIABLE,
  ...TRAINING_VARIABLES,
];

/**
 * Settings from variables such as WAKEGATE_LOG_LEVEL; WAKEGATE_KEYWORDS is JSON. Empty ones count as not
 * set: that is how a service file unsets them. Those that Kubernetes and docker set for services are no settings.
 *
 * @throws WakegateError WG_CONFIG_INVALID
 */
export function readEnvironment(environment: NodeJS.ProcessEnv): PartialConfig {
  const texts: Record<string, string> = {};
  const others = [...OTHER_VARIABLES, ...linkVariables(environment)];
  for (const [name, text] of Object.entries(environment)) {
    if (name.startsWith(PREFIX) && !others.includes(name) && text) texts[keyOf(name)] = text;
  }
  return checkConfig(fromText(texts), 'the environment', variableOf);
}

/** WAKEGATE_LOG_LEVEL -> logLevel */
function keyOf(variable: string): string {
  return variable
    .slice(PREFIX.length)
    .toLowerCase()
    .replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

function variableOf(key: string): string {
  return PREFIX + kebabCase(key).replaceAll('-', '_').toUpperCase();
}
