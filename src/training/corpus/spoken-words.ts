import type { OnProgress } from '../progress.js';
import type { Clip } from './corpus.js';
import { NEAR_WORDS } from './near-words.js';
import { synthesize } from './synthesize.js';

/** Synthesized clips of each keyword, and of each word that sounds like one; 0 for none. */
export interface SpokenCounts {
  /** By flite, festival and espeak-ng. */
  readonly keyword: number;
  readonly near: number;
  /** By Kokoro. */
  readonly kokoro?: { readonly keyword: number; readonly near: number };
}

/** Near words get so many times fewer clips by Kokoro than keywords: there are some eighteen to a keyword. */
const NEAR_FEWER = 6;

/** The same, and so many clips of each keyword by Kokoro; undefined adds nothing. */
export function withKokoro(counts: SpokenCounts, keyword: number | undefined): SpokenCounts {
  if (keyword === undefined) return counts;
  return { ...counts, kokoro: { keyword, near: Math.ceil(keyword / NEAR_FEWER) } };
}

/**
 * Clips of keywords, and of the words that sound like one.
 *
 * @throws WakegateError as `synthesize` does
 */
export async function spokenWords(
  keywords: readonly string[],
  { keyword, near, kokoro = { keyword: 0, near: 0 } }: SpokenCounts,
  seed: number,
  cache: string,
  onProgress?: OnProgress,
): Promise<Clip[]> {
  const own = keywords.map((label) => ({ text: label.replaceAll('_', ' '), label }));
  const alike = keywords.flatMap((label) => NEAR_WORDS[label] ?? []).map((text) => ({ text, label: text }));
  return [
    ...(await synthesize(own, { programs: keyword, kokoro: kokoro.keyword }, seed, cache, onProgress)),
    ...(await synthesize(alike, { programs: near, kokoro: kokoro.near }, seed, cache, onProgress)),
  ];
}
