import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { LayerStack } from '../../src/gate/layer-stack.js';
import { SimdStack } from '../../src/gate/simd-stack.js';
import type { FrontLayer } from '../../src/model/index.js';
import { newKernels } from '../../src/simd/index.js';
import { Random } from '../../src/training/random.js';

const opened = newKernels();
const skip = opened === null && 'this processor has no SIMD for WebAssembly';
const kernels = opened!;

function layer(random: Random, shape: Partial<FrontLayer> & { name: string }): FrontLayer {
  const whole = {
    kind: 'conv' as const,
    taps: 1,
    stride: 1,
    inputs: 1,
    outputs: 1,
    relu: true,
    shortcutFrom: null,
    ...shape,
  };
  const { kind, taps, inputs, outputs } = whole;
  const weights = (count: number) => Float32Array.from({ length: count }, () => random.between(-0.5, 0.5));
  return {
    ...whole,
    kernel: weights(kind === 'conv' ? taps * inputs * outputs : taps * inputs),
    bias: weights(outputs),
  };
}

/** Rows of all widths, with a shortcut over a layer of several taps; no width is a multiple of four in the odd one. */
function network(seed: number, width: number, inputs: number, outputs: number): FrontLayer[] {
  const random = new Random(seed);
  return [
    layer(random, { name: 'a', taps: 3, stride: 2, inputs, outputs: width }),
    layer(random, { name: 'b', kind: 'depthwise', taps: 5, inputs: width, outputs: width, relu: false }),
    layer(random, { name: 'c', inputs: width, outputs: width, shortcutFrom: 'b' }),
    layer(random, { name: 'd', taps: 2, stride: 3, inputs: width, outputs, relu: false }),
  ];
}

function* rows(seed: number, inputs: number, count: number): Generator<Float32Array> {
  const random = new Random(seed);
  for (let i = 0; i < count; i++)
    yield Float32Array.from({ length: inputs + 2 }, () => random.between(-2, 2));
}

const outputsOf = (stack: LayerStack | SimdStack, input: Iterable<Float32Array>) =>
  [...input].map((row) => (stack.push(row, 1) ? [...stack.output] : null));

function assertClose(actual: (number[] | null)[], expected: (number[] | null)[]): void {
  assert.ok(expected.some((row) => row !== null));
  for (const [i, row] of expected.entries()) {
    assert.equal(actual[i] === null, row === null, `row ${i} gives an output`);
    for (const [c, value] of (row ?? []).entries()) {
      const error = Math.abs(actual[i]![c] - value);
      assert.ok(
        error <= 1e-5 * (1 + Math.abs(value)),
        `row ${i}, output ${c}: ${actual[i]![c]}, not ${value}`,
      );
    }
  }
}

describe('layers by SIMD are those of the plain path', { skip }, () => {
  for (const [width, inputs, outputs] of [
    [44, 20, 1],
    [44, 20, 44],
    [1, 1, 1],
    [3, 2, 5],
    [23, 13, 7],
    [64, 40, 31],
  ]) {
    test(`${inputs} inputs, ${width} channels, ${outputs} outputs`, () => {
      const layers = network(width, width, inputs, outputs);
      const input = [...rows(1, inputs, 90)];
      const fast = new SimdStack(layers, kernels);
      const plain = new LayerStack(layers);
      assertClose(outputsOf(fast, input), outputsOf(plain, input));
      assert.equal(fast.macsPerRow, plain.macsPerRow);
    });
  }

  test('streams that take turns hear what each would alone', () => {
    const layers = network(1, 44, 20, 8);
    const inputs = [1, 2, 3].map((seed) => [...rows(seed, 20, 60)]);
    const alone = inputs.map((input) => outputsOf(new SimdStack(layers, kernels), input));
    const stacks = inputs.map(() => new SimdStack(layers, kernels));
    const together = stacks.map((): (number[] | null)[] => []);
    for (let row = 0; row < 60; row++) {
      for (const [i, stack] of stacks.entries()) together[i].push(...outputsOf(stack, [inputs[i][row]]));
    }
    assert.deepEqual(together, alone);
  });

  test('a stream that becomes as another continues as that one', () => {
    const layers = network(1, 44, 20, 8);
    const [before, after, other] = [1, 2, 3].map((seed) => [...rows(seed, 20, 31)]);
    const one = new SimdStack(layers, kernels);
    outputsOf(one, before);
    const two = new SimdStack(layers, kernels);
    outputsOf(two, other);
    two.copyStateFrom(one);
    assert.deepEqual(outputsOf(two, after), outputsOf(one, after));
  });

  test('more networks than there is room for take turns, and lose nothing', () => {
    const { generation } = kernels;
    const input = [...rows(5, 20, 40)];
    const networks = Array.from({ length: 40 }, (_, i) => network(i, 96, 20, 9));
    const stacks = networks.map((layers) => new SimdStack(layers, kernels));
    const first = stacks.map((stack) => outputsOf(stack, input.slice(0, 20)));
    const second = stacks.map((stack) => outputsOf(stack, input.slice(20)));
    assert.ok(kernels.generation > generation + 1, 'the memory was full more than once');
    for (const [i, layers] of networks.entries()) {
      assertClose([...first[i], ...second[i]], outputsOf(new LayerStack(layers), input));
    }
  });

  test('a network that does not fit at all is left to the plain path', () => {
    assert.ok(SimdStack.takes(network(1, 44, 20, 8), kernels));
    assert.ok(!SimdStack.takes(network(1, 500, 20, 8), kernels));
    assert.ok(!SimdStack.takes(network(1, 4100, 1, 1), kernels));
  });

  test('what is no number stays none', () => {
    const layers = network(1, 44, 20, 8);
    const huge = [...rows(1, 20, 40)].map((row) => row.map((value) => value * 3e38));
    const isNumber = (all: (number[] | null)[]) => all.map((row) => row?.some(Number.isNaN));
    const expected = isNumber(outputsOf(new LayerStack(layers), huge));
    assert.ok(expected.includes(true));
    assert.deepEqual(isNumber(outputsOf(new SimdStack(layers, kernels), huge)), expected);
  });
});
