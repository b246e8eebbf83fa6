import { createHash } from 'node:crypto';
import { dirname, relative } from 'node:path';
import { WakegateError } from '../../errors.js';
import { readText } from '../../read-text.js';
import { parseCsv } from '../corpus/csv.js';
import { type Recording, readManifest } from '../corpus/manifest.js';

/** What goes into a bank. */
export interface BankChoice {
  readonly manifests: readonly string[];
  /** Corpora of single words of which this share is taken; of others no word is. */
  readonly words: Readonly<Record<string, number>>;
  /** Share of what is dev: the rest stays unheard, for measuring. */
  readonly devShare: number;
  /** CSV with the columns corpus, source_path and text: what is said in recordings, where it is known. */
  readonly texts?: string;
}

export interface Chosen {
  readonly recording: Recording;
  readonly licence: string;
  /** What is said; null where that is not known. */
  readonly text: string | null;
}

/**
 * The recordings of a bank, part by part, in the order in which the parts are met.
 *
 * @throws WakegateError WG_DATA_INVALID where there are none
 */
export async function chosenRecordings({ manifests, words, devShare, texts }: BankChoice): Promise<Chosen[]> {
  const chosen: Chosen[] = [];
  const textOf = await readTexts(texts);
  for (const manifest of manifests) {
    const columns = await columnsOf(manifest);
    for (const recording of await readManifest(manifest)) {
      if (recording.split === 'test') continue;
      const draw = drawOf(relative(dirname(manifest), recording.file));
      const share = recording.kind === 'word' ? (words[recording.corpus] ?? 0) : 1;
      // What is left out of dev is another part of the draw than what is left out of words.
      const isHeard = recording.split === 'train' || drawOf(`dev ${recording.path}`) < devShare;
      if (draw >= share || !isHeard) continue;
      const { licence, sourcePath } = columns.get(recording.path) ?? { licence: '', sourcePath: '' };
      chosen.push({ recording, licence, text: textOf.get(`${recording.corpus}\n${sourcePath}`) ?? null });
    }
  }
  if (chosen.length > 0) return byPart(chosen);
  throw new WakegateError('WG_DATA_INVALID', 'the manifests name no speech, noise or music without keywords');
}

/** A number from 0 to 1 that follows from a name. */
export function drawOf(name: string): number {
  return createHash('sha256').update(name).digest().readUInt32LE(0) / 2 ** 32;
}

function byPart(chosen: readonly Chosen[]): Chosen[] {
  const parts = new Map<string, Chosen[]>();
  for (const one of chosen) {
    const { split, kind, corpus } = one.recording;
    const key = [split, kind, corpus, one.licence].join('\n');
    const part = parts.get(key) ?? [];
    part.push(one);
    parts.set(key, part);
  }
  return [...parts.values()].flat();
}

/** Columns of a manifest that only banks use, by path. */
async function columnsOf(manifest: string): Promise<Map<string, { licence: string; sourcePath: string }>> {
  const [header = [], ...lines] = parseCsv(await readText(manifest));
  const [path, licence, source] = ['path', 'licence', 'source_path'].map((name) => header.indexOf(name));
  return new Map(
    lines.map((cells) => [cells[path], { licence: cells[licence] ?? '', sourcePath: cells[source] ?? '' }]),
  );
}

/** What is said in recordings, by corpus and source_path. @throws WakegateError WG_DATA_INVALID for what is no such list */
export async function readTexts(file: string | undefined): Promise<Map<string, string>> {
  if (file === undefined) return new Map();
  const content = await readText(file).catch((cause) => {
    throw new WakegateError('WG_DATA_INVALID', `no texts can be read at ${file}: name a CSV file`, { cause });
  });
  const [header = [], ...lines] = parseCsv(content);
  const [corpus, source, text] = ['corpus', 'source_path', 'text'].map((name) => header.indexOf(name));
  if (Math.min(corpus, source, text) < 0) {
    throw new WakegateError('WG_DATA_INVALID', `${file} needs the columns corpus, source_path, text`);
  }
  return new Map(lines.map((cells) => [`${cells[corpus]}\n${cells[source]}`, cells[text] ?? '']));
}
