import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { SAMPLE_RATE, writeWav } from '../../audio/index.js';
import { WakegateError } from '../../errors.js';
import { readText } from '../../read-text.js';
import { csvLine, parseCsv } from '../corpus/csv.js';
import type { OnProgress } from '../progress.js';
import {
  type CorpusFiles,
  CorpusMissing,
  type Described,
  type PublicCorpus,
  type SourceFolders,
} from './corpus-source.js';
import { openDebianFiles } from './debian-files.js';
import { decodeRecording } from './decode-recording.js';
import { openGitFiles } from './git-files.js';
import type { Split } from './splits.js';

export interface FetchSettings {
  readonly corpora: readonly PublicCorpus[];
  /** Folder of the manifest and its audio. */
  readonly out: string;
  readonly splits: readonly Split[];
  /** Names of corpora that nothing is to be trained on: what would be train is dev, so that more hours show how often a pack is wrong. */
  readonly heldOut?: readonly string[];
  readonly mirror?: string;
  /** Is called with a line for people when a corpus begins and ends. */
  readonly onLine?: (line: string) => void;
  readonly onProgress?: OnProgress;
}

export interface Fetched {
  readonly clips: number;
  readonly hours: number;
  /** Corpora that could not be had, and why. */
  readonly missing: readonly { readonly corpus: string; readonly why: string }[];
}

const COLUMNS = [
  'path',
  'split',
  'kind',
  'label',
  'corpus',
  'speaker',
  'seconds',
  'licence',
  'source',
  'source_path',
] as const;
type Row = Record<(typeof COLUMNS)[number], string>;

/** The manifest is written after so many clips, which is what an interruption loses. */
const KEPT_EVERY = 200;
/** Music is long, and much the same after two minutes. */
const LONGEST_MUSIC_SECONDS = 120;
const SHORTEST_SECONDS = 0.15;
/** No word can be said in less: such a clip is broken, and whoever trains or measures with it is told so. */
const SHORTEST_WORD_SECONDS = 0.25;
const FULL = ['ENOSPC', 'EDQUOT', 'EFBIG'];

/**
 * Fetches public recordings, decodes them to 16 kHz mono WAV, and lists them in `out`/manifest.csv. What is there already is
 * kept, so that an interrupted run continues. A corpus that cannot be had is left out and reported.
 *
 * @throws WakegateError WG_PROGRAM_MISSING without git; WG_DATA_INVALID where the disk is full, or the folder holds a manifest
 *   from elsewhere
 */
export async function fetchRecordings(settings: FetchSettings): Promise<Fetched> {
  const { corpora, out, heldOut = [], mirror, onLine = () => {} } = settings;
  const manifest = new FetchedManifest(join(out, 'manifest.csv'));
  await manifest.read(out);
  manifest.holdOut(heldOut);
  const folders: SourceFolders = { cache: join(out, 'sources'), ...(mirror !== undefined && { mirror }) };
  const missing: { corpus: string; why: string }[] = [];
  try {
    await mkdir(folders.cache, { recursive: true });
    for (const corpus of corpora) {
      const { name, from } = corpus;
      onLine(`${name}: ${from.type === 'git' ? `${from.url} at ${from.commit.slice(0, 10)}` : from.package}`);
      try {
        onLine(`${name}: ${await fetchCorpus(corpus, manifest, folders, settings)}`);
      } catch (error) {
        if (!(error instanceof CorpusMissing)) throw error;
        missing.push({ corpus: name, why: error.message });
        onLine(`${name}: left out, ${error.message}`);
      }
    }
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (!FULL.includes(code ?? '')) throw cause;
    throw new WakegateError(
      'WG_DATA_INVALID',
      `${out} cannot hold more (${code}): free some space, then run the command again to continue`,
      { cause },
    );
  }
  return { clips: manifest.rows.length, hours: manifest.hours, missing };
}

/** @returns a summary for people */
async function fetchCorpus(
  corpus: PublicCorpus,
  manifest: FetchedManifest,
  folders: SourceFolders,
  { out, splits, heldOut = [], onProgress }: FetchSettings,
): Promise<string> {
  const files =
    corpus.from.type === 'git'
      ? await openGitFiles(corpus.from, folders)
      : await openDebianFiles(corpus.from, folders);
  const counts = { 'in other splits or left out': 0, 'not decodable or too short': 0, 'not there': 0 };
  try {
    const speakers = await readSpeakers(corpus, files);
    const wanted: { path: string; found: Described; described: Described }[] = [];
    for (const path of files.paths.filter((path) => corpus.files.test(path))) {
      const found = corpus.describe(path, speakers);
      const described = found && heldOut.includes(corpus.name) ? keptFromTraining(found) : found;
      if (found && described && splits.includes(described.split)) wanted.push({ path, found, described });
      else counts['in other splits or left out']++;
    }
    for (const [i, { path, found, described }] of wanted.entries()) {
      if (manifest.has(corpus.name, path)) continue;
      const bytes = await files.read(path);
      // By the split that it is of, so that a sound that was fetched before is known.
      const file = bytes && fileOf(corpus, found, bytes);
      if (file === null || !manifest.hasFile(file)) {
        const row = file && (await keep(corpus, path, described, bytes!, file, out));
        if (row) manifest.add(row);
        else counts[file ? 'not decodable or too short' : 'not there']++;
      }
      if ((i + 1) % KEPT_EVERY !== 0) continue;
      await manifest.write();
      onProgress?.({ type: 'decode', set: corpus.name, done: i + 1, of: wanted.length });
    }
  } finally {
    files.close();
    await manifest.write();
  }
  const own = manifest.rows.filter((row) => row.corpus === corpus.name);
  const hours = own.reduce((sum, { seconds }) => sum + Number(seconds), 0) / 3600;
  const others = Object.entries(counts).filter(([, count]) => count > 0);
  return [
    `${own.length} clips, ${hours.toFixed(2)} h`,
    ...others.map(([what, count]) => `${count} ${what}`),
  ].join('; ');
}

/** What would be trained on is for dev instead; what is for test stays. */
function keptFromTraining<T extends { readonly split: string }>(of: T): T {
  return of.split === 'train' ? { ...of, split: 'dev' } : of;
}

async function readSpeakers({ speakers }: PublicCorpus, files: CorpusFiles): Promise<Map<string, string>> {
  const all = new Map<string, string>();
  if (!speakers) return all;
  for (const path of files.paths.filter((path) => speakers.files.test(path))) {
    const bytes = await files.read(path);
    if (bytes) for (const [file, speaker] of speakers.parse(bytes.toString('utf8'))) all.set(file, speaker);
  }
  return all;
}

/** Where a recording is kept, by its content: the same sound twice is one recording. */
function fileOf({ name }: PublicCorpus, { split, label }: Described, bytes: Buffer): string {
  const folder = label.replace(/[^A-Za-z0-9_-]/g, '_').slice(0, 40);
  const hash = createHash('sha1').update(bytes).digest('hex').slice(0, 12);
  return ['audio', split, name, folder, `${hash}.wav`].join('/');
}

/** Writes a recording as WAV. Null for what is no sound, or too short. */
async function keep(
  { name, licence, from }: PublicCorpus,
  path: string,
  { kind, label, speaker, split }: Described,
  bytes: Buffer,
  file: string,
  out: string,
): Promise<Row | null> {
  const decoded = await decodeRecording(bytes, path, join(out, 'sources'));
  if (!decoded) return null;
  const samples = kind === 'music' ? decoded.subarray(0, LONGEST_MUSIC_SECONDS * SAMPLE_RATE) : decoded;
  const shortest = kind === 'word' ? SHORTEST_WORD_SECONDS : SHORTEST_SECONDS;
  if (samples.length < shortest * SAMPLE_RATE) return null;
  await mkdir(join(out, dirname(file)), { recursive: true });
  await writeFile(join(out, `${file}.part`), writeWav(samples, SAMPLE_RATE));
  await rename(join(out, `${file}.part`), join(out, file));
  return {
    path: file,
    split,
    kind,
    label,
    corpus: name,
    speaker,
    seconds: (samples.length / SAMPLE_RATE).toFixed(3),
    licence,
    source: from.type === 'git' ? from.url : `debian:${from.package}`,
    source_path: path,
  };
}

/** The manifest of what has been fetched. */
class FetchedManifest {
  readonly #path: string;
  readonly #rows = new Map<string, Row>();
  readonly #known = new Set<string>();
  #isNew = false;

  constructor(path: string) {
    this.#path = path;
  }

  get rows(): readonly Row[] {
    return [...this.#rows.values()];
  }

  get hours(): number {
    return this.rows.reduce((sum, { seconds }) => sum + Number(seconds), 0) / 3600;
  }

  /** Of recordings whose file is still there. */
  async read(out: string): Promise<void> {
    if (!existsSync(this.#path)) return;
    const [header = [], ...lines] = parseCsv(await readText(this.#path));
    if (header.join() !== COLUMNS.join()) {
      throw new WakegateError(
        'WG_DATA_INVALID',
        `${this.#path} was not written by "wakegate train recordings": choose another folder with --out`,
      );
    }
    for (const cells of lines) {
      const row = Object.fromEntries(COLUMNS.map((column, i) => [column, cells[i] ?? ''])) as Row;
      if (existsSync(join(out, row.path))) this.add(row);
    }
    this.#isNew = false;
  }

  /** What is there of some corpora is kept from training. Files stay where they are. */
  holdOut(corpora: readonly string[]): void {
    for (const row of this.rows) if (corpora.includes(row.corpus)) this.add(keptFromTraining(row));
  }

  has(corpus: string, sourcePath: string): boolean {
    return this.#known.has(`${corpus}/${sourcePath}`);
  }

  hasFile(path: string): boolean {
    return this.#rows.has(path);
  }

  add(row: Row): void {
    this.#known.add(`${row.corpus}/${row.source_path}`);
    this.#rows.set(row.path, row);
    this.#isNew = true;
  }

  async write(): Promise<void> {
    if (!this.#isNew) return;
    const rows = [...this.rows].sort((a, b) => (a.path < b.path ? -1 : 1));
    const lines = [
      csvLine([...COLUMNS]),
      ...rows.map((row) => csvLine(COLUMNS.map((column) => row[column]))),
    ];
    const part = `${this.#path}.part`;
    await writeFile(part, lines.join(''));
    await rename(part, this.#path).catch(async (error) => {
      await rm(part, { force: true });
      throw error;
    });
    this.#isNew = false;
  }
}
