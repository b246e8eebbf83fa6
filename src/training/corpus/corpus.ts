import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { readAudioFile } from '../../audio/index.js';
import { asBytes, asInt16 } from '../array-bytes.js';
import type { OnProgress } from '../progress.js';
import { readManifest } from './manifest.js';

/** One recording of the manifest, decoded. */
export interface Clip {
  readonly path: string;
  readonly split: 'train' | 'dev';
  readonly kind: 'word' | 'speech' | 'noise' | 'music';
  /** The word; of other kinds, the kind again. */
  readonly label: string;
  readonly corpus: string;
  /** Empty where unknown. */
  readonly speaker: string;
  /** 16 kHz mono. */
  readonly samples: Int16Array;
}

/** Where the recordings are: `WAKEGATE_DATA`, or ../shared/data next to the project's folder. */
export function dataDirectory(): string {
  return resolve(process.env.WAKEGATE_DATA ?? '../shared/data');
}

/**
 * Reads a split of the corpus. Decoding takes minutes, so decoded audio is kept in a file under `cache`. Recordings that are new in the
 * manifest are added to it.
 *
 * @throws WakegateError WG_DATA_INVALID where the manifest lacks a column or a file
 */
export async function readCorpus(
  split: 'train' | 'dev',
  cache: string,
  {
    data = dataDirectory(),
    onProgress,
  }: { readonly data?: string; readonly onProgress?: OnProgress | undefined } = {},
): Promise<Clip[]> {
  const rows = (await readManifest(join(data, 'manifest.csv'))).filter((row) => row.split === split);
  const path = join(cache, `corpus-${split}`);
  const kept = await readDecoded(path);
  const fresh = rows.filter((row) => !kept.has(row.path));
  for (const [i, row] of fresh.entries()) {
    kept.set(row.path, await readAudioFile(row.file));
    const done = i + 1;
    if (done % 500 === 0) onProgress?.({ type: 'decode', set: split, done, of: fresh.length });
  }
  if (fresh.length > 0) {
    await mkdir(cache, { recursive: true });
    await writeDecoded(path, kept);
  }
  return rows.map(({ file: _, ...row }) => ({ ...row, split, samples: kept.get(row.path)! }));
}

/** Decoded recordings by their path in the manifest: one after another in `path`.pcm, their paths and lengths in `path`.json. */
async function readDecoded(path: string): Promise<Map<string, Int16Array>> {
  let lengths: Map<string, number>;
  let pcm: Int16Array;
  try {
    lengths = new Map(JSON.parse(await readFile(`${path}.json`, 'utf8')));
    pcm = asInt16(await readFile(`${path}.pcm`));
  } catch {
    return new Map();
  }
  const decoded = new Map<string, Int16Array>();
  let at = 0;
  for (const [of, length] of lengths) {
    decoded.set(of, pcm.subarray(at, at + length));
    at += length;
  }
  // The two files do not match where two processes wrote them, or one was interrupted between them.
  return at === pcm.length ? decoded : new Map();
}

async function writeDecoded(path: string, decoded: ReadonlyMap<string, Int16Array>): Promise<void> {
  const lengths = [...decoded].map(([of, { length }]) => [of, length]);
  // Other processes may be decoding the same, and each must leave a whole file.
  const part = `${path}.${process.pid}.part`;
  await writeFile(part, asBytes(concatenate([...decoded.values()])));
  await rename(part, `${path}.pcm`);
  await writeFile(part, JSON.stringify(lengths));
  await rename(part, `${path}.json`);
}

function concatenate(parts: readonly Int16Array[]): Int16Array {
  const whole = new Int16Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
