import { basename } from 'node:path';
import { readAudioFile, SAMPLE_RATE } from '../../audio/index.js';
import { WakegateError } from '../../errors.js';
import { activeRms } from '../corpus/scenes.js';
import { wordRegion } from '../corpus/word-region.js';

/** One recording of the phrase. */
export interface Take {
  /** For messages. */
  readonly name: string;
  readonly samples: Int16Array;
}

const LEAST_SECONDS = 0.25;
const MOST_SECONDS = 2;
const MOST_FILE_SECONDS = 15;
/** Samples at the ends of the range, of those of the word. */
const MOST_CLIPPED = 0.01;
/** A word at -55 dB below full scale is hardly there. */
const LEAST_RMS = 32_768 * 10 ** (-55 / 20);
/** How many times as long as the middle one a take may be. */
const LENGTH_RATIO = 1.8;
/** Of a take of another word: it is less like the others than this, and than so many times what is usual among them. */
const UNLIKE = 0.16;
const UNLIKE_RATIO = 1.2;
/** And a keyword that was made from text alone gives it less than this. */
const UNKNOWN = 0.1;

/**
 * Reads takes and refuses those that cannot be used, all of them at once.
 *
 * @throws WakegateError WG_KEYWORD_INVALID; WG_AUDIO_* for files that cannot be decoded
 */
export async function readTakes(files: readonly string[]): Promise<Take[]> {
  const takes: Take[] = [];
  for (const file of files) takes.push({ name: basename(file), samples: await readAudioFile(file) });
  return usableTakes(takes);
}

/** @throws as {@link readTakes} does */
export function usableTakes(takes: readonly Take[]): Take[] {
  const problems: string[] = [];
  const lengths: number[] = [];
  for (const { name, samples } of takes) {
    const problem = problemOf(samples);
    if (problem) problems.push(`${name} ${problem}`);
    const { start, end } = wordRegion(samples);
    lengths.push((end - start) / SAMPLE_RATE);
  }
  const middle = [...lengths].sort((a, b) => a - b)[lengths.length >> 1];
  if (problems.length === 0 && takes.length > 2) {
    for (const [i, length] of lengths.entries()) {
      if (length < middle * LENGTH_RATIO && length > middle / LENGTH_RATIO) continue;
      problems.push(
        `${takes[i].name} is of another length than the others (${length.toFixed(1)} s, they have ${middle.toFixed(1)} s)`,
      );
    }
  }
  if (problems.length === 0) return [...takes];
  throw new WakegateError('WG_KEYWORD_INVALID', `${problems.join('; ')}: record again, or leave out`);
}

/** What is wrong with one take; null where nothing is. */
export function problemOf(samples: Int16Array): string | null {
  const seconds = samples.length / SAMPLE_RATE;
  if (seconds > MOST_FILE_SECONDS)
    return `is ${Math.round(seconds)} s long, and holds one word of ${MOST_SECONDS} s at most`;
  if (activeRms(samples) < LEAST_RMS) return 'is silent';
  const { start, end } = wordRegion(samples);
  const word = samples.subarray(start, end);
  const clipped = word.reduce((count, sample) => count + (sample >= 32_760 || sample <= -32_760 ? 1 : 0), 0);
  if (clipped > MOST_CLIPPED * word.length)
    return 'is clipped: speak farther from the microphone, or turn it down';
  const length = word.length / SAMPLE_RATE;
  if (length < LEAST_SECONDS) return `holds only ${length.toFixed(2)} s of sound`;
  if (length > MOST_SECONDS)
    return `holds ${length.toFixed(1)} s of speech, and ${MOST_SECONDS} s are the most`;
  return null;
}

/**
 * Finds takes of another word. They do not sound like the others, and not like the phrase either: of one alone, there are good takes too, of
 * another person or with an accent.
 *
 * @param unlike how unlike the others each is
 * @param scoresOf scores of the takes, by a keyword that was made from text alone; called only where one is unlike the others
 * @throws WakegateError WG_KEYWORD_INVALID, which names them
 */
export function checkTakes(
  takes: readonly Take[],
  unlike: readonly number[],
  scoresOf: () => readonly number[],
): void {
  const usual = [...unlike].sort((a, b) => a - b)[unlike.length >> 1];
  const least = Math.max(UNLIKE, UNLIKE_RATIO * usual);
  if (!unlike.some((one) => one > least)) return;
  const scores = scoresOf();
  const foreign = takes.filter((_, i) => unlike[i] > least && scores[i] < UNKNOWN);
  if (foreign.length === 0) return;
  const names = foreign.map(({ name }) => name).join(', ');
  throw new WakegateError(
    'WG_KEYWORD_INVALID',
    `${names} ${foreign.length === 1 ? 'does' : 'do'} not sound like the other takes: record again, or leave out`,
  );
}
