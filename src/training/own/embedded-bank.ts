import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { ModelPack } from '../../model/index.js';
import { type Bank, readBank } from '../bank/bank.js';
import { type BankWords, readBankWords } from '../bank/bank-words.js';
import { readSecondBank, type SecondBank } from '../bank/second-bank.js';
import type { Embedder } from './embedder.js';
import type { Stream } from './head-trainer.js';

export interface EmbeddedBank {
  readonly train: Stream;
  readonly trainLevels: Uint8Array;
  readonly dev: Stream;
  readonly devLevels: Uint8Array;
  /** Where each part of dev ends, in steps, and what it is. */
  readonly devSources: readonly { readonly kind: string; readonly corpus: string; readonly until: number }[];
  readonly hours: Bank['hours'];
  readonly sha256: string;
  /** What the second look makes of it; null where the pack has none. */
  readonly second: SecondBank | null;
  /** What is said in it; null where the pack does not know. */
  readonly words: BankWords | null;
}

/** The bank with its embeddings, which take a while: they are kept for the next keyword. */
export async function embeddedBank(
  pack: ModelPack,
  embedder: Embedder,
  cache: string,
  onProgress: (done: number, of: number) => void,
): Promise<EmbeddedBank> {
  const bank = await readBank(pack);
  const { train: trainLevels, dev: devLevels } = bank;
  const path = join(cache, `bank-${bank.sha256.slice(0, 12)}.embeddings`);
  const counts = [trainLevels, devLevels].map(({ length }) => embedder.countOf(length / embedder.channels));
  const bytes = (counts[0] + counts[1]) * embedder.size;
  let values: Int8Array;
  if ((await stat(path).catch(() => null))?.size === bytes) {
    const { buffer, byteOffset } = await readFile(path);
    values = new Int8Array(buffer, byteOffset, bytes);
  } else {
    values = new Int8Array(bytes);
    values.set(embedder.embed(trainLevels));
    onProgress(counts[0], counts[0] + counts[1]);
    values.set(embedder.embed(devLevels), counts[0] * embedder.size);
    await keep(path, values);
  }
  let until = 0;
  const devSources = bank.parts
    .filter(({ split }) => split === 'dev')
    .map(({ kind, corpus, levels }) => {
      until += levels.length / embedder.channels;
      return { kind, corpus, until };
    });
  const split = counts[0] * embedder.size;
  return {
    train: { values: values.subarray(0, split), count: counts[0] },
    trainLevels,
    dev: { values: values.subarray(split), count: counts[1] },
    devLevels,
    devSources,
    hours: bank.hours,
    sha256: bank.sha256,
    second: await readSecondBank(pack, bank.sha256),
    words: await readBankWords(pack, {
      sha256: bank.sha256,
      parts: bank.parts.map(({ split, levels }) => ({ split, steps: levels.length / embedder.channels })),
    }),
  };
}

/** For the next keyword; a disk that is full only makes that one take longer. */
async function keep(path: string, values: Int8Array): Promise<void> {
  const part = `${path}.${process.pid}.part`;
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(part, values);
    await rename(part, path);
  } catch {
    await rm(part, { force: true }).catch(() => {});
  }
}
