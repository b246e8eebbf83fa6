import { stringify } from 'yaml';
import { CONFIG_KEYS, type Config, type ConfigKey, ConfigSchema } from './schema.js';
import { kebabCase } from './text.js';

const WIDTH = 96;

/**
 * A configuration as YAML that says what each setting is for, in the schema's words, with its flag and its variable. It
 * reads back as the same configuration.
 */
export function describeConfig(config: Config): string {
  return CONFIG_KEYS.map((key) => `${comment(key)}\n${setting(key, config[key])}`).join('\n');
}

function comment(key: ConfigKey): string {
  const { description, enum: choices } = ConfigSchema.properties[key];
  const flag = kebabCase(key);
  const variable = `WAKEGATE_${flag.replaceAll('-', '_').toUpperCase()}`;
  const names = isGroup(key) ? variable : `--${flag}, ${variable}`;
  const choice = choices ? ` One of ${choices.join(', ')}.` : '';
  return wrap(`${description}${choice} (${names})`)
    .map((line) => `# ${line}`)
    .join('\n');
}

/** Settings below names, which no flag is for. */
function isGroup(key: ConfigKey): boolean {
  return ConfigSchema.properties[key].type === 'object';
}

/** A setting without a value stands there commented out, to be filled in. */
function setting(key: ConfigKey, value: unknown): string {
  return value === undefined ? `# ${key}:\n` : stringify({ [key]: value });
}

function wrap(text: string): string[] {
  const lines = [''];
  for (const word of text.split(' ')) {
    const last = lines.length - 1;
    if (lines[last] === '') lines[last] = word;
    else if (lines[last].length + 1 + word.length <= WIDTH) lines[last] += ` ${word}`;
    else lines.push(word);
  }
  return lines;
}
