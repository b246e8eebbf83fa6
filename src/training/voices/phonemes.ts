import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { WakegateError } from '../../errors.js';

const run = promisify(execFile);

/** The accents of English that Kokoro's voices were trained on. */
export type Accent = 'en-us' | 'en-gb';

/** A language as espeak-ng names it, such as `de` or `fr-fr`. */
export type Language = string;

/** Where espeak-ng reads a part in another language, such as `(en)`. */
const SWITCHES = /\([a-z-]+\)/g;

/** Between the two letters of one sound, which espeak-ng writes so. */
const TIE = '^';

/** What espeak-ng writes, and the letters that Kokoro was trained on (Misaki's, Apache-2.0), in this order. */
const LETTERS: readonly (readonly [string, string])[] = [
  ['a^ɪ', 'I'],
  ['a^ʊ', 'W'],
  ['e^ɪ', 'A'],
  ['ɔ^ɪ', 'Y'],
  ['o^ʊ', 'O'],
  ['ə^ʊ', 'Q'],
  ['t^ʃ', 'ʧ'],
  ['d^ʒ', 'ʤ'],
  ['ə^l', 'ᵊl'],
  ['ɚ', 'əɹ'],
  ['ɐ', 'ə'],
  ['r', 'ɹ'],
  ['x', 'k'],
  ['ɬ', 'l'],
];
/** In other languages; the sounds themselves are in the letters of Kokoro, which speaks some of these languages. */
const FOREIGN: readonly (readonly [string, string])[] = [
  ['t^ʃ', 'ʧ'],
  ['d^ʒ', 'ʤ'],
  ['t^s', 'ʦ'],
  ['d^z', 'ʣ'],
  ['t^ɕ', 'ʨ'],
  ['g', 'ɡ'],
];
/** American English has no long vowels in those letters, and British English has. */
const AMERICAN: readonly (readonly [string, string])[] = [
  ['ɜːɹ', 'ɜɹ'],
  ['ɜː', 'ɜɹ'],
  ['ɪə', 'iə'],
  ['ː', ''],
];

/**
 * How `text` is pronounced, in the letters of Kokoro.
 *
 * @param accent of English, or another language
 * @throws WakegateError WG_PROGRAM_MISSING without espeak-ng; WG_DATA_INVALID for text that has no sound, and for a language that
 *   espeak-ng does not speak
 */
export async function phonemesOf(text: string, accent: Accent | Language): Promise<string> {
  let said: string;
  try {
    // Text that begins with a hyphen would be an option.
    const args = ['-q', '--ipa', `--tie=${TIE}`, '-v', accent, '--', text];
    said = (await run('espeak-ng', args)).stdout;
  } catch (cause) {
    const { code, stderr } = cause as NodeJS.ErrnoException & { readonly stderr?: string };
    if (/voice does not exist/.test(stderr ?? '')) {
      throw new WakegateError(
        'WG_DATA_INVALID',
        `espeak-ng speaks no language ${JSON.stringify(accent)}: \`espeak-ng --voices\` lists those that it speaks`,
        { cause },
      );
    }
    if (code !== 'ENOENT') throw cause;
    throw new WakegateError(
      'WG_PROGRAM_MISSING',
      'espeak-ng is not installed, which says how words are pronounced: apt-get install espeak-ng',
      { cause },
    );
  }
  const phonemes = kokoroLetters(said.trim().replace(/\s+/g, ' '), accent);
  if (phonemes === '') {
    throw new WakegateError('WG_DATA_INVALID', `"${text}" has no sound: give words as they are spoken`);
  }
  return phonemes;
}

/** IPA as espeak-ng writes it with ties, in the letters of Kokoro. */
export function kokoroLetters(ipa: string, accent: Accent | Language): string {
  const isEnglish = accent === 'en-us' || accent === 'en-gb';
  let text = ipa;
  for (const [from, to] of isEnglish ? LETTERS : FOREIGN) text = text.replaceAll(from, to);
  text = text.replaceAll(TIE, '').replace(SWITCHES, '');
  if (accent === 'en-us') for (const [from, to] of AMERICAN) text = text.replaceAll(from, to);
  return text;
}
