import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SAMPLE_RATE, writeWav } from '../../audio/index.js';
import { WakegateError } from '../../errors.js';
import { readText } from '../../read-text.js';
import type { OnProgress } from '../progress.js';
import { Random } from '../random.js';
import { openKokoroVoices } from '../voices/kokoro-voices.js';
import { PROGRAM_VOICES } from '../voices/program-voices.js';
import { LEAST } from './check-recordings.js';
import { parseCsv } from './csv.js';
import { COLUMNS, type Recording, readManifest } from './manifest.js';
import { keyOf, type Spoken, speakAll } from './synthesize.js';

export interface SpeakSettings {
  /** Keywords as labels; underscores are spoken as spaces. */
  readonly keywords: readonly string[];
  /** Clips of each keyword for train. Dev gets a quarter as many, by other voices. */
  readonly clips: number;
  readonly seed: number;
  /** Who speaks: flite, festival and espeak-ng, or Kokoro. */
  readonly by: Speakers;
  /** Folder of the manifest. */
  readonly data: string;
  readonly onProgress?: OnProgress;
}

export type Speakers = 'programs' | 'kokoro';

type Row = Omit<Recording, 'file'>;

/** What the corpus of each is called in the manifest. */
const CORPORA: Readonly<Record<Speakers, string>> = { programs: 'synthesized', kokoro: 'kokoro' };
/** Keywords go into CSV and file names unquoted. */
const PLAIN = /^[\p{L}\p{N}_' -]+$/u;

/**
 * Synthesizes keywords that there are no recordings of, and adds the clips to a manifest: all of them or, where something fails,
 * none. Dev has other voices than train. Interrupted, it continues when it is called again with the same settings.
 *
 * @returns how many clips were added to each split
 * @throws WakegateError WG_USAGE for keywords that cannot be labels, and for too few clips; WG_DATA_INVALID where the manifest
 *   cannot be read or has synthesized clips of a keyword already; WG_PROGRAM_MISSING where a synthesizer is not installed
 */
export async function addSpoken({ keywords, clips, seed, by, data, onProgress }: SpeakSettings) {
  const corpus = CORPORA[by];
  const manifest = join(data, 'manifest.csv');
  const heldOut = Math.ceil(clips / 4);
  if (clips < LEAST.train || heldOut < LEAST.dev) {
    throw new WakegateError(
      'WG_USAGE',
      `--clips ${clips}: training needs ${LEAST.train} clips of a keyword or more`,
    );
  }
  for (const keyword of keywords) {
    if (PLAIN.test(keyword)) continue;
    throw new WakegateError(
      'WG_USAGE',
      `keyword "${keyword}": use letters, digits, spaces and _ only, since it is also the name of a folder`,
    );
  }
  for (const row of await readManifest(manifest)) {
    if (row.corpus !== corpus || !keywords.includes(row.label)) continue;
    throw new WakegateError(
      'WG_DATA_INVALID',
      `${manifest} has ${corpus} clips of ${row.label} already: remove their lines to make new ones`,
    );
  }

  const phrases = keywords.map((keyword) => ({ text: keyword.replaceAll('_', ' '), label: keyword }));
  const random = new Random(seed);
  const voices = by === 'kokoro' ? await openKokoroVoices() : PROGRAM_VOICES;
  const speaking = join(data, corpus, `speaking-${keyOf([keywords, clips, seed])}`);
  const spoken = {
    train: await speakAll(phrases, clips, random, voices.draw, join(speaking, 'train'), onProgress),
    dev: await speakAll(phrases, heldOut, random, voices.drawHeldOut, join(speaking, 'dev'), onProgress),
  };
  const rows: Row[] = [];
  const folders = keywords.map((keyword) => join(data, corpus, keyword));
  try {
    for (const folder of folders) await mkdir(folder, { recursive: true });
    for (const split of ['train', 'dev'] as const) {
      for (const [i, clip] of spoken[split].entries()) rows.push(await keep(clip, split, i, corpus, data));
    }
    await append(rows, manifest);
  } catch (error) {
    for (const folder of folders) await rm(folder, { recursive: true, force: true });
    throw error;
  }
  await rm(speaking, { recursive: true, force: true });
  return { train: spoken.train.length, dev: spoken.dev.length };
}

async function keep(
  { label, voice, samples }: Spoken,
  split: Row['split'],
  index: number,
  corpus: string,
  data: string,
): Promise<Row> {
  const path = [corpus, label, `${split}-${String(index).padStart(4, '0')}.wav`].join('/');
  await writeFile(join(data, path), writeWav(samples, SAMPLE_RATE));
  return { path, split, kind: 'word', label, corpus, speaker: voice };
}

/** Adds lines at the end of the manifest, in its order of columns. Its other columns stay empty. */
async function append(rows: readonly Row[], manifest: string): Promise<void> {
  const text = await readText(manifest);
  const [header] = parseCsv(text);
  const isKnown = (column: string): column is keyof Row => (COLUMNS as readonly string[]).includes(column);
  const lines = rows.map((row) => header.map((column) => (isKnown(column) ? row[column] : '')).join(','));
  const end = text.endsWith('\n') ? '' : '\n';
  await writeFile(`${manifest}.part`, `${text}${end}${lines.join('\n')}\n`);
  await rename(`${manifest}.part`, manifest);
}
