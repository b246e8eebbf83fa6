import { Checker, type Fault, type Static, sentenceOf, Type } from '../schema/index.js';
import { invalidPack } from './invalid.js';

/** The shape of pack.json; docs/reference/model-pack.md says what each field means. */

const strict = { additionalProperties: false };
/**
 * Every number has a bound, far over what a pack for a small board needs: nothing that a pack says may take the
 * listening thread, or its memory, for itself.
 */
const upTo = (maximum: number) => Type.Integer({ minimum: 1, maximum });
const Share = Type.Number({ minimum: 0, maximum: 1 });
const Name = Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9_-]*$', maxLength: 64 });

const Layer = Type.Object(
  {
    name: Name,
    kind: Type.Union([Type.Literal('conv'), Type.Literal('depthwise')]),
    taps: upTo(256),
    stride: upTo(16),
    inputs: upTo(1024),
    outputs: upTo(1024),
    relu: Type.Boolean(),
    shortcutFrom: Type.Union([Name, Type.Null()]),
    batchNorm: Type.Boolean(),
  },
  strict,
);

/** One point of the trade-off that the threshold was chosen on, with anything else that was measured there. */
const CurvePoint = Type.Unsafe<{
  threshold: number;
  falseStopRate: number;
  [measure: string]: number | null;
}>(
  Type.Object(
    { threshold: Share, falseStopRate: Share },
    { additionalProperties: Type.Union([Type.Number(), Type.Null()]) },
  ),
);

/** Of one file of a pack. */
const MAX_FILE_BYTES = 32 * 1024 * 1024;

/** What is parsed in some 30 ms; packs have 20 kB. */
const MAX_TOPOLOGY_BYTES = 256 * 1024;

const fileUpTo = (maximum: number) =>
  Type.Object(
    {
      bytes: Type.Integer({ minimum: 0, maximum }),
      sha256: Type.String({ pattern: '^[0-9a-f]{64}$' }),
    },
    strict,
  );

const Manifest = Type.Object(
  {
    format: Type.Literal('wakegate-pack'),
    version: Type.Literal(1),
    name: Name,
    description: Type.String({ maxLength: 4096 }),
    licence: Type.String({ maxLength: 4096 }),
    made: Type.Record(Type.String(), Type.Unknown()),
    keywords: Type.Array(Type.Object({ name: Name, threshold: Share, patience: upTo(1000) }, strict), {
      minItems: 1,
      maxItems: 256,
    }),
    features: Type.Object(
      {
        sampleRate: Type.Literal(16_000),
        windowSamples: Type.Integer({ minimum: 8, maximum: 8192 }),
        hopSamples: Type.Integer({ minimum: 80, maximum: 8192 }),
        melBands: upTo(256),
        coefficients: upTo(256),
      },
      strict,
    ),
    front: Type.Object(
      {
        batchNormEpsilon: Type.Number({ exclusiveMinimum: 0 }),
        layers: Type.Array(Layer, { minItems: 1, maxItems: 64 }),
      },
      strict,
    ),
    gate: Type.Object(
      {
        layers: Type.Array(Layer, { minItems: 1, maxItems: 64 }),
        threshold: Share,
        smoothingScores: upTo(256),
        hangoverSteps: Type.Integer({ minimum: 0, maximum: 1500 }),
        curve: Type.Optional(Type.Array(CurvePoint, { maxItems: 4096 })),
      },
      strict,
    ),
    compression: Type.Object(
      {
        channels: upTo(1024),
        levelStep: Type.Number({ exclusiveMinimum: 0, maximum: 1e6 }),
        maxLevel: Type.Integer({ minimum: 1, maximum: 255 }),
        zeroPrior: Type.Array(Type.Integer({ minimum: 1, maximum: 255 }), { maxItems: 3 * 1024 }),
      },
      strict,
    ),
    handoff: Type.Object({ windowSteps: upTo(512), hopSteps: upTo(512) }, strict),
    back: Type.Object(
      { macs: Type.Integer({ minimum: 0, maximum: 1e9 }), positions: upTo(64), positionSteps: upTo(512) },
      strict,
    ),
    secondLook: Type.Optional(
      Type.Object(
        {
          features: Type.Object(
            {
              kind: Type.Optional(Type.Literal('speech-embedding')),
              sampleRate: Type.Literal(16_000),
              windowSamples: Type.Integer({ minimum: 8, maximum: 8192 }),
              hopSamples: Type.Integer({ minimum: 80, maximum: 8192 }),
              bands: upTo(256),
            },
            strict,
          ),
          frames: upTo(1000),
          mean: Type.Array(Type.Number(), { maxItems: 256 }),
          deviation: Type.Array(Type.Number({ exclusiveMinimum: 0 }), { maxItems: 256 }),
          macs: Type.Integer({ minimum: 0, maximum: 1e9 }),
          weight: Type.Number({ minimum: 0, maximum: 100 }),
          keywords: Type.Record(
            Type.String(),
            Type.Object({ ask: Share, bias: Type.Number({ minimum: -100, maximum: 100 }) }, strict),
          ),
        },
        strict,
      ),
    ),
    detector: Type.Object(
      {
        smoothingPositions: upTo(256),
        refractoryMs: Type.Number({ minimum: 0, maximum: 60_000 }),
        rearmRatio: Share,
      },
      strict,
    ),
    tensors: Type.Array(
      Type.Object(
        {
          name: Type.String({ maxLength: 256 }),
          shape: Type.Array(upTo(1_000_000), { minItems: 1, maxItems: 3 }),
          offset: Type.Integer({ minimum: 0, maximum: MAX_FILE_BYTES, multipleOf: 4 }),
        },
        strict,
      ),
      { maxItems: 2048 },
    ),
    files: Type.Object(
      {
        'front.bin': fileUpTo(MAX_FILE_BYTES),
        'back.json': fileUpTo(MAX_TOPOLOGY_BYTES),
        'back.bin': fileUpTo(MAX_FILE_BYTES),
        'second.json': Type.Optional(fileUpTo(MAX_TOPOLOGY_BYTES)),
        'second.bin': Type.Optional(fileUpTo(MAX_FILE_BYTES)),
      },
      strict,
    ),
  },
  strict,
);

export type Manifest = Static<typeof Manifest>;
export type ManifestLayer = Static<typeof Layer>;
export type ManifestTensor = Manifest['tensors'][number];
export type PackFileName = keyof Manifest['files'];

/**
 * Parses pack.json. `file` is its path, for messages.
 *
 * Throws `WG_MODEL_INVALID` with the path of the first key that does not fit. What the keys mean together (layers
 * that chain, tensors that are there) is checked where they are used.
 */
export function parseManifest(text: string, file: string): Manifest {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    const reason = (error as Error).message;
    throw invalidPack(file, '', `not JSON (${reason})`, 'copy the pack again', error);
  }
  const checked = new Checker(Manifest).check(value);
  if (checked.ok) return checked.value;
  const { key, problem } = describe(checked.fault);
  throw invalidPack(file, key, problem, 'correct it as docs/reference/model-pack.md says');
}

function describe(fault: Fault): { key: string; problem: string } {
  const keys = fault.key === undefined ? fault.path : [...fault.path, fault.key];
  const key = keys.length === 0 ? '' : `key /${keys.join('/')}`;
  if (fault.keyword === 'additionalProperties') return { key, problem: 'is not known' };
  if (fault.keyword === 'required') return { key, problem: 'is missing' };
  return { key, problem: sentenceOf(fault, 'it') };
}
