import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { dirname, relative } from 'node:path';
import { readAudioFile } from '../../audio/index.js';
import { openBackend } from '../../classifier/backend.js';
import { WakegateError } from '../../errors.js';
import { readPack } from '../../model/index.js';
import { parseCsv } from '../corpus/csv.js';
import { type Recording, readManifest } from '../corpus/manifest.js';
import { BankWriter } from './bank.js';
import { levelsOf } from './levels.js';
import { writeSecondBank } from './second-bank.js';
import { SecondEmbedder } from './second-embedder.js';
import { SecondStream } from './second-stream.js';

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
/** Samples of a step of the front half. */
const STEP_SAMPLES = 640;

/**
 * Makes the bank of a pack from recordings without keywords: speech, noise and music of all manifests, and some single words; and that of
 * its second look, where it has one.
 *
 * @throws WakegateError WG_DATA_INVALID, WG_MODEL_INVALID
 */
export async function makeBank({ model, manifests, words, devShare, onProgress }: MakeBank) {
  const pack = await readPack(model);
  const chosen: Chosen[] = [];
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
  const second = await SecondEmbedder.load(pack, await openBackend('auto'));
  const streams = second && { train: new SecondStream(second), dev: new SecondStream(second) };
  for (const [i, { recording, licence }] of byPart(chosen).entries()) {
    const { file, kind, corpus } = recording;
    const split = recording.split as 'train' | 'dev';
    const samples = await readAudioFile(file);
    const spaced = new Int16Array(samples.length + GAP_SAMPLES);
    spaced.set(samples);
    const levels = levelsOf(pack, spaced);
    writer.add({ split, kind, corpus, licence }, levels);
    streams?.[split].add(spaced.subarray(0, (levels.length / pack.compression.channels) * STEP_SAMPLES));
    onProgress?.(i + 1, chosen.length);
  }
  const { bytes, hours, sha256 } = await writer.write(model);
  if (!second || !streams) return { bytes, hours };
  const all = { train: streams.train.finish(), dev: streams.dev.finish(), size: second.size };
  return { bytes: bytes + (await writeSecondBank(pack, sha256, all)).bytes, hours };
}

interface Chosen {
  readonly recording: Recording;
  readonly licence: string;
}

/** As the bank has them: part by part, in the order in which the parts are met. */
function byPart(chosen: readonly Chosen[]): Chosen[] {
  const parts = new Map<string, Chosen[]>();
  for (const one of chosen) {
    const { split, kind, corpus } = one.recording;
    const key = [split, kind, corpus, one.licence].join('\n');
    parts.set(key, [...(parts.get(key) ?? []), one]);
  }
  return [...parts.values()].flat();
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
