import type { KeywordInfo, Status } from '../../protocol/index.js';
import { VERSION } from '../../version.js';

const ATTRIBUTION = { name: 'wakegate', url: '' };

/**
 * What `describe` is answered: one wake word program, whose models are the keywords that are listened for (`info.py`).
 *
 * Home Assistant shows a model by its description, and newer versions by its phrase.
 */
export function infoOf(model: Status['model'], keywords: readonly KeywordInfo[]): object {
  const languages = languagesOf(model.name);
  const models = keywords
    .filter(({ enabled }) => enabled)
    .map(({ name, label }) => ({
      name,
      attribution: ATTRIBUTION,
      installed: true,
      description: label,
      version: VERSION,
      languages,
      phrase: label === name ? name.replaceAll('_', ' ') : label,
    }));
  const program = {
    name: 'wakegate',
    attribution: ATTRIBUTION,
    installed: true,
    description: `wakegate, with the model pack ${model.name}`,
    version: VERSION,
    models,
  };
  return { asr: [], tts: [], handle: [], intent: [], wake: [program], mic: [], snd: [] };
}

/** By the end of the pack's name, as of `wake-words-en`; a pack says it nowhere else. */
function languagesOf(pack: string): string[] {
  const [, language = 'en'] = pack.match(/-([a-z]{2})$/) ?? [];
  return [language];
}
