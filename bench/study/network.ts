import * as tfl from '@tensorflow/tfjs-layers';
import { BatchNorm } from '../../src/training/network/batch-norm.js';
import { COEFFICIENTS, FRAMES } from './features.js';
import { CLASSES } from './task.js';

const L = tfl.layers;
type Symbolic = tfl.SymbolicTensor;

const FRONT_CHANNELS = 44;
const BODY_CHANNELS = 96;
export const FRONT_BLOCKS = 3;

/**
 * A network with no gate in it: [batch, 64, 1, 20] -> [batch, 7]. Its first half is built and named as that of the packs;
 * a gate can stand behind any of the layers `front1_relu`, `front2_relu`, `front3_relu`.
 *
 * @param seed of its first weights
 */
export function plainNetwork(seed: number): tfl.LayersModel {
  let drawn = 0;
  const initializer = () => tfl.initializers.heNormal({ seed: 1000 * seed + drawn++ });
  const convolution = (x: Symbolic, name: string, filters: number, taps: number, stride = 1) =>
    L.conv2d({
      name,
      filters,
      kernelSize: [taps, 1],
      strides: [stride, 1],
      padding: 'valid',
      useBias: false,
      kernelInitializer: initializer(),
    }).apply(x) as Symbolic;
  const normalized = (x: Symbolic, name: string) =>
    new BatchNorm({ name: `${name}_norm` }).apply(x) as Symbolic;
  const relu = (x: Symbolic, name: string) => L.reLU({ name: `${name}_relu` }).apply(x) as Symbolic;
  const block = (x: Symbolic, name: string, taps: number) => {
    const depthwise = L.depthwiseConv2d({
      name: `${name}_depthwise`,
      kernelSize: [taps, 1],
      padding: 'valid',
      useBias: false,
      depthwiseInitializer: initializer(),
    }).apply(x) as Symbolic;
    const pointwise = convolution(depthwise, `${name}_pointwise`, x.shape[3]!, 1);
    const newest = L.cropping2D({
      name: `${name}_crop`,
      cropping: [
        [taps - 1, 0],
        [0, 0],
      ],
    }).apply(x) as Symbolic;
    const sum = L.add({ name: `${name}_add` }).apply([normalized(pointwise, `${name}_pointwise`), newest]);
    return relu(sum as Symbolic, name);
  };

  const input = tfl.input({ shape: [FRAMES, 1, COEFFICIENTS], name: 'frames' });
  let x = relu(normalized(convolution(input, 'front', FRONT_CHANNELS, 5, 2), 'front'), 'front'); // [30, 1, 44]
  for (let i = 1; i <= FRONT_BLOCKS; i++) x = block(x, `front${i}`, 5); // [26], [22], [18, 1, 44]
  x = relu(normalized(convolution(x, 'body', BODY_CHANNELS, 4, 2), 'body'), 'body'); // [8, 1, 96]
  for (let i = 1; i <= 3; i++) x = block(x, `body${i}`, 3); // [6], [4], [2, 1, 96]
  const mean = L.globalAveragePooling2d({ name: 'mean' }).apply(x) as Symbolic;
  const highest = L.globalMaxPooling2d({ name: 'highest' }).apply(x) as Symbolic;
  const pooled = L.concatenate({ name: 'pooled' }).apply([mean, highest]) as Symbolic;
  const output = L.dense({
    name: 'classes',
    units: CLASSES.length,
    activation: 'softmax',
    kernelInitializer: initializer(),
  }).apply(pooled) as Symbolic;
  return tfl.model({ inputs: input, outputs: output, name: 'plain' });
}

/** Multiplications for each step of 40 ms that the layers before a gate, behind block `blocks`, take. */
export function frontMacs(blocks: number): number {
  return 5 * COEFFICIENTS * FRONT_CHANNELS + blocks * (5 * FRONT_CHANNELS + FRONT_CHANNELS ** 2);
}
