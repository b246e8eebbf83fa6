import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { openBackend } from '../../src/classifier/index.js';
import { quantizeToFloat16 } from '../../src/model/index.js';

describe('quantizeToFloat16', () => {
  it('writes weights that TensorFlow.js reads back to the precision of a half', async () => {
    const { tf } = await openBackend('wasm');
    const values = Float32Array.from([
      0,
      -0,
      1,
      -1,
      0.1,
      -3.3333,
      1.9999,
      2047.5,
      65_504,
      1e9,
      -1e9,
      6.2e-5,
      5e-6,
      -1e-7,
      2 ** -14,
      2 ** -24,
    ]);
    const counts = Int32Array.from([7, -8]);
    const plain = Buffer.concat([Buffer.from(values.buffer), Buffer.from(counts.buffer)]);
    const { weights, weightSpecs } = quantizeToFloat16({
      topology: {},
      weightSpecs: [
        { name: 'values', shape: [4, 4], dtype: 'float32' },
        { name: 'counts', shape: [2], dtype: 'int32' },
      ],
      weights: plain,
    });
    assert.equal(weights.byteLength, values.length * 2 + counts.length * 4);

    const read = tf.io.decodeWeights(
      new Uint8Array(weights).buffer,
      weightSpecs as Parameters<typeof tf.io.decodeWeights>[1],
    );
    assert.deepEqual(read.values!.shape, [4, 4]);
    assert.deepEqual([...read.counts!.dataSync()], [7, -8]);
    for (const [i, half] of read.values!.dataSync().entries()) {
      const wanted = Math.max(-65_504, Math.min(65_504, values[i]));
      // Half of the last of 11 binary digits; half of the smallest step near zero.
      const tolerance = Math.max(Math.abs(wanted) * 2 ** -11, 2 ** -25);
      assert.ok(Math.abs(half - wanted) <= tolerance, `${wanted} came back as ${half}`);
    }
  });
});
