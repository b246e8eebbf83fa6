import { isDeepStrictEqual } from 'node:util';
import { CONFIG_KEYS, type Config, type ConfigKey } from './schema.js';

/** Settings that take effect while the daemon runs. */
export const LIVE_KEYS: readonly ConfigKey[] = [
  'keywords',
  'idleSeconds',
  'logLevel',
  'gainDb',
  'highPassHz',
];

export interface ConfigChanges {
  /** What can be changed while the daemon runs. */
  readonly live: readonly ConfigKey[];
  /** What needs a restart. */
  readonly atRestart: readonly ConfigKey[];
}

/** The settings that differ in `after`. */
export function changesBetween(before: Config, after: Config): ConfigChanges {
  const changed = CONFIG_KEYS.filter((key) => !isDeepStrictEqual(before[key], after[key]));
  return {
    live: changed.filter((key) => LIVE_KEYS.includes(key)),
    atRestart: changed.filter((key) => !LIVE_KEYS.includes(key)),
  };
}
