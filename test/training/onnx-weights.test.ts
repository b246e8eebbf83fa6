import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readOnnxWeights } from '../../src/training/onnx-weights.js';

/** A message field with a length. */
const field = (number: number, bytes: Uint8Array) => Buffer.from([number * 8 + 2, bytes.length, ...bytes]);
const varint = (number: number, value: number) => Buffer.from([number * 8, value]);
const floats = (...values: number[]) => Buffer.from(new Float32Array(values).buffer);
const tensor = (name: string, dims: Buffer, type: number, raw: Uint8Array) =>
  field(5, Buffer.concat([dims, varint(2, type), field(8, Buffer.from(name)), field(9, raw)]));

test('reads the float32 tensors of a model, with dimensions one by one or packed', () => {
  const graph = Buffer.concat([
    field(2, Buffer.from('graph')),
    tensor('a', Buffer.concat([varint(1, 2), varint(1, 3)]), 1, floats(1, 2, 3, 4, 5, 6.5)),
    tensor('shape', varint(1, 1), 7, Buffer.alloc(8)),
    tensor('b', field(1, Buffer.from([1, 2])), 1, floats(-1, 0.25)),
  ]);
  const model = Buffer.concat([varint(1, 8), field(2, Buffer.from('test')), field(7, graph)]);
  const weights = readOnnxWeights(model);
  assert.deepEqual([...weights.keys()], ['a', 'b']);
  assert.deepEqual(weights.get('a'), { dims: [2, 3], values: Float32Array.from([1, 2, 3, 4, 5, 6.5]) });
  assert.deepEqual(weights.get('b'), { dims: [1, 2], values: Float32Array.from([-1, 0.25]) });

  for (const cut of [model.subarray(0, model.length - 3), Buffer.from('<html>404</html>'), Buffer.alloc(0)]) {
    assert.throws(() => readOnnxWeights(cut), {
      code: 'WG_DATA_INVALID',
      message: /not an ONNX model, or was cut/,
    });
  }
});
