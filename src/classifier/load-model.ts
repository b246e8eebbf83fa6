import type * as TensorFlow from '@tensorflow/tfjs-core';
import type * as Layers from '@tensorflow/tfjs-layers';
import { WakegateError } from '../errors.js';
import type { LayersModel } from '../model/index.js';

/**
 * Loads a layers-model of a pack, and checks the shapes that it reads and gives, batches apart.
 *
 * Throws `WG_MODEL_INVALID` where TensorFlow.js cannot load it, or where a shape is another.
 */
export async function loadPackModel(
  tf: typeof TensorFlow,
  layers: typeof Layers,
  { topology, weightSpecs, weights }: LayersModel,
  file: 'back.json' | 'second.json',
  shapes: { readonly reads: readonly number[]; readonly gives: readonly number[] },
): Promise<Layers.LayersModel> {
  let model: Layers.LayersModel;
  try {
    model = await layers.loadLayersModel(
      tf.io.fromMemory({
        modelTopology: topology,
        weightSpecs: weightSpecs as TensorFlow.io.WeightsManifestEntry[],
        weightData: new Uint8Array(weights).buffer,
      }),
    );
  } catch (error) {
    const reason = (error as Error).message;
    throw new WakegateError('WG_MODEL_INVALID', `${file} cannot be loaded (${reason}); save the model again`);
  }
  checkShape(file, 'reads', model.inputs, shapes.reads);
  checkShape(file, 'gives', model.outputs, shapes.gives);
  return model;
}

function checkShape(
  file: string,
  verb: string,
  tensors: readonly Layers.SymbolicTensor[],
  expected: readonly number[],
): void {
  const shapes = tensors.map((tensor) => `[${tensor.shape.slice(1)}]`).join(' and ');
  if (shapes === `[${expected}]`) return;
  const problem = `the model in ${file} ${verb} ${shapes}, but pack.json says [${expected}]`;
  throw new WakegateError('WG_MODEL_INVALID', `${problem}; train it for this pack`);
}
