import { checkConfig, type PartialConfig } from './check.js';
import { readCredentials } from './credentials.js';
import { CONFIG_FILE_VARIABLE, readEnvironment } from './environment.js';
import { readConfigFile } from './file.js';
import { type Config, defaultConfig } from './schema.js';
import { fromText, kebabCase } from './text.js';

export interface ConfigSources {
  /** Path of a JSON or YAML file; by default the one that WAKEGATE_CONFIG names. */
  readonly file?: string | undefined;
  /** Texts of the flags that were given, by key of the schema. */
  readonly flags?: Readonly<Record<string, string>>;
  /** `process.env` by default. */
  readonly environment?: NodeJS.ProcessEnv;
}

/**
 * The settings: defaults, overridden by the file, by systemd's credentials, by the environment, by flags. Settings of keywords are
 * overridden one by one, everything else as a whole.
 *
 * @throws WakegateError WG_CONFIG_INVALID
 *
 * @example
 * const config = await loadConfig({ file: 'kitchen.yaml', flags: { port: '9000' } });
 */
export async function loadConfig(sources: ConfigSources = {}): Promise<Config> {
  const { flags = {}, environment = process.env } = sources;
  const file = sources.file ?? (environment[CONFIG_FILE_VARIABLE] || undefined);
  const layers: PartialConfig[] = [
    file === undefined ? {} : await readConfigFile(file),
    readCredentials(environment),
    readEnvironment(environment),
    checkConfig(fromText(flags), 'the command line', (key) => `--${kebabCase(key)}`),
  ];
  return layers.reduce<Config>(override, defaultConfig());
}

function override(config: Config, layer: PartialConfig): Config {
  const keywords = { ...config.keywords };
  for (const [name, settings] of Object.entries(layer.keywords ?? {})) {
    keywords[name] = { ...keywords[name], ...settings };
  }
  return { ...config, ...(layer as Partial<Config>), keywords };
}
