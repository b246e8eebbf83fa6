import { WakegateError } from '../../errors.js';
import { ENGLISH, phraseText } from '../../model/index.js';
import { phonemesOf } from '../voices/phonemes.js';
import { inEnglishSounds, soundsIn, syllablesIn } from './near-sounds.js';

/** `short` has one syllable: such words are within others, and voices say less of how people say them. */
export type Length = 'short' | 'long';

/** A phrase that can be a keyword, and how it is pronounced. */
export interface Phrase {
  /** As it was typed, with single spaces. */
  readonly text: string;
  /** As espeak-ng names it. */
  readonly language: string;
  /** In the letters of Kokoro, by American and British voices; in another language both are the same. */
  readonly american: string;
  readonly british: string;
  readonly syllables: number;
}

const MOST_SYLLABLES = 7;
const LEAST_SOUNDS = 3;

/**
 * Checks a phrase before anything is spoken.
 *
 * @param language as espeak-ng names it
 * @throws WakegateError WG_KEYWORD_INVALID, with what to do; WG_PROGRAM_MISSING without espeak-ng
 */
export async function readPhrase(typed: string, language: string = ENGLISH): Promise<Phrase> {
  const text = phraseText(typed, language);
  const american = await sounds(text, language === ENGLISH ? 'en-us' : language);
  const british = language === ENGLISH ? await sounds(text, 'en-gb') : american;
  const plain = language === ENGLISH ? american : inEnglishSounds(american);
  const syllables = syllablesIn(plain);
  const count = soundsIn(plain);
  if (count < LEAST_SOUNDS || syllables === 0) {
    refuse(
      `"${text}" is too short: it has ${count} ${count === 1 ? 'sound' : 'sounds'}, and ${LEAST_SOUNDS} are the least; two words are best`,
    );
  }
  if (syllables > MOST_SYLLABLES) {
    refuse(`"${text}" has ${syllables} syllables, and ${MOST_SYLLABLES} are the most: leave words out`);
  }
  return { text, language, american, british, syllables };
}

export function lengthOf({ syllables }: Pick<Phrase, 'syllables'>): Length {
  return syllables === 1 ? 'short' : 'long';
}

async function sounds(text: string, accent: string): Promise<string> {
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
