import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { foldBatchNorm, foldStandardization } from '../../src/model/fold.js';

const TAPS = 3;
const INPUTS = 4;
const OUTPUTS = 5;
const EPSILON = 1e-3;

/** Numbers without a pattern, in [low, high). */
function numbers(length: number, seed: number, low: number, high: number): Float32Array {
  return Float32Array.from({ length }, (_, i) => {
    const fraction = Math.abs(Math.sin((i + 1) * 12.9898 + seed * 78.233) * 43758.5453) % 1;
    return low + fraction * (high - low);
  });
}

/** One output row of a convolution, in double precision, straight from its definition. */
function convolve(kind: 'conv' | 'depthwise', x: number[], kernel: Float32Array, outputs: number): number[] {
  const inputs = x.length / TAPS;
  return Array.from({ length: outputs }, (_, o) => {
    let sum = 0;
    for (let t = 0; t < TAPS; t++) {
      for (let i = 0; i < inputs; i++) {
        if (kind === 'conv') sum += x[t * inputs + i] * kernel[(t * inputs + i) * outputs + o];
        else if (i === o) sum += x[t * inputs + i] * kernel[t * inputs + i];
      }
    }
    return sum;
  });
}

function assertClose(actual: number[], expected: number[]): void {
  for (const [i, value] of actual.entries()) {
    assert.ok(Math.abs(value - expected[i]) < 1e-4, `output ${i} is ${value}, not ${expected[i]}`);
  }
}

for (const kind of ['conv', 'depthwise'] as const) {
  const outputs = kind === 'conv' ? OUTPUTS : INPUTS;
  const kernel = numbers(kind === 'conv' ? TAPS * INPUTS * OUTPUTS : TAPS * INPUTS, 1, -1, 1);
  const x = [...numbers(TAPS * INPUTS, 2, -10, 10)];

  describe(`folding into a ${kind} layer`, () => {
    it('gives what convolution and batch normalization give one after the other', () => {
      const gamma = numbers(outputs, 3, 0.5, 2);
      const beta = numbers(outputs, 4, -1, 1);
      const mean = numbers(outputs, 5, -1, 1);
      const variance = numbers(outputs, 6, 0.001, 4);
      const expected = convolve(kind, x, kernel, outputs).map(
        (y, o) => (gamma[o] * (y - mean[o])) / Math.sqrt(variance[o] + EPSILON) + beta[o],
      );

      const folded = foldBatchNorm(kernel, { gamma, beta, mean, variance }, EPSILON);
      const y = convolve(kind, x, folded.kernel, outputs).map((sum, o) => sum + folded.bias[o]);
      // The widest output here is about 100, which float32 weights give to 1e-5 of its size.
      assertClose(y, expected);
    });

    it('gives what standardization and convolution give one after the other', () => {
      const bias = numbers(outputs, 7, -1, 1);
      const mean = numbers(INPUTS, 8, -5, 5);
      const variance = numbers(INPUTS, 9, 0.5, 30);
      const standardized = x.map((value, i) => (value - mean[i % INPUTS]) / Math.sqrt(variance[i % INPUTS]));
      const expected = convolve(kind, standardized, kernel, outputs).map((sum, o) => sum + bias[o]);

      const folded = foldStandardization({ kernel, bias }, kind, mean, variance);
      const y = convolve(kind, x, folded.kernel, outputs).map((sum, o) => sum + folded.bias[o]);
      assertClose(y, expected);
    });
  });
}
