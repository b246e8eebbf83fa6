import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { dirname, relative } from 'node:path';
import { readAudioFile } from '../../audio/index.js';
import { WakegateError } from '../../errors.js';
import { readPack } from '../../model/index.js';
import { parseCsv } from '../corpus/csv.js';
import { type Recording, readManifest } from '../corpus/manifest.js';
import { BankWriter } from './bank.js';
import { levelsOf } from './levels.js';

export interface MakeBank {
  /** Folder of the pack. */
  readonly model: string;
  readonly manifests: readonly string[];
  /** Corpora of single words of which this share is taken; of others no word is. */
  readonly words: Readonly<Record<string, number>>;
  /** Share of what is dev: the rest stays unheard, for measuring. */
  readonly devShare: number;
  readonly onProgress?: (done: number, of: number) => void;
}

/** Silence between two clips. */
const GAP_SAMPLES = 3200;

/**
 * Makes the bank of a pack from recordings without keywords: speech, noise and music of all manifests, and some single words.
 *
 * @throws WakegateError WG_DATA_INVALID, WG_MODEL_INVALID
 */
export async function makeBank({ model, manifests, words, devShare, onProgress }: MakeBank) {
  const pack = await readPack(model);
  const chosen: { recording: Recording; licence: string }[] = [];
  for (const manifest of manifests) {
    const licences = await licencesOf(manifest);
    for (const recording of await readManifest(manifest)) {
      if (recording.split === 'test') continue;
      const draw = drawOf(relative(dirname(manifest), recording.file));
      const share = recording.kind === 'word' ? (words[recording.corpus] ?? 0) : 1;
      // What is left out of dev is another part of the draw than what is left out of words.
      const isHeard = recording.split === 'train' || drawOf(`dev ${recording.path}`) < devShare;
      if (draw < share && isHeard) chosen.push({ recording, licence: licences.get(recording.path) ?? '' });
    }
  }
  if (chosen.length === 0) {
    throw new WakegateError(
      'WG_DATA_INVALID',
      'the manifests name no speech, noise or music without keywords',
    );
  }
  const writer = new BankWriter(pack);
  for (const [i, { recording, licence }] of chosen.entries()) {
    const { file, split, kind, corpus } = recording;
    const samples = await readAudioFile(file);
    const spaced = new Int16Array(samples.length + GAP_SAMPLES);
    spaced.set(samples);
    writer.add({ split: split as 'train' | 'dev', kind, corpus, licence }, levelsOf(pack, spaced));
    onProgress?.(i + 1, chosen.length);
  }
  return writer.write(model);
}

/** A number from 0 to 1 that follows from a name. */
export function drawOf(name: string): number {
  return createHash('sha256').update(name).digest().readUInt32LE(0) / 2 ** 32;
}

async function licencesOf(manifest: string): Promise<Map<string, string>> {
  const [header = [], ...lines] = parseCsv(await readFile(manifest, 'utf8'));
  const [path, licence] = [header.indexOf('path'), header.indexOf('licence')];
  return new Map(licence < 0 ? [] : lines.map((cells) => [cells[path], cells[licence]]));
}
