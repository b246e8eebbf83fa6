import { WakegateError } from '../errors.js';

/** A head hears 1.28 s of embeddings: longer phrases do not fit. */
const MOST_LETTERS = 40;
/** What espeak-ng says in English; digits are read out. */
const SPEAKABLE = /^[\p{Script=Latin}\p{M}\d' .-]+$/u;
/** And in other languages. */
const LETTERS = /^[\p{L}\p{M}\d' .-]+$/u;
export const ENGLISH = 'en';
/** How people write a phrase down that is called out. */
const MARKS = /[,;:!?"“”„…]+/gu;

/**
 * The words of a phrase that somebody typed, with single spaces, in letters that a voice can say.
 *
 * @param language that it is in
 * @throws WakegateError WG_KEYWORD_INVALID, with what to do
 */
export function phraseText(typed: string, language: string = ENGLISH): string {
  const text = wordsOf(typed);
  if (text === '') refuse('the phrase is empty: give the words that are to be heard, such as "hey kitchen"');
  if ([...text].length > MOST_LETTERS) {
    refuse(
      `"${text.slice(0, 20)}..." has ${[...text].length} letters, and ${MOST_LETTERS} are the most: a keyword has to be said ` +
        'within a second and a half',
    );
  }
  const speakable = language === ENGLISH ? SPEAKABLE : LETTERS;
  if (!speakable.test(text)) {
    const letter = [...text].find((one) => !speakable.test(one));
    refuse(
      language === ENGLISH
        ? `"${text}" has a letter that no English voice can say (${letter}): write it in Latin letters, as an English speaker ` +
            'would read it, or say which language it is in'
        : `"${text}" has a letter that no voice can say (${letter}): leave it out`,
    );
  }
  if (!/[\p{L}\d]/u.test(text)) {
    refuse(`"${text}" has no letter that a voice can say: give the words that are to be heard`);
  }
  return text;
}

/** Whether two phrases are the same words. */
export function isSamePhrase(one: string, other: string): boolean {
  return wordsOf(one).toLowerCase() === wordsOf(other).toLowerCase();
}

function wordsOf(typed: string): string {
  return typed.normalize('NFC').replaceAll('’', "'").replace(MARKS, ' ').trim().replace(/\s+/g, ' ');
}

function refuse(sentence: string): never {
  throw new WakegateError('WG_KEYWORD_INVALID', sentence);
}
