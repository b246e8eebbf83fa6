import { createHash } from 'node:crypto';
import { WakegateError } from '../errors.js';
import { Checker, type Static, sentenceOf, Type } from '../schema/index.js';
import { EMBEDDING_LAYER } from './embedding-layer.js';
import type { OwnHead, OwnKeyword } from './own-keyword-types.js';
import type { ModelPack, SecondLookOfKeyword } from './pack.js';

/** What a level counts for the gate of a keyword: levels have a long tail, and their roots are nearer to what a sum can use. */
export const LEVEL_VALUE = Float32Array.from({ length: 256 }, (_, level) => Math.sqrt(level) / 2);

/** More than the largest head takes. */
export const MOST_KEYWORD_BYTES = 1024 * 1024;
/** Own keywords on one pack. */
export const MOST_OWN_KEYWORDS = 32;

const strict = { additionalProperties: false };
const Name = Type.String({ pattern: '^[a-z0-9][a-z0-9_-]*$', maxLength: 64 });
const Whole = (maximum: number) => Type.Integer({ minimum: 1, maximum });
const Weights = Type.String({ pattern: '^[A-Za-z0-9+/]*={0,2}$', maxLength: MOST_KEYWORD_BYTES });

const Sha256 = Type.String({ pattern: '^[0-9a-f]{64}$' });
const Head = Type.Object(
  { embeddings: Whole(64), size: Whole(1024), hidden: Whole(256), weights: Weights },
  strict,
);

const KeywordFile = Type.Object(
  {
    format: Type.Literal('wakegate-keyword'),
    /** 1 has no second look. */
    version: Type.Union([Type.Literal(1), Type.Literal(2)]),
    name: Name,
    phrase: Type.String({ minLength: 1, maxLength: 200 }),
    trunk: Type.Object(
      { pack: Type.String({ maxLength: 64 }), fingerprint: Type.String({ pattern: '^[0-9a-f]{8}$' }) },
      strict,
    ),
    threshold: Type.Number({ exclusiveMinimum: 0, maximum: 1 }),
    patience: Whole(1000),
    head: Head,
    second: Type.Optional(
      Type.Object(
        {
          head: Head,
          weightsSha256: Sha256,
          ask: Type.Number({ exclusiveMinimum: 0, maximum: 1 }),
          bias: Type.Number({ minimum: -100, maximum: 100 }),
        },
        strict,
      ),
    ),
    gate: Type.Object({ taps: Whole(512), channels: Whole(1024), weights: Weights }, strict),
    sha256: Sha256,
    made: Type.Record(Type.String(), Type.Unknown()),
    forecast: Type.Record(Type.String(), Type.Unknown()),
  },
  strict,
);
type KeywordFile = Static<typeof KeywordFile>;

/** Of packs by their front halves, which are never changed. */
const fingerprints = new WeakMap<ModelPack['front'], string>();

/**
 * The trunk of a pack: its front half, its compression and its back half up to the embeddings. Gate and keywords are no part of it, so that
 * a pack that gets others keeps its own keywords.
 */
export function trunkOf(pack: ModelPack): OwnKeyword['trunk'] {
  let fingerprint = fingerprints.get(pack.front);
  if (fingerprint === undefined) {
    fingerprint = fingerprintOf(pack);
    fingerprints.set(pack.front, fingerprint);
  }
  return { pack: pack.name, fingerprint };
}

function fingerprintOf({ front, compression, back }: ModelPack): string {
  const hash = createHash('sha256');
  const add = (values: ArrayLike<number>) => hash.update(new Uint8Array(Float32Array.from(values).buffer));
  for (const { kernel, bias } of front) {
    add(kernel);
    add(bias);
  }
  const { theta, levelStep, maxLevel } = compression;
  add(theta);
  add([levelStep, maxLevel]);
  hash.update(back.weights.subarray(0, trunkBytes(back.weightSpecs as readonly WeightSpec[])));
  return hash.digest('hex').slice(0, 8);
}

interface WeightSpec {
  readonly name: string;
  readonly shape: readonly number[];
  readonly quantization?: { readonly dtype: string };
}

/** Up to the last weights of the embeddings: those of the head come after them. */
function trunkBytes(specs: readonly WeightSpec[]): number {
  const last = specs.findLastIndex(({ name }) => name.split('/')[0] === EMBEDDING_LAYER);
  return specs.slice(0, last + 1).reduce((sum, { shape, quantization }) => {
    return (
      sum + shape.reduce((product, axis) => product * axis, 1) * (quantization?.dtype === 'float16' ? 2 : 4)
    );
  }, 0);
}

/** The text of a keyword's file. The first layers are stored as bytes with a scale for each hidden unit, so they are a little rounded. */
export function formatOwnKeyword(keyword: OwnKeyword): string {
  const { name, phrase, trunk, threshold, patience, gate, second, made, forecast } = keyword;
  const head = packedHead(keyword.head);
  const secondHead = second && packedHead(second.head);
  const gateWeights = Buffer.from(Float32Array.of(...gate.weights, gate.bias).buffer).toString('base64');
  const file: KeywordFile = {
    format: 'wakegate-keyword',
    version: 2,
    name,
    phrase,
    trunk,
    threshold,
    patience,
    made,
    forecast,
    head,
    gate: { taps: gate.taps, channels: gate.channels, weights: gateWeights },
    ...(second && secondHead && { second: { ...second, head: secondHead } }),
    sha256: sha256(head.weights, gateWeights, ...(secondHead ? [secondHead.weights] : [])),
  };
  return `${JSON.stringify(file, null, 2)}\n`;
}

/**
 * @param file its path, for messages
 * @throws WakegateError WG_KEYWORD_INVALID
 */
export function parseOwnKeyword(text: string, file: string): OwnKeyword {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw invalid(file, `is not valid JSON (${(cause as Error).message})`, cause);
  }
  const checked = new Checker(KeywordFile).check(value);
  if (!checked.ok) throw invalid(file, `is no keyword: ${sentenceOf(checked.fault, 'it')}`);
  const { head, gate, second, sha256: hash, format: _, version: __, ...rest } = checked.value;
  if (sha256(head.weights, gate.weights, ...(second ? [second.head.weights] : [])) !== hash)
    throw invalid(file, 'was altered: its weights do not match its sha256');
  const gateValues = floats(Buffer.from(gate.weights, 'base64'));
  if (gateValues.length !== gate.taps * gate.channels + 1) {
    throw invalid(
      file,
      `has ${gateValues.length} weights of gate, which is another number than its sizes say`,
    );
  }
  const keyword: OwnKeyword = {
    ...rest,
    head: unpackedHead(head, file),
    second: second ? { ...second, head: unpackedHead(second.head, file) } : null,
    gate: { ...gate, weights: gateValues.slice(0, -1), bias: gateValues[gateValues.length - 1] },
  };
  const heads = [keyword.head, ...(keyword.second ? [keyword.second.head] : [])];
  const numbers = [gateValues, ...heads.flatMap(({ w1, b1, w2, b2 }) => [w1, b1, w2, [b2]])];
  if (!numbers.every((values) => (values as number[]).every(Number.isFinite))) {
    throw invalid(file, 'has weights that are no numbers');
  }
  return keyword;
}

/**
 * The pack with keywords of the user's own after its own ones.
 *
 * @throws WakegateError WG_KEYWORD_INVALID for a keyword of another trunk, and for names that collide
 */
export function withOwnKeywords(pack: ModelPack, own: readonly OwnKeyword[]): ModelPack {
  const base = pack.own ? pack.keywords.slice(0, pack.keywords.length - pack.own.length) : pack.keywords;
  if (own.length === 0) return { ...pack, ...secondLookFor(pack, base, own), keywords: base, own: [] };
  if (own.length > MOST_OWN_KEYWORDS) {
    throw new WakegateError(
      'WG_KEYWORD_INVALID',
      `${own.length} keywords of your own are more than ${MOST_OWN_KEYWORDS}: remove some`,
    );
  }
  const names = new Set(base.map(({ name }) => name));
  for (const keyword of own) {
    checkFits(keyword, pack);
    if (names.has(keyword.name)) {
      throw new WakegateError(
        'WG_KEYWORD_INVALID',
        `there is a keyword ${keyword.name} already: choose another name`,
      );
    }
    names.add(keyword.name);
  }
  const keywords = own.map(({ name, threshold, patience }) => ({ name, threshold, patience }));
  return { ...pack, ...secondLookFor(pack, base, own), keywords: [...base, ...keywords], own };
}

/** The pack's second look, which is asked about those own keywords too that were made for it. */
function secondLookFor(
  { secondLook }: ModelPack,
  base: ModelPack['keywords'],
  own: readonly OwnKeyword[],
): Pick<ModelPack, 'secondLook'> {
  if (!secondLook) return {};
  const keywords: Record<string, SecondLookOfKeyword> = {};
  for (const { name } of base) if (secondLook.keywords[name]) keywords[name] = secondLook.keywords[name];
  for (const { name, second } of own) {
    if (second && second.weightsSha256 === secondLook.weightsSha256) {
      // Own keywords are calibrated with both logits alike.
      keywords[name] = { ask: second.ask, bias: second.bias, weight: 1 };
    }
  }
  return { secondLook: { ...secondLook, keywords } };
}

/** @throws WakegateError WG_KEYWORD_INVALID for a keyword of another trunk */
export function checkFits({ name, trunk, head, gate }: OwnKeyword, pack: ModelPack): void {
  const ours = trunkOf(pack);
  if (trunk.fingerprint !== ours.fingerprint) {
    throw new WakegateError(
      'WG_KEYWORD_INVALID',
      `keyword ${name} was made for model pack ${trunk.pack} (${trunk.fingerprint}), this is ${ours.pack} ` +
        `(${ours.fingerprint}): add it again for this pack with \`wakegate keyword add\``,
    );
  }
  const fits =
    gate.channels === pack.compression.channels &&
    gate.taps <= pack.handoff.windowSteps &&
    head.embeddings + pack.back.positions - 1 <= pack.handoff.windowSteps;
  if (!fits) {
    throw new WakegateError(
      'WG_KEYWORD_INVALID',
      `keyword ${name} has other sizes than model pack ${ours.pack}: add it again`,
    );
  }
}

/** Whether something that is written for people names the phrase in file names and addresses. */
export function keywordNameOf(phrase: string): string {
  return phrase
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^_+|_+$/g, '')
    .slice(0, 64);
}

type HeadFile = KeywordFile['head'];

function packedHead(head: OwnHead): HeadFile {
  const { embeddings, size, hidden } = head;
  return { embeddings, size, hidden, weights: headBytes(head).toString('base64') };
}

function unpackedHead({ embeddings, size, hidden, weights }: HeadFile, file: string): OwnHead {
  const bytes = Buffer.from(weights, 'base64');
  const inputs = embeddings * size;
  if (bytes.length !== inputs * hidden + 4 * (3 * hidden + 1)) {
    throw invalid(file, `has ${bytes.length} bytes of head, which is another number than its sizes say`);
  }
  return { embeddings, size, hidden, ...headOf(bytes, inputs, hidden) };
}

/** For each hidden unit a scale, its bias and its weight in the sum, then the bias of the sum; then the first layer as bytes. */
function headBytes({ hidden, w1, b1, w2, b2 }: OwnHead): Buffer {
  const scales = new Float32Array(hidden);
  for (let i = 0; i < w1.length; i++) scales[i % hidden] = Math.max(scales[i % hidden], Math.abs(w1[i]));
  for (let h = 0; h < hidden; h++) scales[h] = scales[h] / 127 || 1;
  const bytes = Int8Array.from(w1, (value, i) => Math.round(value / scales[i % hidden]));
  const numbers = Float32Array.of(...scales, ...b1, ...w2, b2);
  return Buffer.concat([Buffer.from(numbers.buffer), Buffer.from(bytes.buffer)]);
}

function headOf(bytes: Buffer, inputs: number, hidden: number) {
  const numbers = floats(bytes.subarray(0, 4 * (3 * hidden + 1)));
  const stored = new Int8Array(bytes.subarray(numbers.byteLength));
  const w1 = new Float32Array(inputs * hidden);
  for (let i = 0; i < w1.length; i++) w1[i] = stored[i] * numbers[i % hidden];
  return {
    w1,
    b1: numbers.slice(hidden, 2 * hidden),
    w2: numbers.slice(2 * hidden, 3 * hidden),
    b2: numbers[3 * hidden],
  };
}

function floats(bytes: Uint8Array): Float32Array {
  return new Float32Array(new Uint8Array(bytes).buffer, 0, bytes.length >> 2);
}

function sha256(...texts: string[]): string {
  return createHash('sha256').update(texts.join(' ')).digest('hex');
}

function invalid(file: string, problem: string, cause?: unknown): WakegateError {
  return new WakegateError('WG_KEYWORD_INVALID', `${file} ${problem}; add the keyword again`, { cause });
}
