import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { HalvingConvolution } from '../../../src/training/network/halving-convolution.js';

before(async () => {
  await tf.setBackend('cpu');
});

for (const taps of [2, 4, 5]) {
  for (const time of [11, 12]) {
    test(`${taps} taps over ${time} rows: what conv2d computes, and its gradients`, () => {
      const layer = new HalvingConvolution({ name: `halving_${taps}_${time}`, filters: 3, taps });
      const input = tfl.input({ shape: [null, 1, 2] });
      const model = tfl.model({ inputs: input, outputs: layer.apply(input) as tfl.SymbolicTensor });
      const kernel = tf.randomNormal([taps, 1, 2, 3], 0, 1, 'float32', 1) as tf.Tensor4D;
      layer.setWeights([kernel]);
      const x = tf.randomNormal([2, time, 1, 2], 0, 1, 'float32', 2) as tf.Tensor4D;
      const direct = (x: tf.Tensor, kernel: tf.Tensor) =>
        tf.conv2d(x as tf.Tensor4D, kernel as tf.Tensor4D, [2, 1], 'valid');

      const expected = direct(x, kernel);
      const [dx, dKernel] = tf.grads(direct)([x, kernel], expected);
      const got = model.predict(x) as tf.Tensor;
      assert.deepEqual(got.shape, expected.shape);
      const variable = (layer.trainableWeights[0] as unknown as { val: tf.Variable }).val;
      const energy = () => tf.mul(0.5, tf.sum(tf.square(layer.apply(x) as tf.Tensor))) as tf.Scalar;
      const pairs = [
        [got, expected],
        [tf.variableGrads(energy, [variable]).grads[variable.name], dKernel],
        [tf.grad((x) => tf.mul(0.5, tf.sum(tf.square(layer.apply(x) as tf.Tensor))))(x), dx],
      ];
      for (const [ours, theirs] of pairs) {
        const worst = tf.max(tf.abs(tf.sub(ours, theirs))).dataSync()[0];
        assert.ok(worst < 1e-5, `off by ${worst}`);
      }
    });
  }
}
