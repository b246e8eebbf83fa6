import { WakegateError } from '../errors.js';
import type { KeywordFolder } from './keyword-folder.js';
import { keywordNameOf } from './own-keyword.js';
import type { OwnKeyword } from './own-keyword-types.js';
import { isSamePhrase } from './phrase-text.js';

export interface WantedName {
  /** As {@link phraseText} gives it. */
  readonly phrase: string;
  /** By default made of the phrase. */
  readonly name?: string | undefined;
  /** The pack that it is for, with the names that are taken there. */
  readonly pack: { readonly name: string; readonly taken: readonly string[] };
  readonly own: KeywordFolder;
  /** How a name is given: ` with --name`. */
  readonly how?: string;
}

/**
 * The name of a keyword that is about to be made, and the one of before that it replaces: one of the same phrase.
 *
 * @throws WakegateError WG_KEYWORD_INVALID where there is no such name, or where it is taken
 */
export async function freeName({
  phrase,
  name: wanted,
  pack,
  own,
  how = '',
}: WantedName): Promise<{ readonly name: string; readonly old: OwnKeyword | null }> {
  const name = wanted ?? keywordNameOf(phrase);
  const other = `choose another name${how}`;
  if (name === '') {
    refuse(`no name can be made of "${phrase}", since it has no letter from a to z: give it a name${how}`);
  }
  if (!/^[a-z0-9][a-z0-9_-]{0,63}$/.test(name)) {
    refuse(`${JSON.stringify(name)} is no name: use lower case letters, digits, _ and -, as in hey_kitchen`);
  }
  if (pack.taken.includes(name)) refuse(`there is a keyword ${name} in ${pack.name} already: ${other}`);
  const old = await own.get(name).catch(() => null);
  if (old && !isSamePhrase(old.phrase, phrase)) {
    refuse(
      `there is a keyword ${name} of your own already, which is "${old.phrase}": ${other}, or remove that one`,
    );
  }
  return { name, old };
}

function refuse(sentence: string): never {
  throw new WakegateError('WG_KEYWORD_INVALID', sentence);
}
