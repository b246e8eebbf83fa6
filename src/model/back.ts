import { basename } from 'node:path';
import { Checker, type Static, sentenceOf, Type } from '../schema/index.js';
import { invalidPack } from './invalid.js';

/**
 * back.json and back.bin, second.json and second.bin: a TensorFlow.js layers-model as `model.save` writes it, checked without TensorFlow.js as far
 * as that goes; the classifier's worker checks the rest when it loads it.
 */

const WeightSpec = Type.Object({
  name: Type.String(),
  shape: Type.Array(Type.Integer({ minimum: 0 })),
  dtype: Type.Union([Type.Literal('float32'), Type.Literal('int32'), Type.Literal('bool')]),
  quantization: Type.Optional(
    Type.Object({
      dtype: Type.Union([Type.Literal('float16'), Type.Literal('uint8'), Type.Literal('uint16')]),
    }),
  ),
});

const ModelJson = Type.Object({
  format: Type.Literal('layers-model'),
  modelTopology: Type.Object({}),
  weightsManifest: Type.Tuple([
    Type.Object({ paths: Type.Tuple([Type.String()]), weights: Type.Array(WeightSpec) }),
  ]),
});

type WeightSpec = Static<typeof WeightSpec>;

/** What is handed to TensorFlow.js: topology, and the weights as they stand in the file. */
export interface LayersModel {
  readonly topology: object;
  readonly weightSpecs: readonly object[];
  readonly weights: Uint8Array;
}

/** The text of back.json, or second.json, for a model whose weights go to the file `weightsFile` beside it. */
export function formatModelJson(
  { topology, weightSpecs }: Omit<LayersModel, 'weights'>,
  weightsFile = 'back.bin',
): string {
  return JSON.stringify({
    format: 'layers-model',
    generatedBy: 'wakegate',
    convertedBy: null,
    modelTopology: topology,
    weightsManifest: [{ paths: [weightsFile], weights: weightSpecs }],
  });
}

/**
 * Parses back.json and checks it against the weights and against `inputShape`, [windowSteps, 1, channels].
 *
 * Throws `WG_MODEL_INVALID` where it is not a layers-model, where its weights do not fill `weights`, or where it reads
 * another shape.
 */
export function parseModelJson<Weights extends { readonly byteLength: number }>(
  text: string,
  weights: Weights,
  inputShape: readonly number[],
  file: string,
): Omit<LayersModel, 'weights'> & { readonly weights: Weights } {
  const weightsFile = basename(file).replace(/json$/, 'bin');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw invalidPack(file, '', `not JSON (${(error as Error).message})`, 'copy the pack again', error);
  }
  const checked = new Checker(ModelJson).check(value);
  if (!checked.ok) {
    const problem = `not a layers-model with its weights in ${weightsFile} (${sentenceOf(checked.fault, 'it')})`;
    throw invalidPack(file, `key /${checked.fault.path.join('/')}`, problem, 'save the model again');
  }
  const [{ paths }] = checked.value.weightsManifest;
  if (paths[0] !== weightsFile) {
    const problem = `not a layers-model with its weights in ${weightsFile} (they are in ${paths[0]})`;
    throw invalidPack(file, 'key /weightsManifest/0/paths/0', problem, 'save the model again');
  }
  const { modelTopology, weightsManifest } = checked.value;
  const weightSpecs = weightsManifest[0].weights;
  const bytes = weightSpecs.reduce((sum, spec) => sum + byteLength(spec), 0);
  if (bytes !== weights.byteLength) {
    const problem = `lists ${bytes} bytes of weights, but ${weightsFile} holds ${weights.byteLength}`;
    throw invalidPack(file, 'key /weightsManifest', problem, 'save the model again');
  }
  const shape = batchInputShape(modelTopology)?.slice(1);
  if (shape !== undefined && JSON.stringify(shape) !== JSON.stringify(inputShape)) {
    const problem = `reads ${JSON.stringify(shape).slice(0, 100)}, but a handoff of this pack is [${inputShape}]`;
    throw invalidPack(file, 'key /modelTopology', problem, 'train the back half for this handoff');
  }
  return { topology: modelTopology, weightSpecs, weights };
}

const BYTES = { float32: 4, int32: 4, bool: 1, float16: 2, uint16: 2, uint8: 1 };

function byteLength(spec: WeightSpec): number {
  const values = spec.shape.reduce((product, length) => product * length, 1);
  return values * BYTES[spec.quantization?.dtype ?? spec.dtype];
}

/** [null, ...] of the first layer that says so; undefined where the topology is written in a way not known here. */
function batchInputShape(topology: object): unknown[] | undefined {
  const config = keyOf(keyOf(topology, 'model_config') ?? topology, 'config');
  const layers = Array.isArray(config) ? config : keyOf(config, 'layers');
  for (const layer of Array.isArray(layers) ? layers : []) {
    const shape = keyOf(keyOf(layer, 'config'), 'batch_input_shape');
    if (Array.isArray(shape)) return shape;
  }
  return undefined;
}

/** Whatever the value is: the topology has no schema. */
function keyOf(value: unknown, key: string): unknown {
  return (value as Record<string, unknown> | null | undefined)?.[key];
}
