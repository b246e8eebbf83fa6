import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { readAudioFile } from '../../src/audio/index.js';
import { asBytes } from '../../src/training/array-bytes.js';
import { type Recording, readManifest } from '../../src/training/corpus/manifest.js';
import { Random } from '../../src/training/random.js';
import { quietRoom } from '../measure.js';

/** What does not hold a word that is compared: read and acted speech, single other words, music, noise. */
export const NEGATIVES = ['speech', 'words', 'music', 'noise'] as const;
export type Negative = (typeof NEGATIVES)[number];

/** Recordings of one corpus, one after the other as one stream of sound. */
export interface NegativeStream {
  readonly name: string;
  readonly kind: Negative;
  readonly corpus: string;
  /** Nothing of wakegate was chosen on it. */
  readonly unseen: boolean;
  readonly recordings: readonly Recording[];
}

/** As it lies on the disk: 16 kHz mono s16le. */
export interface NegativeSound {
  readonly path: string;
  readonly samples: number;
  /** Of the recordings, without the pauses between them. */
  readonly hours: number;
}

/** A stream is about so long: ten minutes. */
const STREAM_SECONDS = 600;
/** About, by the end of a file's name; other files are taken to be Ogg. */
const BYTES_A_SECOND: Readonly<Record<string, number>> = { '.wav': 32_000, '.flac': 16_000 };
const OGG_BYTES_A_SECOND = 5000;
/** A quiet room between two recordings: a quarter of a second. */
const PAUSE = 4000;
/** What is shorter is no recording of anything: a quarter of a second. */
const SHORTEST = 4000;

/**
 * The negatives of the dev split of each manifest as streams, in an order of chance, so that the first hours are like all of them.
 *
 * @param keywords labels that are left out
 * @throws WakegateError WG_DATA_INVALID where a manifest is wrong
 */
export async function negativeStreams(
  manifests: readonly string[],
  keywords: readonly string[],
  { unseen = false }: { unseen?: boolean } = {},
): Promise<NegativeStream[]> {
  const streams: NegativeStream[] = [];
  for (const [index, manifest] of manifests.entries()) {
    const rows = (await readManifest(manifest)).filter(
      ({ split, kind, label }) => split !== 'train' && !(kind === 'word' && keywords.includes(label)),
    );
    const groups = new Map<string, Recording[]>();
    for (const row of rows) {
      const group = `${row.corpus}-${row.kind}`;
      const own = groups.get(group);
      if (own) own.push(row);
      else groups.set(group, [row]);
    }
    for (const [group, recordings] of groups) {
      for (const [part, some] of (await inParts(recordings)).entries()) {
        const [{ kind, corpus }] = some;
        const name = `${unseen ? 'unseen' : 'chosen'}${index}-${group}-${part}`;
        streams.push({ name, kind: kind === 'word' ? 'words' : kind, corpus, unseen, recordings: some });
      }
    }
  }
  return new Random(20).shuffled(streams);
}

async function inParts(recordings: readonly Recording[]): Promise<Recording[][]> {
  const parts: Recording[][] = [];
  let seconds = Number.POSITIVE_INFINITY;
  for (const recording of recordings) {
    if (seconds >= STREAM_SECONDS) {
      parts.push([]);
      seconds = 0;
    }
    parts.at(-1)!.push(recording);
    const { size } = await stat(recording.file);
    seconds += size / (BYTES_A_SECOND[extname(recording.file)] ?? OGG_BYTES_A_SECOND);
  }
  return parts;
}

/** Decodes streams, each once: what is decoded is kept in a folder. */
export class SoundStore {
  readonly #folder: string;
  readonly #sounds = new Map<string, Promise<NegativeSound>>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  get(stream: Pick<NegativeStream, 'name' | 'recordings'>): Promise<NegativeSound> {
    let sound = this.#sounds.get(stream.name);
    if (!sound) this.#sounds.set(stream.name, (sound = decoded(stream, this.#folder)));
    return sound;
  }
}

async function decoded(
  { name, recordings }: Pick<NegativeStream, 'name' | 'recordings'>,
  folder: string,
): Promise<NegativeSound> {
  const [path, about] = [join(folder, `${name}.raw`), join(folder, `${name}.json`)];
  if (existsSync(about)) return { path, ...JSON.parse(await readFile(about, 'utf8')) };
  const clips: Int16Array[] = [];
  for (const { file } of recordings) {
    const samples = await readAudioFile(file);
    if (samples.length >= SHORTEST) clips.push(samples);
  }
  const pause = quietRoom(PAUSE);
  const all = clips.flatMap((samples) => [samples, pause]);
  const count = (arrays: readonly Int16Array[]) => arrays.reduce((sum, { length }) => sum + length, 0);
  const sound = { samples: count(all), hours: count(clips) / 16_000 / 3600 };
  await mkdir(folder, { recursive: true });
  await writeFile(`${path}.part`, Buffer.concat(all.map(asBytes)));
  await rename(`${path}.part`, path);
  await writeFile(about, JSON.stringify(sound));
  return { path, ...sound };
}
