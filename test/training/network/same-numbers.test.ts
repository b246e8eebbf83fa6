import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { openBackend } from '../../../src/classifier/index.js';
import { gatedCompression, gatedLosses, gatedTargets } from '../../../src/training/index.js';
import { BatchNorm } from '../../../src/training/network/batch-norm.js';
import { useNativeGradients } from '../../../src/training/network/native-kernels.js';
import { Random } from '../../../src/training/random.js';
import { skipWithoutTfjsNode } from '../../support/tfjs-node.js';

/** No convolution in it, whose kernels have no gradient in WebAssembly; batch normalization and a causal gate. */
function network(): tfl.LayersModel {
  const L = tfl.layers;
  const initializer = (seed: number) => tfl.initializers.heNormal({ seed });
  const input = tfl.input({ shape: [12, 1, 5] });
  let x = L.dense({ units: 8, kernelInitializer: initializer(1) }).apply(input);
  x = new BatchNorm({ name: 'norm' }).apply(x as tfl.SymbolicTensor);
  x = L.activation({ name: 'activations', activation: 'relu' }).apply(x as tfl.SymbolicTensor);
  x = L.flatten().apply(x as tfl.SymbolicTensor);
  x = L.dense({ units: 3, activation: 'softmax', kernelInitializer: initializer(2) }).apply(x);
  const model = tfl.model({ inputs: input, outputs: x as tfl.SymbolicTensor });
  return gatedCompression(model, { after: 'activations', gate: 'causal', beta: 0.5, seed: 3 });
}

/** Loss, and all weights after one step. */
async function oneStep(): Promise<{ loss: number; weights: Float32Array[] }> {
  const random = new Random(4);
  const x = tf.tensor4d(
    Float32Array.from({ length: 16 * 12 * 5 }, () => random.normal()),
    [16, 12, 1, 5],
  );
  const labels = tf.oneHot(
    tf.tensor1d(
      Array.from({ length: 16 }, (_, i) => i % 3),
      'int32',
    ),
    3,
  );
  const model = network();
  model.compile({ optimizer: tf.train.sgd(0.1), loss: gatedLosses(model, 'categoricalCrossentropy') });
  const [loss] = [await model.trainOnBatch(x, gatedTargets(labels, { negative: 0 }))].flat() as number[];
  return { loss, weights: model.getWeights().map((weight) => weight.dataSync().slice() as Float32Array) };
}

test('one step of training gives the same weights on WebAssembly and tfjs-node', {
  skip: skipWithoutTfjsNode,
}, async () => {
  await openBackend('wasm');
  const onWasm = await oneStep();
  await openBackend('node');
  useNativeGradients();
  const onNode = await oneStep();
  assert.ok(Math.abs(onWasm.loss - onNode.loss) < 1e-4, `${onWasm.loss} and ${onNode.loss}`);
  assert.equal(onWasm.weights.length, onNode.weights.length);
  for (const [i, weights] of onWasm.weights.entries()) {
    for (const [k, value] of weights.entries()) {
      assert.ok(Math.abs(value - onNode.weights[i][k]) < 1e-4, `${value} and ${onNode.weights[i][k]}`);
    }
  }
});
