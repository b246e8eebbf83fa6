import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { WakegateError } from '../../errors.js';
import type { ModelPack } from '../../model/index.js';
import { Checker, type Static, Type } from '../../schema/index.js';
import { type Basis, basisOf, decodeEmbeddings, encodeEmbeddings } from './second-codec.js';
import { writeWhole } from './write-whole.js';

/**
 * What the second look of a pack makes of the sound of a bank: dev whole, so that what both opinions hear by mistake is counted, and a part
 * of train, to train against. Embedding n of each is of the same sound as embedding n of the trunk.
 */

/** Embeddings of a stretch of train, and one stretch in so many is kept: more would take more room than they bring. */
const STRETCH = 1024;
const EVERY = 4;
/** Rounding of coefficients, in units of the embeddings' own: train may be coarser. */
const STEPS = { train: 32, dev: 22 } as const;

const Count = Type.Integer({ minimum: 1 });
const Part = Type.Object({ count: Count, step: Type.Number({ exclusiveMinimum: 0 }), bytes: Count });
const SecondBankFile = Type.Object({
  format: Type.Literal('wakegate-second-bank'),
  version: Type.Literal(1),
  /** SHA-256 of bank.bin, and of the weights of the second look. */
  bank: Type.String(),
  weightsSha256: Type.String(),
  size: Type.Integer({ minimum: 1, maximum: 1024 }),
  stretch: Count,
  every: Count,
  train: Part,
  dev: Part,
  sha256: Type.String(),
});
type SecondBankFile = Static<typeof SecondBankFile>;

export interface SecondBank {
  readonly size: number;
  /** [count, size] */
  readonly dev: Int8Array;
  /** Stretches of train, one after the other: [count, size]. */
  readonly train: Int8Array;
  /** Embeddings in a stretch; its first is embedding {@link originOf} of train. */
  readonly stretch: number;
  readonly every: number;
  readonly sha256: string;
  /** Embeddings as rough as those of train: a head that is trained on both could tell them apart otherwise, and not the sounds. */
  asStored(values: Int8Array): Int8Array;
}

/** The embedding of the trunk that is of the same sound as embedding `n` of the stretches. */
export function originOf({ stretch, every }: Pick<SecondBank, 'stretch' | 'every'>, n: number): number {
  return Math.floor(n / stretch) * stretch * every + (n % stretch);
}

/** Writes second-bank.json and second-bank.bin into the folder of a pack, of all embeddings of both splits. */
export async function writeSecondBank(
  pack: ModelPack,
  bankSha256: string,
  all: { readonly train: Int8Array; readonly dev: Int8Array; readonly size: number },
): Promise<{ readonly bytes: number }> {
  const { size } = all;
  const stretches: Uint8Array[] = [];
  for (let at = 0; at < all.train.length; at += STRETCH * EVERY * size) {
    const { buffer, byteOffset } = all.train.subarray(at, at + STRETCH * size);
    stretches.push(new Uint8Array(buffer, byteOffset, Math.min(STRETCH * size, all.train.length - at)));
  }
  const train = new Int8Array(Buffer.concat(stretches));
  const basis = basisOf(all.dev, size);
  const basisBytes = Buffer.concat([bytesOf(basis.mean), bytesOf(basis.axes)]);
  const codes = {
    train: encodeEmbeddings(train, basis, STEPS.train),
    dev: encodeEmbeddings(all.dev, basis, STEPS.dev),
  };
  const bytes = Buffer.concat([basisBytes, codes.train, codes.dev]);
  const file: SecondBankFile = {
    format: 'wakegate-second-bank',
    version: 1,
    bank: bankSha256,
    weightsSha256: pack.secondLook!.weightsSha256,
    size,
    stretch: STRETCH,
    every: EVERY,
    train: { count: train.length / size, step: STEPS.train, bytes: codes.train.length },
    dev: { count: all.dev.length / size, step: STEPS.dev, bytes: codes.dev.length },
    sha256: createHash('sha256').update(bytes).digest('hex'),
  };
  await writeWhole(join(pack.directory, 'second-bank.bin'), bytes);
  await writeWhole(join(pack.directory, 'second-bank.json'), `${JSON.stringify(file, null, 2)}\n`);
  return { bytes: bytes.length };
}

/**
 * Reads the second look's bank in the folder of a pack.
 *
 * @returns null where there is none, or where it is of another second look: own keywords then have none
 * @throws WakegateError WG_DATA_INVALID where it was altered, or is of another bank
 */
export async function readSecondBank(pack: ModelPack, bankSha256: string): Promise<SecondBank | null> {
  const path = join(pack.directory, 'second-bank.json');
  const text = await readFile(path, 'utf8').catch(() => null);
  if (text === null || !pack.secondLook) return null;
  const file = parse(text, path);
  if (file.weightsSha256 !== pack.secondLook.weightsSha256) return null;
  if (file.bank !== bankSha256) throw invalid(path, 'is of another bank.bin');
  const bytes = await readFile(join(pack.directory, 'second-bank.bin')).catch(() => Buffer.alloc(0));
  if (createHash('sha256').update(bytes).digest('hex') !== file.sha256) {
    throw invalid(join(pack.directory, 'second-bank.bin'), 'is not the one that second-bank.json describes');
  }
  const { size, stretch, every, train, dev, sha256 } = file;
  const basisLength = 4 * size * (size + 1);
  const numbers = new Float32Array(new Uint8Array(bytes.subarray(0, basisLength)).buffer);
  const basis: Basis = { mean: numbers.subarray(0, size), axes: numbers.subarray(size) };
  const middle = basisLength + train.bytes;
  return {
    size,
    stretch,
    every,
    sha256,
    train: decodeEmbeddings(bytes.subarray(basisLength, middle), train.count, basis, train.step),
    dev: decodeEmbeddings(bytes.subarray(middle, middle + dev.bytes), dev.count, basis, dev.step),
    asStored: (values) =>
      decodeEmbeddings(encodeEmbeddings(values, basis, train.step), values.length / size, basis, train.step),
  };
}

function bytesOf(values: Float32Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}

function parse(text: string, path: string): SecondBankFile {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw invalid(path, `is not valid JSON (${(error as Error).message})`);
  }
  const checked = new Checker(SecondBankFile).check(value);
  if (checked.ok) return checked.value;
  throw invalid(path, `is no bank of a second look: key ${checked.fault.path.join('/')}`);
}

function invalid(path: string, problem: string): WakegateError {
  return new WakegateError(
    'WG_DATA_INVALID',
    `${path} ${problem}: install wakegate again, or make another bank`,
  );
}
