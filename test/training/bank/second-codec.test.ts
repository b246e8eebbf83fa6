import assert from 'node:assert/strict';
import { test } from 'node:test';
import { basisOf, decodeEmbeddings, encodeEmbeddings } from '../../../src/training/bank/second-codec.js';
import { Random } from '../../../src/training/random.js';

const SIZE = 12;

/** Embeddings that change slowly, and whose numbers depend on each other, as those of speech do. */
function slowValues(count: number): Int8Array {
  const random = new Random(3);
  const waves = Array.from({ length: 4 }, () => ({
    every: random.between(12, 60),
    shift: random.between(0, 6),
    shape: Array.from({ length: SIZE }, () => random.between(-30, 30)),
  }));
  return Int8Array.from({ length: count * SIZE }, (_, i) => {
    const [row, column] = [Math.floor(i / SIZE), i % SIZE];
    const sum = waves.reduce(
      (total, { every, shift, shape }) => total + Math.sin(shift + row / every) * shape[column],
      5,
    );
    return Math.round(Math.max(-127, Math.min(127, sum)));
  });
}

test('embeddings come back nearly as they were, from a fraction of their bytes', () => {
  // No whole number of blocks.
  const values = slowValues(1003);
  const basis = basisOf(values, SIZE);
  const bytes = encodeEmbeddings(values, basis, 8);
  assert.ok(bytes.length < values.length / 10, `${bytes.length} bytes for ${values.length}`);
  const decoded = decodeEmbeddings(bytes, 1003, basis, 8);
  assert.equal(decoded.length, values.length);
  const error = Math.sqrt(
    values.reduce((sum, value, i) => sum + (value - decoded[i]) ** 2, 0) / values.length,
  );
  assert.ok(error < 4, `an error of ${error}`);
});

test('the axes are at right angles, and the first has most of what changes', () => {
  const values = slowValues(600);
  const { axes, mean } = basisOf(values, SIZE);
  const spread = (axis: number) => {
    let sum = 0;
    for (let row = 0; row < 600; row++) {
      let along = 0;
      for (let i = 0; i < SIZE; i++) along += (values[row * SIZE + i] - mean[i]) * axes[axis * SIZE + i];
      sum += along ** 2;
    }
    return sum;
  };
  for (let a = 0; a < SIZE; a++) {
    for (let b = 0; b <= a; b++) {
      let product = 0;
      for (let i = 0; i < SIZE; i++) product += axes[a * SIZE + i] * axes[b * SIZE + i];
      assert.ok(Math.abs(product - (a === b ? 1 : 0)) < 1e-4, `axes ${a} and ${b}`);
    }
    if (a > 0) assert.ok(spread(a) <= spread(a - 1) * 1.001 + 1, `axis ${a}`);
  }
});
