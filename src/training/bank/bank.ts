import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { WakegateError } from '../../errors.js';
import { HandoffDecoder, HandoffEncoder } from '../../gate/handoff.js';
import { type ModelPack, trunkOf } from '../../model/index.js';
import { Checker, type Static, Type } from '../../schema/index.js';
import { writeWhole } from './write-whole.js';

/**
 * A bank: what the front half of a pack made of many hours without keywords, compressed as handoffs are. Keywords are trained and
 * calibrated against it where there are no recordings.
 */

/** Steps of a block: ten seconds. */
const BLOCK_STEPS = 250;
const STEP_SECONDS = 0.04;

const Part = Type.Object({
  split: Type.Union([Type.Literal('train'), Type.Literal('dev')]),
  kind: Type.Union([
    Type.Literal('speech'),
    Type.Literal('noise'),
    Type.Literal('music'),
    Type.Literal('word'),
  ]),
  corpus: Type.String(),
  licence: Type.String(),
  clips: Type.Integer({ minimum: 1 }),
  steps: Type.Integer({ minimum: 1 }),
});

const BankFile = Type.Object({
  format: Type.Literal('wakegate-bank'),
  version: Type.Literal(1),
  trunk: Type.Object({ pack: Type.String(), fingerprint: Type.String() }),
  blockSteps: Type.Integer({ minimum: 1, maximum: 512 }),
  /** As in pack.json when the bank was written: what it is coded by. */
  zeroPrior: Type.Array(Type.Integer({ minimum: 1, maximum: 255 }), { maxItems: 3 * 1024 }),
  parts: Type.Array(Part, { minItems: 1, maxItems: 1000 }),
  bytes: Type.Integer({ minimum: 0 }),
  sha256: Type.String(),
});
type BankFile = Static<typeof BankFile>;

/** Where a part comes from. */
export type BankSource = Omit<Static<typeof Part>, 'steps' | 'clips'>;

export interface BankPart extends BankSource {
  readonly clips: number;
  /** [steps, channels] */
  readonly levels: Uint8Array;
}

export interface Bank {
  /** Their levels are views of {@link train} and {@link dev}. */
  readonly parts: readonly BankPart[];
  /** The levels of all parts of a split, one after the other. */
  readonly train: Uint8Array;
  readonly dev: Uint8Array;
  /** Of both splits. */
  readonly hours: { readonly train: number; readonly dev: number };
  readonly sha256: string;
}

/** Collects clips into a bank, part by part. */
export class BankWriter {
  readonly #pack: ModelPack;
  readonly #parts: { source: BankSource; clips: number; pieces: Uint8Array[] }[] = [];

  constructor(pack: ModelPack) {
    this.#pack = pack;
  }

  /** @param levels of one clip, [steps, channels] */
  add(source: BankSource, levels: Uint8Array): void {
    let part = this.#parts.find(
      ({ source: { split, kind, corpus, licence } }) =>
        split === source.split &&
        kind === source.kind &&
        corpus === source.corpus &&
        licence === source.licence,
    );
    if (!part) {
      part = { source, clips: 0, pieces: [] };
      this.#parts.push(part);
    }
    part.clips++;
    part.pieces.push(levels);
  }

  /** Writes bank.json and bank.bin into the folder of the pack. */
  async write(
    directory: string,
  ): Promise<{ readonly bytes: number; readonly hours: number; readonly sha256: string }> {
    const { compression } = this.#pack;
    const trunk = trunkOf(this.#pack);
    const encoder = new HandoffEncoder(compression, numberOf(trunk), BLOCK_STEPS);
    const blocks: Uint8Array[] = [];
    const parts: BankFile['parts'] = [];
    let step = 0;
    for (const { source, clips, pieces } of this.#parts) {
      const levels = Buffer.concat(pieces);
      const steps = levels.length / compression.channels;
      for (let at = 0; at < levels.length; at += BLOCK_STEPS * compression.channels) {
        const block = new Uint8Array(BLOCK_STEPS * compression.channels);
        block.set(levels.subarray(at, at + block.length));
        const message = encoder.encode({ streamId: 0, step, endSample: 0 }, block);
        blocks.push(Uint8Array.of(message.length & 255, message.length >> 8), message);
        step += BLOCK_STEPS;
      }
      parts.push({ ...source, clips, steps });
    }
    const bytes = Buffer.concat(blocks);
    const file: BankFile = {
      format: 'wakegate-bank',
      version: 1,
      trunk,
      blockSteps: BLOCK_STEPS,
      zeroPrior: [...compression.zeroPrior],
      parts,
      bytes: bytes.length,
      sha256: createHash('sha256').update(bytes).digest('hex'),
    };
    await writeWhole(join(directory, 'bank.bin'), bytes);
    await writeWhole(join(directory, 'bank.json'), `${JSON.stringify(file, null, 2)}\n`);
    const steps = parts.reduce((sum, part) => sum + part.steps, 0);
    return { bytes: bytes.length, hours: (steps * STEP_SECONDS) / 3600, sha256: file.sha256 };
  }
}

/**
 * Reads the bank in the folder of a pack.
 *
 * @throws WakegateError WG_DATA_INVALID where there is none, or it is of another trunk or altered
 */
export async function readBank(pack: ModelPack): Promise<Bank> {
  const { file, ours } = await readBankFile(pack);
  const bytes = await readFile(join(pack.directory, 'bank.bin')).catch(() => Buffer.alloc(0));
  if (createHash('sha256').update(bytes).digest('hex') !== file.sha256) {
    throw invalid(join(pack.directory, 'bank.bin'), 'is not the one that bank.json describes');
  }
  const compression = { ...pack.compression, zeroPrior: Uint8Array.from(file.zeroPrior) };
  const decoder = new HandoffDecoder(compression, numberOf(ours), file.blockSteps);
  const { channels } = pack.compression;
  const stepsOf = (split: 'train' | 'dev') =>
    file.parts.reduce((sum, part) => sum + (part.split === split ? part.steps : 0), 0);
  const whole = {
    train: new Uint8Array(stepsOf('train') * channels),
    dev: new Uint8Array(stepsOf('dev') * channels),
  };
  const used = { train: 0, dev: 0 };
  let at = 0;
  const parts = file.parts.map(({ steps, ...source }) => {
    const first = used[source.split];
    used[source.split] += steps * channels;
    const levels = whole[source.split].subarray(first, used[source.split]);
    for (let filled = 0; filled < levels.length; ) {
      const length = bytes.readUInt16LE(at);
      const block = decoder.decode(bytes.subarray(at + 2, at + 2 + length)).levels;
      at += 2 + length;
      levels.set(block.subarray(0, Math.min(block.length, levels.length - filled)), filled);
      filled += block.length;
    }
    return { ...source, levels };
  });
  const hoursOf = (split: 'train' | 'dev') => stepsOf(split) * (STEP_SECONDS / 3600);
  return {
    parts,
    ...whole,
    hours: { train: hoursOf('train'), dev: hoursOf('dev') },
    sha256: file.sha256,
  };
}

/** What bank.json says. @throws as {@link readBank} does */
async function readBankFile(pack: ModelPack) {
  const path = join(pack.directory, 'bank.json');
  const text = await readFile(path, 'utf8').catch((cause) => {
    throw new WakegateError(
      'WG_DATA_INVALID',
      `model pack ${pack.name} has no bank (${path}), which own keywords are trained against: use wake-words-en, or make one ` +
        'with `wakegate train bank`',
      { cause },
    );
  });
  const file = parse(text, path);
  const ours = trunkOf(pack);
  if (file.trunk.fingerprint !== ours.fingerprint) {
    throw invalid(
      path,
      `is of another trunk (${file.trunk.fingerprint}, and the pack is ${ours.fingerprint})`,
    );
  }
  return { file, ours };
}

/** The parts of the bank of a pack, without what was heard in them. @throws as {@link readBank} does */
export async function readBankParts(pack: ModelPack): Promise<Pick<BankFile, 'parts' | 'sha256'>> {
  return (await readBankFile(pack)).file;
}

function numberOf({ fingerprint }: { readonly fingerprint: string }): number {
  return Number.parseInt(fingerprint, 16);
}

function parse(text: string, path: string): BankFile {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw invalid(path, `is not valid JSON (${(error as Error).message})`);
  }
  const checked = new Checker(BankFile).check(value);
  if (checked.ok) return checked.value;
  throw invalid(path, `is no bank: key ${checked.fault.path.join('/')}`);
}

function invalid(path: string, problem: string): WakegateError {
  return new WakegateError(
    'WG_DATA_INVALID',
    `${path} ${problem}: install wakegate again, or make another bank`,
  );
}
