export { nearest } from '../nearest.js';
export { type ConfigChanges, changesBetween, LIVE_KEYS } from './changes.js';
export { TOKEN_CREDENTIAL } from './credentials.js';
export { MQTT_PASSWORD_VARIABLE, URL_VARIABLE } from './environment.js';
export { type HookConfig, HookConfigSchema } from './hooks.js';
export { checkHookKeywords, configureKeywords } from './keywords.js';
export { linkWarning } from './links.js';
export { type ConfigSources, loadConfig } from './load.js';
export {
  type Config,
  type ConfigKey,
  ConfigSchema,
  defaultConfig,
  type KeywordConfig,
  KeywordConfigSchema,
} from './schema.js';
export { kebabCase } from './text.js';
