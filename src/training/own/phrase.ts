import { WakegateError } from '../../errors.js';
import { phraseText } from '../../model/index.js';
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

const MOST_SYLLABLES = 7;
const LEAST_SOUNDS = 3;

/**
 * Checks a phrase before anything is spoken.
 *
 * @throws WakegateError WG_KEYWORD_INVALID, with what to do; WG_PROGRAM_MISSING without espeak-ng
 */
export async function readPhrase(typed: string): Promise<Phrase> {
  const text = phraseText(typed);
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
