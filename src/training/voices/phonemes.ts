import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { WakegateError } from '../../errors.js';

const run = promisify(execFile);

/** The accents of English that Kokoro's voices were trained on. */
export type Accent = 'en-us' | 'en-gb';

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
 * @throws WakegateError WG_PROGRAM_MISSING without espeak-ng; WG_DATA_INVALID for text that has no sound
 */
export async function phonemesOf(text: string, accent: Accent): Promise<string> {
  let said: string;
  try {
    // Text that begins with a hyphen would be an option.
    const args = ['-q', '--ipa', `--tie=${TIE}`, '-v', accent, '--', text];
    said = (await run('espeak-ng', args)).stdout;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ENOENT') throw cause;
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
export function kokoroLetters(ipa: string, accent: Accent): string {
  let text = ipa;
  for (const [from, to] of LETTERS) text = text.replaceAll(from, to);
  text = text.replaceAll(TIE, '');
  if (accent === 'en-us') for (const [from, to] of AMERICAN) text = text.replaceAll(from, to);
  return text;
}
