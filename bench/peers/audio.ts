import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readAudioFile } from '../../src/audio/index.js';
import { asBytes } from '../../src/training/array-bytes.js';
import { type Clip, dataDirectory, readCorpus } from '../../src/training/corpus/corpus.js';
import { readManifest } from '../../src/training/corpus/manifest.js';
import { wordRegion } from '../../src/training/corpus/word-region.js';
import { atSnr } from '../../src/training/feed/add-noise.js';
import { Random } from '../../src/training/random.js';
import { quietRoom } from '../measure.js';
import type { NegativeStream } from './negatives.js';
import type { Recordings } from './protocol.js';

export const CONDITIONS = ['clean', '10 dB', '0 dB'] as const;
export type Condition = (typeof CONDITIONS)[number];

/** Recordings of a word in quiet surroundings, in each condition. */
export interface Positives {
  readonly word: string;
  readonly recordings: Readonly<Record<Condition, Recordings>>;
  /** Sample at which the word ends in each of the clean ones. */
  readonly ends: readonly number[];
}

export interface ComparedAudio {
  readonly positives: readonly Positives[];
  readonly negatives: readonly NegativeStream[];
  /** Of the common word, by other voices, without what is around it. */
  readonly templates: Recordings;
}

/** A quiet room is to be heard so long before and after each word: an engine may need to hear before it can judge, and after. */
const AROUND = 16_000;
const QUICK_CLIPS = 6;

/**
 * The words that all are to hear, as files in `folder`: the dev split, with the noise that `wakegate eval` adds.
 *
 * @param packWords all of wakegate's, since noise is drawn for each in turn
 * @throws WakegateError WG_DATA_INVALID where the recordings are not there
 */
export async function comparedWords(
  folder: string,
  { words, packWords, quick }: { words: readonly string[]; packWords: readonly string[]; quick: boolean },
): Promise<Omit<ComparedAudio, 'negatives'>> {
  const clips = await readCorpus('dev', '.cache');
  const ofPack = clips.filter(({ kind, label }) => kind === 'word' && packWords.includes(label));
  const noises = clips.filter(({ kind }) => kind === 'noise').map(({ samples }) => samples);
  const inCondition: Record<Condition, readonly Clip[]> = {
    clean: ofPack,
    '10 dB': withNoise(ofPack, noises, 10),
    '0 dB': withNoise(ofPack, noises, 0),
  };
  const positives: Positives[] = [];
  for (const word of words) {
    const own = (condition: Condition) =>
      inCondition[condition].filter(({ label }) => label === word).slice(0, quick ? QUICK_CLIPS : undefined);
    const recordings = {} as Record<Condition, Recordings>;
    for (const condition of CONDITIONS) {
      const name = `${word}-${condition.replace(' ', '')}`;
      recordings[condition] = await keep(folder, name, own(condition).map(surrounded));
    }
    positives.push({
      word,
      recordings,
      ends: own('clean').map(({ samples }) => AROUND + wordRegion(samples).end),
    });
  }
  return { positives, templates: await templatesOf(folder, words[0]) };
}

/** Writes recordings into one file. */
export async function keep(folder: string, name: string, clips: readonly Int16Array[]): Promise<Recordings> {
  const path = join(folder, `${name}.raw`);
  await writeFile(path, Buffer.concat(clips.map(asBytes)));
  return { path, lengths: clips.map(({ length }) => length) };
}

function withNoise(clips: readonly Clip[], noises: readonly Int16Array[], snrDb: number): Clip[] {
  // As src/training/evaluation/evaluate.ts seeds it.
  const random = new Random(1000 + snrDb);
  return clips.map((clip) => ({ ...clip, samples: atSnr(clip.samples, noises, snrDb, random) }));
}

function surrounded({ samples }: Clip): Int16Array {
  const around = quietRoom(samples.length + 2 * AROUND);
  around.set(samples, AROUND);
  return around;
}

async function templatesOf(folder: string, word: string): Promise<Recordings> {
  const rows = (await readManifest(join(dataDirectory(), 'manifest.csv'))).filter(
    ({ split, label }) => split === 'train' && label === word,
  );
  const speakers = [...new Set(rows.map(({ speaker }) => speaker))].slice(0, 3);
  const clips: Int16Array[] = [];
  for (const speaker of speakers) {
    const samples = await readAudioFile(rows.find((row) => row.speaker === speaker)!.file);
    const { start, end } = wordRegion(samples);
    clips.push(samples.slice(start, end));
  }
  return keep(folder, 'templates', clips);
}
