import type { PackDescription, Tensor } from '../../model/index.js';
import type { Moments } from '../network/moments.js';
import { FRONT_TAPS, GATE_TAPS, type NetworkShape } from '../network/network.js';
import type { WeightMap } from '../network/weights.js';

type Layer = PackDescription['front']['layers'][number];

/** The front half of a network as a pack describes it. */
export function describeFront(shape: NetworkShape): Layer[] {
  const { coefficients, frontChannels: channels, frontBlocks } = shape;
  const layers: Layer[] = [
    layer('front', 'conv', FRONT_TAPS, 2, coefficients, channels, { relu: true, batchNorm: true }),
  ];
  for (let block = 1; block <= frontBlocks; block++) {
    const depthwise = `front${block}_depthwise`;
    layers.push(layer(depthwise, 'depthwise', FRONT_TAPS, 1, channels, channels, {}));
    layers.push(
      layer(`front${block}_pointwise`, 'conv', 1, 1, channels, channels, {
        relu: true,
        batchNorm: true,
        shortcutFrom: depthwise,
      }),
    );
  }
  layers.push(layer('activations', 'conv', 1, 1, channels, channels, {}));
  return layers;
}

export function describeGate(shape: NetworkShape): Layer[] {
  const { frontChannels, gateChannels } = shape;
  return [
    layer('gate1', 'conv', GATE_TAPS[0], 2, frontChannels, gateChannels, { relu: true, batchNorm: true }),
    layer('gate2', 'conv', GATE_TAPS[1], 1, gateChannels, gateChannels, { relu: true, batchNorm: true }),
    layer('gate3', 'conv', GATE_TAPS[2], 1, gateChannels, 1, {}),
  ];
}

/** The tensors of front half, gate head and compression, by the names that a pack gives them. */
export function frontTensors(shape: NetworkShape, weights: WeightMap, mfcc: Moments): Map<string, Tensor> {
  const tensors = new Map<string, Tensor>();
  const width = shape.coefficients;
  tensors.set('input/mean', { shape: [width], values: Float32Array.from(mfcc.mean) });
  tensors.set('input/variance', {
    shape: [width],
    values: Float32Array.from(mfcc.deviation, (value) => value ** 2),
  });
  for (const { name, kind, taps, inputs, outputs, batchNorm } of [
    ...describeFront(shape),
    ...describeGate(shape),
  ]) {
    const take = (from: string) => weights.get(from)!.values;
    if (kind === 'depthwise') {
      tensors.set(`${name}/kernel`, { shape: [taps, inputs], values: take(`${name}/depthwise_kernel`) });
      tensors.set(`${name}/bias`, { shape: [outputs], values: new Float32Array(outputs) });
      continue;
    }
    tensors.set(`${name}/kernel`, { shape: [taps, inputs, outputs], values: take(`${name}/kernel`) });
    if (batchNorm) {
      for (const what of ['gamma', 'beta', 'mean', 'variance']) {
        tensors.set(`${name}/${what}`, { shape: [outputs], values: take(`${name}_norm/${what}`) });
      }
    } else {
      tensors.set(`${name}/bias`, { shape: [outputs], values: take(`${name}/bias`) });
    }
  }
  const theta = weights.get('compression/theta')!.values.map((value) => Math.max(0, value));
  tensors.set('compression/theta', { shape: [theta.length], values: theta });
  return tensors;
}

function layer(
  name: string,
  kind: Layer['kind'],
  taps: number,
  stride: number,
  inputs: number,
  outputs: number,
  rest: Partial<Pick<Layer, 'relu' | 'batchNorm' | 'shortcutFrom'>>,
): Layer {
  return {
    name,
    kind,
    taps,
    stride,
    inputs,
    outputs,
    relu: false,
    shortcutFrom: null,
    batchNorm: false,
    ...rest,
  };
}
