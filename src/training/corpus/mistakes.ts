import { readFile, rename, writeFile } from 'node:fs/promises';
import { asBytes, asInt16 } from '../array-bytes.js';
import type { Clip } from './corpus.js';

/** Keeps what a network was wrong about as `path`.pcm and `path`.json. */
export async function writeMistakes(path: string, mistakes: readonly Clip[]): Promise<void> {
  await writeFile(`${path}.pcm`, Buffer.concat(mistakes.map(({ samples }) => asBytes(samples))));
  const index = mistakes.map(({ samples, ...clip }) => ({ ...clip, length: samples.length }));
  await writeFile(`${path}.json.part`, JSON.stringify(index));
  await rename(`${path}.json.part`, `${path}.json`);
}

export async function readMistakes(path: string): Promise<Clip[]> {
  const index = JSON.parse(await readFile(`${path}.json`, 'utf8')) as (Omit<Clip, 'samples'> & {
    length: number;
  })[];
  const pcm = asInt16(await readFile(`${path}.pcm`));
  let at = 0;
  return index.map(({ length, ...clip }) => {
    const samples = pcm.subarray(at, at + length);
    at += length;
    return { ...clip, samples };
  });
}
