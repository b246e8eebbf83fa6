import { WakegateError } from '../errors.js';
import { unknownName } from './check.js';
import type { HookConfig } from './hooks.js';
import type { KeywordConfig } from './schema.js';

/**
 * Refuses hooks for keywords that the model pack does not have: they would never run.
 *
 * @throws WakegateError WG_CONFIG_INVALID
 */
export function checkHookKeywords(
  keywords: readonly { readonly name: string }[],
  hooks: Readonly<Record<string, HookConfig>>,
): void {
  const known = keywords.map(({ name }) => name);
  for (const [hook, { keywords: wanted = [] }] of Object.entries(hooks)) {
    const missing = wanted.find((name) => !known.includes(name));
    if (missing === undefined) continue;
    const problem = unknownName('keyword', missing, known, (keyword) => keyword);
    throw new WakegateError('WG_CONFIG_INVALID', `hooks.${hook}.keywords: ${problem} (in this model pack)`);
  }
}

/**
 * A model pack's keywords, with the configured settings in place of its own.
 *
 * @throws WakegateError WG_CONFIG_INVALID for settings of a keyword that the pack does not have
 */
export function configureKeywords<Keyword extends { readonly name: string }>(
  keywords: readonly Keyword[],
  settings: Readonly<Record<string, KeywordConfig>>,
): Keyword[] {
  const known = keywords.map(({ name }) => name);
  for (const name of Object.keys(settings)) {
    if (known.includes(name)) continue;
    const problem = unknownName('keyword', name, known, (keyword) => keyword);
    throw new WakegateError('WG_CONFIG_INVALID', `keywords: ${problem} (in this model pack)`);
  }
  return keywords.map((keyword) => ({ ...keyword, ...settings[keyword.name] }));
}
