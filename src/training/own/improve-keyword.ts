import { checkFits, ENGLISH, type OwnKeyword } from '../../model/index.js';
import { type MadeKeyword, type MakeKeyword, makeKeyword } from './make-keyword.js';
import { readPhrase } from './phrase.js';
import { scoresIn } from './score-clips.js';
import { problemOf, type Take } from './takes.js';

/** A capture ends a second after the word. */
const AFTER_SAMPLES = 14_000;
const WORD_SAMPLES = 28_000;
/** That the bank may set off more often than before: a difference of two is chance. */
const MORE_IN_BANK = 2;

export interface ImproveKeyword extends Omit<MakeKeyword, 'name' | 'phrase' | 'mistakes' | 'anyway'> {
  readonly old: OwnKeyword;
  /** Captures in which it was said. */
  readonly right: readonly Int16Array[];
  /** Captures in which it was not. */
  readonly wrong: readonly Int16Array[];
}

/** How often each version is mistaken about the captures. */
interface Mistakes {
  readonly missed: number;
  readonly wrong: number;
}

export interface ImprovedKeyword {
  readonly made: MadeKeyword;
  readonly before: Mistakes;
  readonly now: Mistakes;
  /** Whether it gets more captures right, and is not set off more often by the bank. */
  readonly isBetter: boolean;
}

/**
 * Makes a keyword again with labelled captures, and compares it with the one before.
 *
 * @throws as {@link makeKeyword} does
 */
export async function improveKeyword(settings: ImproveKeyword): Promise<ImprovedKeyword> {
  const { old, right, wrong, takes = [], ...others } = settings;
  checkFits(old, settings.pack);
  const made = await makeKeyword({
    ...others,
    name: old.name,
    phrase: await readPhrase(old.phrase, phraseOf(old).language),
    takes: [...takes, ...wordsIn(right)],
    mistakes: wrong,
    anyway: true,
  });
  const mistakesOf = async (keyword: OwnKeyword): Promise<Mistakes> => {
    const scores = await scoresIn(settings.pack, keyword, [...right, ...wrong]);
    return {
      missed: scores.slice(0, right.length).filter((score) => score < keyword.threshold).length,
      wrong: scores.slice(right.length).filter((score) => score >= keyword.threshold).length,
    };
  };
  const [before, now] = [await mistakesOf(old), await mistakesOf(made.keyword)];
  const bankBefore = (old.forecast as { falseAccepts?: { count: number } }).falseAccepts?.count ?? 0;
  const isBetter =
    now.missed + now.wrong < before.missed + before.wrong &&
    made.forecast.falseAccepts.count <= bankBefore + MORE_IN_BANK;
  return { made, before, now, isBetter };
}

/** What a keyword was made of. */
export function phraseOf({ phrase, made }: OwnKeyword): { readonly text: string; readonly language: string } {
  return { text: phrase, language: typeof made.language === 'string' ? made.language : ENGLISH };
}

/** What came of it, in sentences. */
export function comparisonOf(
  { before, now, isBetter }: ImprovedKeyword,
  { right, wrong }: Pick<ImproveKeyword, 'right' | 'wrong'>,
): string[] {
  return [
    `right ones missed: ${before.missed} before, ${now.missed} now, of ${right.length}`,
    `wrong ones heard: ${before.wrong} before, ${now.wrong} now, of ${wrong.length}`,
    ...(isBetter ? [] : ['That is not better, so the old one stays.']),
  ];
}

/** The words of captures, which are heard two seconds before their ends at most. */
function wordsIn(captures: readonly Int16Array[]): Take[] {
  return captures
    .map((samples, i) => {
      const end = Math.max(1, samples.length - AFTER_SAMPLES);
      return { name: `capture ${i + 1}`, samples: samples.slice(Math.max(0, end - WORD_SAMPLES), end) };
    })
    .filter(({ samples }) => problemOf(samples) === null);
}
