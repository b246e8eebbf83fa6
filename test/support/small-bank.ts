import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { openBackend } from '../../src/classifier/backend.js';
import { MODELS_DIRECTORY, type ModelPack, readPack } from '../../src/model/index.js';
import { BankWriter } from '../../src/training/bank/bank.js';
import { writeBankWords } from '../../src/training/bank/bank-words.js';
import { levelsOf } from '../../src/training/bank/levels.js';
import { writeSecondBank } from '../../src/training/bank/second-bank.js';
import { SecondEmbedder } from '../../src/training/bank/second-embedder.js';
import { SecondStream } from '../../src/training/bank/second-stream.js';

/** A piece of a bank, and what is said in it; null where nobody speaks. */
export interface BankClip {
  readonly samples: Int16Array;
  readonly text: string | null;
}

/**
 * The bundled pack with a bank of its own, so that a keyword is made of it in seconds: the same clips to train with and to measure.
 *
 * @param of `whole`: with what the second look makes of it, and with its words
 */
export async function packWithBank(
  directory: string,
  clips: readonly BankClip[],
  of: 'levels' | 'whole',
): Promise<ModelPack> {
  cpSync(join(MODELS_DIRECTORY, 'wake-words-en'), directory, {
    recursive: true,
    filter: (path) => !/bank|teacher/.test(path),
  });
  const pack = await readPack(directory);
  const bank = new BankWriter(pack);
  const source = { corpus: 'espeak-ng', licence: 'none' };
  const speech = clips.filter(({ text }) => text !== null);
  const noise = clips.filter(({ text }) => text === null);
  for (const split of ['train', 'dev'] as const) {
    for (const { samples } of speech) bank.add({ ...source, split, kind: 'speech' }, levelsOf(pack, samples));
    for (const { samples } of noise) bank.add({ ...source, split, kind: 'noise' }, levelsOf(pack, samples));
  }
  const { sha256 } = await bank.write(directory);
  if (of === 'levels') return pack;

  const second = (await SecondEmbedder.load(pack, await openBackend('wasm')))!;
  const stream = new SecondStream(second);
  for (const { samples } of [...speech, ...noise])
    stream.add(samples.subarray(0, samples.length - (samples.length % 640)));
  const embeddings = stream.finish();
  await writeSecondBank(pack, sha256, { train: embeddings, dev: embeddings, size: second.size });
  const wordsOf = (some: readonly BankClip[]) => ({
    clips: some.map(({ samples, text }) => ({
      steps: levelsOf(pack, samples).length / pack.compression.channels,
      text,
    })),
  });
  await writeBankWords(directory, sha256, [wordsOf(speech), wordsOf(noise), wordsOf(speech), wordsOf(noise)]);
  return pack;
}

/** White noise, the same every time. */
export function noise(seconds: number): Int16Array {
  let state = 1;
  return Int16Array.from({ length: 16_000 * seconds }, () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    return (state >> 16) % 400;
  });
}
