import { type Clip, readCorpus } from '../corpus/corpus.js';

/** Recordings with their manifest, and where what was prepared of them is kept. */
export interface RecordingSet {
  readonly data: string;
  readonly cache: string;
}

/** Of the clips of speech, those that are kept for babble. */
const BABBLE_EVERY = 10;

/** What may be heard behind speech: noise, music, and some of the speech. Copied, so that the rest of the recordings is freed. */
export async function readBackground(split: 'train' | 'dev', sets: readonly RecordingSet[]): Promise<Clip[]> {
  const background: Clip[] = [];
  for (const { data, cache } of sets)
    background.push(...backgroundOf(await readCorpus(split, cache, { data })));
  return background;
}

export function backgroundOf(clips: readonly Clip[]): Clip[] {
  return clips
    .filter(
      ({ kind }, i) => kind === 'noise' || kind === 'music' || (kind === 'speech' && i % BABBLE_EVERY === 0),
    )
    .map((clip) => ({ ...clip, samples: clip.samples.slice() }));
}

/**
 * The dev recordings of some corpora. A network that learns from them cannot be measured on them: another does that, which learned
 * from others.
 */
export async function readDevCorpora(
  corpora: readonly string[],
  sets: readonly RecordingSet[],
): Promise<Clip[]> {
  const clips: Clip[] = [];
  for (const { data, cache } of corpora.length === 0 ? [] : sets)
    clips.push(
      ...(await readCorpus('dev', cache, { data })).filter(({ corpus }) => corpora.includes(corpus)),
    );
  return clips;
}
