import { CONFIG_KEYS, type ConfigKey, ConfigSchema } from './schema.js';

/**
 * Settings that come as text, from flags and the environment, as what the schema expects of them. Text that
 * is nothing of the kind stays text, so that the check can say what was found.
 */
export function fromText(texts: Readonly<Record<string, string>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(texts).map(([key, text]) => [key, parse(key, text)]));
}

function parse(key: string, text: string): unknown {
  if (!isConfigKey(key)) return text;
  const type: string = ConfigSchema.properties[key].type;
  if (type === 'string') return text;
  if (type === 'array') return text.split(',').map((item) => item.trim());
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function isConfigKey(key: string): key is ConfigKey {
  return (CONFIG_KEYS as readonly string[]).includes(key);
}

/** `logLevel` -> `log-level`, the name of its flag without the hyphens in front. */
export function kebabCase(key: string): string {
  return key.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
