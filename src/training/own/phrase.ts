import { WakegateError } from '../../errors.js';
import { phonemesOf } from '../voices/phonemes.js';
import { soundsIn, syllablesIn } from './near-sounds.js';

/** A phrase that can be a keyword, and how it is pronounced. */
export interface Phrase {
  /** As it was typed, with single spaces. */
  readonly text: string;
  /** In the letters of Kokoro, by American and British voices. */
  readonly american: string;
  readonly british: string;
  readonly syllables: number;
}

/** A head hears 1.28 s of embeddings: longer phrases do not fit. */
const MOST_LETTERS = 40;
const MOST_SYLLABLES = 7;
const LEAST_SOUNDS = 3;
/** What espeak-ng says in English; digits are read out. */
const SPEAKABLE = /^[\p{Script=Latin}\d' .-]+$/u;

/**
 * Checks a phrase before anything is spoken.
 *
 * @throws WakegateError WG_KEYWORD_INVALID, with what to do; WG_PROGRAM_MISSING without espeak-ng
 */
export async function readPhrase(typed: string): Promise<Phrase> {
  const text = typed.trim().replace(/\s+/g, ' ');
  if (text === '') refuse('the phrase is empty: give the words that are to be heard, such as "hey kitchen"');
  if ([...text].length > MOST_LETTERS) {
    refuse(
      `"${text.slice(0, 20)}..." has ${[...text].length} letters, and ${MOST_LETTERS} are the most: a keyword has to be said ` +
        'within a second and a half',
    );
  }
  if (!SPEAKABLE.test(text)) {
    const letter = [...text].find((one) => !SPEAKABLE.test(one));
    refuse(
      `"${text}" has a letter that no voice here can say (${letter}): write it in Latin letters, as an English speaker would read it`,
    );
  }
  const american = await sounds(text, 'en-us');
  const british = await sounds(text, 'en-gb');
  const syllables = syllablesIn(american);
  if (soundsIn(american) < LEAST_SOUNDS || syllables === 0) {
    refuse(
      `"${text}" is too short: it has ${soundsIn(american)} sounds, and ${LEAST_SOUNDS} are the least; two words are best`,
    );
  }
  if (syllables > MOST_SYLLABLES) {
    refuse(`"${text}" has ${syllables} syllables, and ${MOST_SYLLABLES} are the most: leave words out`);
  }
  return { text, american, british, syllables };
}

async function sounds(text: string, accent: 'en-us' | 'en-gb'): Promise<string> {
  try {
    return await phonemesOf(text, accent);
  } catch (error) {
    if (error instanceof WakegateError && error.code === 'WG_DATA_INVALID') refuse(error.message);
    throw error;
  }
}

function refuse(sentence: string): never {
  throw new WakegateError('WG_KEYWORD_INVALID', sentence);
}
