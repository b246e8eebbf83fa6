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
  for (const { data, cache } of sets) {
    const clips = await readCorpus(split, cache, { data });
    for (const [i, clip] of clips.entries()) {
      const kept =
        clip.kind === 'noise' || clip.kind === 'music' || (clip.kind === 'speech' && i % BABBLE_EVERY === 0);
      if (kept) background.push({ ...clip, samples: clip.samples.slice() });
    }
  }
  return background;
}
