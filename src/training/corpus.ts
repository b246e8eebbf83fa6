import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { readAudioFile } from '../audio/index.js';
import { WakegateError } from '../errors.js';
import { readManifest } from './manifest.js';

/** One recording of the manifest, decoded. */
export interface Clip {
  readonly path: string;
  readonly split: 'train' | 'dev';
  readonly kind: 'word' | 'speech' | 'noise' | 'music';
  /** The word, or the kind again. */
  readonly label: string;
  readonly corpus: string;
  /** Empty where unknown. */
  readonly speaker: string;
  /** 16 kHz mono. */
  readonly samples: Int16Array;
}

/** Where the recordings are: `WAKEGATE_DATA`, or ../shared/data beside the project. */
export function dataDirectory(): string {
  return resolve(process.env.WAKEGATE_DATA ?? '../shared/data');
}

/**
 * Reads a split of the corpus. Decoded audio is kept in one file under `cache`, since decoding takes minutes.
 *
 * @throws WakegateError WG_DATA_INVALID where the manifest lacks a column or a file
 */
export async function readCorpus(
  split: 'train' | 'dev',
  cache: string,
  data = dataDirectory(),
): Promise<Clip[]> {
  const rows = (await readManifest(join(data, 'manifest.csv'))).filter((row) => row.split === split);
  const pcmPath = join(cache, `corpus-${split}.pcm`);
  const lengthsPath = join(cache, `corpus-${split}.json`);
  let lengths: Record<string, number>;
  let pcm: Int16Array;
  try {
    lengths = JSON.parse(await readFile(lengthsPath, 'utf8'));
    pcm = asInt16(await readFile(pcmPath));
  } catch {
    const decoded: Int16Array[] = [];
    lengths = {};
    for (const row of rows) {
      const samples = await readAudioFile(row.file);
      lengths[row.path] = samples.length;
      decoded.push(samples);
      if (decoded.length % 500 === 0) console.error(`decoded ${decoded.length} of ${rows.length} (${split})`);
    }
    pcm = concatenate(decoded);
    await mkdir(cache, { recursive: true });
    // Others may be decoding the same, and each has to end with the whole of it.
    const part = `${pcmPath}.${process.pid}.part`;
    await writeFile(part, asBytes(pcm));
    await rename(part, pcmPath);
    await writeFile(lengthsPath, JSON.stringify(lengths));
  }
  let at = 0;
  return rows.map(({ file: _, ...row }) => {
    const length = lengths[row.path];
    if (length === undefined) {
      throw new WakegateError(
        'WG_DATA_INVALID',
        `${pcmPath} is older than the manifest: delete ${cache} and run again`,
      );
    }
    const samples = pcm.subarray(at, at + length);
    at += length;
    return { ...row, split, samples };
  });
}

/** The same bytes as int16, without a copy where they are aligned. */
export function asInt16(bytes: Uint8Array): Int16Array {
  const aligned = bytes.byteOffset % 2 === 0 ? bytes : Uint8Array.from(bytes);
  return new Int16Array(aligned.buffer, aligned.byteOffset, aligned.byteLength >> 1);
}

export function asFloat32(bytes: Uint8Array): Float32Array {
  const aligned = bytes.byteOffset % 4 === 0 ? bytes : Uint8Array.from(bytes);
  return new Float32Array(aligned.buffer, aligned.byteOffset, aligned.byteLength >> 2);
}

export function asBytes(array: Int16Array | Float32Array): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
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
