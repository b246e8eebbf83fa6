import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readOnnxWeights } from '../../../src/training/network/onnx-weights.js';
import { floatBytes, onnxBytes } from '../../support/onnx-bytes.js';

test('reads the float32 tensors of a model, with dimensions one by one or packed', () => {
  const long = Array.from({ length: 200 }, (_, i) => i / 8);
  const model = onnxBytes([
    { name: 'a', dims: [2, 3], raw: floatBytes([1, 2, 3, 4, 5, 6.5]) },
    { name: 'shape', dims: [1], raw: Buffer.alloc(8), type: 7 },
    { name: 'b', dims: [1, 200], raw: floatBytes(long), packed: true },
  ]);
  const weights = readOnnxWeights(model);
  assert.deepEqual([...weights.keys()], ['a', 'b']);
  assert.deepEqual(weights.get('a'), { dims: [2, 3], values: Float32Array.from([1, 2, 3, 4, 5, 6.5]) });
  assert.deepEqual(weights.get('b'), { dims: [1, 200], values: Float32Array.from(long) });

  const wrong = onnxBytes([{ name: 'a', dims: [2, 3], raw: floatBytes([1]) }]);
  const cut = model.subarray(0, model.length - 3);
  for (const bytes of [wrong, cut, Buffer.from('<html>404</html>'), Buffer.alloc(0)]) {
    assert.throws(() => readOnnxWeights(bytes), {
      code: 'WG_DATA_INVALID',
      message: /not an ONNX model, or was cut/,
    });
  }
});
