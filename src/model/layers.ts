import { type Convolution, foldBatchNorm } from './fold.js';
import { invalidPack } from './invalid.js';
import type { ManifestLayer } from './manifest.js';
import type { FrontLayer } from './pack.js';
import type { TensorTable } from './tensors.js';

/**
 * Checks that layers chain: the first reads `inputs` channels, each reads what the one before it gives, the last
 * gives `outputs`; shortcuts start at this or an earlier layer of the same stack, cross no stride, and add as many
 * channels as there are. `key` is where the stack stands in the manifest, such as `/front/layers`.
 */
export function checkChain(
  layers: readonly ManifestLayer[],
  inputs: number,
  outputs: number,
  manifestPath: string,
  key: string,
): void {
  const fail = (index: number, field: string, problem: string): never => {
    throw invalidPack(manifestPath, `key ${key}/${index}/${field}`, problem, 'correct the layers');
  };
  let channels = inputs;
  for (const [index, layer] of layers.entries()) {
    if (layers.findIndex((other) => other.name === layer.name) < index) {
      fail(index, 'name', `"${layer.name}" is the name of an earlier layer as well`);
    }
    if (layer.inputs !== channels) {
      fail(index, 'inputs', `is ${layer.inputs}, but what comes in has ${channels} channels`);
    }
    if (layer.kind === 'depthwise' && layer.outputs !== layer.inputs) {
      fail(index, 'outputs', `is ${layer.outputs}, but a depthwise layer gives its ${layer.inputs} inputs`);
    }
    if (layer.shortcutFrom !== null) {
      const from = layers.findIndex((other) => other.name === layer.shortcutFrom);
      if (from < 0 || from > index) {
        fail(index, 'shortcutFrom', `"${layer.shortcutFrom}" is neither this layer nor an earlier one`);
      }
      if (layers.slice(from, index + 1).some((crossed) => crossed.stride !== 1)) {
        fail(index, 'shortcutFrom', `"${layer.shortcutFrom}" is on the other side of a stride`);
      }
      if (layers[from].inputs !== layer.outputs) {
        const added = layers[from].inputs;
        fail(index, 'shortcutFrom', `"${layer.shortcutFrom}" adds ${added} channels to ${layer.outputs}`);
      }
    }
    channels = layer.outputs;
  }
  if (channels !== outputs) {
    fail(layers.length - 1, 'outputs', `is ${channels}, but what reads it takes ${outputs} channels`);
  }
}

/** The layers of one stack with their tensors taken from `table` and batch normalization folded in. */
export function foldLayers(
  layers: readonly ManifestLayer[],
  table: TensorTable,
  epsilon: number,
): FrontLayer[] {
  return layers.map(({ batchNorm, ...layer }) => ({
    ...layer,
    ...(batchNorm ? normalized(layer, table, epsilon) : plain(layer, table)),
  }));
}

type Layer = Omit<ManifestLayer, 'batchNorm'>;

function plain(layer: Layer, table: TensorTable): Convolution {
  return {
    kernel: table.take(`${layer.name}/kernel`, kernelShape(layer)),
    bias: table.take(`${layer.name}/bias`, [layer.outputs]),
  };
}

function normalized(layer: Layer, table: TensorTable, epsilon: number): Convolution {
  const perOutput = (what: string) => table.take(`${layer.name}/${what}`, [layer.outputs]);
  const kernel = table.take(`${layer.name}/kernel`, kernelShape(layer));
  const norm = {
    gamma: perOutput('gamma'),
    beta: perOutput('beta'),
    mean: perOutput('mean'),
    variance: perOutput('variance'),
  };
  return foldBatchNorm(kernel, norm, epsilon);
}

function kernelShape({ kind, taps, inputs, outputs }: Layer): number[] {
  return kind === 'conv' ? [taps, inputs, outputs] : [taps, inputs];
}
