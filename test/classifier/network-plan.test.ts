import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { readModelWeights } from '../../src/classifier/model-weights.js';
import { NotPlanned, planNetwork } from '../../src/classifier/network-plan.js';
import { SimdNetwork } from '../../src/classifier/simd-network.js';
import { newKernels } from '../../src/simd/index.js';

type Config = Record<string, unknown>;

const layer = (class_name: string, name: string, config: Config, ...inputs: string[]) => ({
  class_name,
  config: { name, ...config },
  inbound_nodes: inputs.length > 0 ? [inputs.map((input) => [input, 0, 0, {}])] : [],
});
const input = layer('InputLayer', 'in', { batch_input_shape: [null, 6, 1, 4] });
const convolution = (name: string, from: string, config: Config = {}) =>
  layer(
    'Conv2D',
    name,
    { filters: 4, kernel_size: [1, 1], strides: [1, 1], padding: 'valid', ...config },
    from,
  );
const softmax = (from: string) => layer('Softmax', 'posteriors', { axis: -1 }, from);
const weightsOf = (...names: string[]) => ({
  weightSpecs: names.map((name) => ({ name: `${name}/kernel`, shape: [1, 1, 4, 4], dtype: 'float32' })),
  weights: new Uint8Array(64 * names.length),
});
const modelOf = (...layers: object[]) => ({
  topology: { class_name: 'Model', config: { layers } },
  ...weightsOf('a', 'b'),
});

describe('a network is planned', () => {
  test('with its sums and rectifications in the convolutions before them', () => {
    const { layers, tensors } = planNetwork(
      modelOf(
        input,
        convolution('a', 'in', { activation: 'relu' }),
        convolution('b', 'a'),
        layer('Cropping2D', 'crop', { cropping: [[0, 0], [0, 0]] }, 'a'), // biome-ignore format: one line
        layer('Add', 'sum', {}, 'b', 'crop'),
        layer('ReLU', 'relu', { max_value: null }, 'sum'),
        softmax('relu'),
      ),
    );
    assert.deepEqual(
      layers.map(({ name, input, output, relu, shortcut }) => ({ name, input, output, relu, shortcut })),
      [
        { name: 'a', input: 0, output: 1, relu: true, shortcut: null },
        { name: 'b', input: 1, output: 2, relu: true, shortcut: { tensor: 1, row: 0 } },
      ],
    );
    assert.equal(tensors.length, 3);
  });

  const refused: Record<string, object[]> = {
    'whose last layer is not a softmax': [input, convolution('a', 'in')],
    'with padding': [input, convolution('a', 'in', { padding: 'same' }), softmax('a')],
    'with dilation': [input, convolution('a', 'in', { dilation_rate: [2, 1] }), softmax('a')],
    'with another activation': [input, convolution('a', 'in', { activation: 'tanh' }), softmax('a')],
    'with a bounded ReLU': [
      input,
      convolution('a', 'in'),
      layer('ReLU', 'relu', { max_value: 6 }, 'a'),
      softmax('relu'),
    ],
    'without weights that fit': [input, convolution('a', 'in', { filters: 5 }), softmax('a')],
    'with a kernel that is longer than its input': [
      input,
      convolution('a', 'in', { kernel_size: [7, 1] }),
      softmax('a'),
    ],
    'with a sum of other lengths': [
      input,
      convolution('a', 'in'),
      layer('Cropping2D', 'crop', { cropping: [[1, 0], [0, 0]] }, 'in'), // biome-ignore format: one line
      layer('Add', 'sum', {}, 'a', 'crop'),
      softmax('sum'),
    ],
    'that asks for what was there before a ReLU': [
      input,
      convolution('a', 'in'),
      layer('ReLU', 'relu', {}, 'a'),
      convolution('b', 'a'),
      softmax('b'),
    ],
    'of unknown layers': [input, layer('LSTM', 'a', {}, 'in'), softmax('a')],
  };
  for (const [what, layers] of Object.entries(refused)) {
    test(`but not one ${what}`, () => {
      assert.throws(() => planNetwork(modelOf(...layers)), NotPlanned);
    });
  }
});

/** IEEE half precision, by its definition. */
function halfOf(bits: number): number {
  const [sign, exponent, fraction] = [bits >> 15 ? -1 : 1, (bits >> 10) & 31, bits & 1023];
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1 + fraction / 1024) * 2 ** (exponent - 15));
}

describe('weights in half precision', () => {
  // Zeros, the smallest, the largest below the normal ones, the smallest normal one, one, the largest, and infinity.
  const bits = [0, 0x8000, 1, 0x8001, 0x3ff, 0x83ff, 0x400, 0x3c00, 0xbc01, 0x7bff, 0xfbff, 0x3555];
  const halves = Uint16Array.from({ length: 4 * 20 }, (_, i) => bits[i % bits.length]);
  const model = {
    topology: {},
    weightSpecs: [
      {
        name: 'a/kernel',
        shape: [1, 1, 4, 20],
        dtype: 'float32',
        quantization: { dtype: 'float16', original_dtype: 'float32' },
      },
    ],
    weights: new Uint8Array(halves.buffer),
  };

  test('are read as what they are', () => {
    const { weights } = { weights: Uint16Array.of(...bits, 0x7c00, 0xfc00, 0x7e00) };
    const specs = [{ ...model.weightSpecs[0], shape: [weights.length] }];
    const read = readModelWeights({ ...model, weightSpecs: specs, weights: new Uint8Array(weights.buffer) });
    assert.deepEqual([...read.get('a/kernel')!.values()], [...weights].map(halfOf));
  });

  test('are the same to the kernels, whatever their number', { skip: newKernels() === null }, () => {
    const kernel = readModelWeights(model).get('a/kernel')!;
    const tensor = { rows: 4, columns: 1, channels: 4, stride: 4 };
    const bias = { length: 20, halves: null, values: () => new Float32Array(20) };
    const layer = {
      ...{ name: 'a', depthwise: false, input: 0, inputRow: 0, output: 1, kernel, bias },
      ...{ kernelRows: 1, kernelColumns: 1, strides: [1, 1] as const, shortcut: null, relu: false },
    };
    const plan = { tensors: [tensor, { ...tensor, channels: 20, stride: 20 }], layers: [layer], output: 1 };
    const identity = {
      moved: () => 0,
      fill: (rows: Float32Array) => {
        for (let i = 0; i < rows.length; i++) rows[i] = i % 5 === 0 ? 1 : 0;
      },
    };
    const network = new SimdNetwork(plan, identity, 1);
    network.run(null);
    assert.deepEqual(
      [...network.tensor(1)].map(Math.fround),
      [...halves].map((half) => halfOf(half) + 0),
    );
  });
});
