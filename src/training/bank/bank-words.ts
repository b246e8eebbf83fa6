import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { brotliCompressSync, brotliDecompressSync } from 'node:zlib';
import { WakegateError } from '../../errors.js';
import type { ModelPack } from '../../model/index.js';
import { Checker, type Static, Type } from '../../schema/index.js';
import { saysPhrase, wordsIn } from './said-words.js';
import { writeWhole } from './write-whole.js';

/**
 * What is said in the clips of a bank, where it is known. A clip that says the very phrase that is to become a keyword is no example of
 * what it is not: trained and calibrated against it, the keyword would be deaf to its own word.
 */

const FILE = 'bank-words.br';
/** Of a file that unpacks to more, something is wrong. */
const MOST_BYTES = 64 << 20;

const BankWordsFile = Type.Object({
  format: Type.Literal('wakegate-bank-words'),
  version: Type.Literal(1),
  /** SHA-256 of bank.bin. */
  bank: Type.String(),
  /** Of each part of the bank, in its order: how many steps each clip has, and its words; null where they are not known. */
  parts: Type.Array(
    Type.Object({
      steps: Type.Array(Type.Integer({ minimum: 0 })),
      words: Type.Array(Type.Union([Type.String(), Type.Null()])),
    }),
  ),
});
type BankWordsFile = Static<typeof BankWordsFile>;

/** One clip of a part: its steps, and what is said in it; null where that is not known. */
export interface SpokenPart {
  readonly clips: { readonly steps: number; readonly text: string | null }[];
}

/** A stretch of one split of a bank, in steps. */
export interface Stretch {
  readonly from: number;
  readonly until: number;
}

export interface BankWords {
  /** Clips of a split that say a phrase, alone or within a sentence. */
  clipsSaying(split: 'train' | 'dev', phrase: string): Stretch[];
}

/** Writes bank-words.br into the folder of a pack. */
export async function writeBankWords(
  directory: string,
  bank: string,
  parts: readonly SpokenPart[],
): Promise<{ readonly bytes: number }> {
  const file: BankWordsFile = {
    format: 'wakegate-bank-words',
    version: 1,
    bank,
    parts: parts.map(({ clips }) => {
      const isKnown = clips.some(({ text }) => text !== null);
      const steps = clips.map(({ steps }) => steps);
      // Where nothing is known of a part, its clips need not be told apart.
      if (!isKnown) return { steps: [steps.reduce((sum, one) => sum + one, 0)], words: [null] };
      return { steps, words: clips.map(({ text }) => (text === null ? null : wordsIn(text).join(' '))) };
    }),
  };
  const bytes = brotliCompressSync(JSON.stringify(file));
  await writeWhole(join(directory, FILE), bytes);
  return { bytes: bytes.length };
}

/**
 * Reads what is said in the bank of a pack.
 *
 * @param parts of the bank, in its order
 * @returns null where there is no such file: nothing is known then
 * @throws WakegateError WG_DATA_INVALID where it was altered, or is of another bank
 */
export async function readBankWords(
  pack: ModelPack,
  bank: {
    readonly sha256: string;
    readonly parts: readonly { readonly split: string; readonly steps: number }[];
  },
): Promise<BankWords | null> {
  const path = join(pack.directory, FILE);
  const packed = await readFile(path).catch(() => null);
  if (packed === null) return null;
  const file = parse(packed, path);
  if (file.bank !== bank.sha256) throw invalid(path, 'is of another bank.bin');
  const at = { train: 0, dev: 0 };
  const known: { split: string; from: number; until: number; words: string[] }[] = [];
  if (file.parts.length !== bank.parts.length) throw invalid(path, 'has other parts than bank.json');
  for (const [i, { steps, words }] of file.parts.entries()) {
    const { split, steps: whole } = bank.parts[i];
    if (steps.length !== words.length || steps.reduce((sum, one) => sum + one, 0) !== whole) {
      throw invalid(path, `has other clips than bank.json in part ${i + 1}`);
    }
    const side = split as 'train' | 'dev';
    for (const [clip, count] of steps.entries()) {
      const text = words[clip];
      const from = at[side];
      at[side] += count;
      if (text) known.push({ split: side, from, until: at[side], words: text.split(' ') });
    }
  }
  return {
    clipsSaying: (split, phrase) => {
      const said = wordsIn(phrase);
      return known
        .filter((clip) => clip.split === split && saysPhrase(clip.words, said))
        .map(({ from, until }) => ({ from, until }));
    },
  };
}

function parse(packed: Uint8Array, path: string): BankWordsFile {
  let value: unknown;
  try {
    value = JSON.parse(brotliDecompressSync(packed, { maxOutputLength: MOST_BYTES }).toString('utf8'));
  } catch (error) {
    throw invalid(path, `cannot be read (${(error as Error).message})`);
  }
  const checked = new Checker(BankWordsFile).check(value);
  if (checked.ok) return checked.value;
  throw invalid(path, `is no list of words: key ${checked.fault.path.join('/')}`);
}

function invalid(path: string, problem: string): WakegateError {
  return new WakegateError(
    'WG_DATA_INVALID',
    `${path} ${problem}: install wakegate again, or make it again with \`wakegate train bank --only-words\``,
  );
}
