import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { openBackend } from '../../../src/classifier/index.js';
import { Compression } from '../../../src/training/layer/compression.js';
import { BatchNorm } from '../../../src/training/network/batch-norm.js';
import { KeywordNetwork } from '../../../src/training/network/keyword-network.js';
import { SHAPE } from '../../../src/training/network/network.js';
import {
  averageWeights,
  readWeightMap,
  setWeights,
  weightsOf,
  writeWeights,
} from '../../../src/training/network/weights.js';
import { exportPack } from '../../../src/training/pack/export-pack.js';
import { Random } from '../../../src/training/random.js';

before(() => openBackend('wasm'));

describe('compression without a gate', () => {
  const layer = () => {
    const compression = new Compression({ name: 'gc', levelStep: 0.5, maxLevel: 3 });
    compression.apply(tf.zeros([1, 2]));
    compression.setWeights([tf.tensor1d([0.25, 1])]);
    return compression;
  };

  test('shrinks by theta, rounds to levels, clips', () => {
    const z = layer().apply(
      tf.tensor2d([
        [-1, 5],
        [0.4, 1.1],
        [0.8, 1.6],
        [9, 2.3],
      ]),
    ) as tf.Tensor;
    assert.deepEqual([...z.dataSync()], [0, 1.5, 0, 0, 0.5, 0.5, 1.5, 1.5]);
  });

  test('passes the gradient straight through the rounding, and none through what it stopped', () => {
    const compression = layer();
    const gradient = tf.grad((x) => tf.sum(compression.apply(x) as tf.Tensor))(
      tf.tensor2d([
        [-1, 1.2],
        [0.6, 9],
      ]),
    );
    assert.deepEqual([...gradient.dataSync()], [0, 1, 1, 0]);
  });

  test('comes back from its configuration, inside a model as JSON', async () => {
    const { name, levelStep, maxLevel } = layer().getConfig();
    assert.deepEqual({ name, levelStep, maxLevel }, { name: 'gc', levelStep: 0.5, maxLevel: 3 });
    const input = tfl.input({ shape: [4] });
    const output = new Compression({ levelStep: 0.25, maxLevel: 31 }).apply(input) as tfl.SymbolicTensor;
    const model = tfl.model({ inputs: input, outputs: output });
    const copy = await tfl.models.modelFromJSON({ modelTopology: JSON.parse(model.toJSON() as string) });
    const x = tf.tensor2d([[0.2, 1, 3, 20]]);
    assert.deepEqual(
      [...(copy.predict(x) as tf.Tensor).dataSync()],
      [...(model.predict(x) as tf.Tensor).dataSync()],
    );
  });
});

describe('batch normalization', () => {
  test('gives the numbers of its definition, and moves its averages, in training', () => {
    const norm = new BatchNorm({ name: 'norm' });
    const random = new Random(4);
    const values = Float32Array.from({ length: 2 * 5 * 3 }, () => random.normal() * 3 + 1);
    const x = tf.tensor4d(values, [2, 5, 1, 3]);
    const y = (norm.apply(x, { training: true }) as tf.Tensor).dataSync();
    for (let c = 0; c < 3; c++) {
      const column = values.filter((_, i) => i % 3 === c);
      const mean = column.reduce((a, b) => a + b, 0) / 10;
      const variance = column.reduce((a, b) => a + (b - mean) ** 2, 0) / 10;
      for (const [i, value] of column.entries()) {
        assert.ok(Math.abs(y[3 * i + c] - (value - mean) / Math.sqrt(variance + 1e-3)) < 1e-4);
      }
      const [, , movingMean, movingVariance] = norm.getWeights().map((weight) => weight.dataSync());
      assert.ok(Math.abs(movingMean[c] - 0.02 * mean) < 1e-5);
      assert.ok(Math.abs(movingVariance[c] - (0.98 + (0.02 * variance * 10) / 9)) < 1e-5);
    }
  });

  test('has the gradient of finite differences', () => {
    const norm = new BatchNorm({ name: 'norm' });
    const random = new Random(5);
    const values = Float32Array.from({ length: 12 }, () => random.normal());
    const weight = tf.tensor4d(
      Float32Array.from({ length: 12 }, () => random.normal()),
      [2, 3, 1, 2],
    );
    const loss = (x: tf.Tensor) =>
      tf.sum(tf.mul(norm.apply(x, { training: true }) as tf.Tensor, weight)) as tf.Scalar;
    const gradient = tf
      .grad((x) => loss(x))(tf.tensor4d(values, [2, 3, 1, 2]))
      .dataSync();
    for (let i = 0; i < values.length; i++) {
      const at = (offset: number) => {
        const moved = values.map((value, k) => (k === i ? value + offset : value));
        return loss(tf.tensor4d(moved, [2, 3, 1, 2])).dataSync()[0];
      };
      const slope = (at(1e-2) - at(-1e-2)) / 2e-2;
      assert.ok(
        Math.abs(slope - gradient[i]) < 2e-3 * Math.max(1, Math.abs(slope)),
        `${gradient[i]} instead of ${slope}`,
      );
    }
  });
});

describe('weights', () => {
  test('survive a file, and are averaged', async (t) => {
    const folder = await mkdtemp(join(tmpdir(), 'wakegate-weights-'));
    t.after(() => rm(folder, { recursive: true, force: true }));
    const dense = tfl.layers.dense({ units: 2, name: 'dense' });
    dense.apply(tf.zeros([1, 3]));
    const before = weightsOf([dense]);
    await writeWeights(join(folder, 'weights.bin'), before);
    setWeights(
      [dense],
      new Map(
        [...before].map(([name, { shape, values }]) => [name, { shape, values: values.map((x) => x + 1) }]),
      ),
    );
    const averaged = averageWeights(before, [dense], 0.75);
    const read = await readWeightMap(join(folder, 'weights.bin'));
    for (const [name, { shape, values }] of read) {
      assert.deepEqual(shape, before.get(name)!.shape);
      assert.deepEqual(values, before.get(name)!.values);
      for (const [i, value] of averaged.get(name)!.values.entries())
        assert.ok(Math.abs(value - values[i] - 0.25) < 1e-6);
    }
    assert.throws(
      () =>
        setWeights(
          [tfl.layers.dense({ units: 2, name: 'dense', inputShape: [4] })].map((layer) => {
            layer.apply(tf.zeros([1, 4]));
            return layer;
          }),
          read,
        ),
      /shape \[3,2\] instead of \[4,2\]/,
    );
  });
});

describe('an exported pack', () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'wakegate-export-'));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  test('has a back half that gives the posteriors of the network it was made from', async () => {
    const mfcc = { mean: new Float32Array(20), deviation: new Float32Array(20).fill(1) };
    const network = new KeywordNetwork(SHAPE, ['one', 'two'], mfcc);
    const random = new Random(6);
    const weights = network.weights();
    for (const [name, { values }] of weights) {
      for (let i = 0; i < values.length; i++) {
        if (/gamma|variance/.test(name)) values[i] = random.between(0.6, 1.4);
        else if (/beta|mean|bias/.test(name)) values[i] = random.between(-0.3, 0.3);
      }
    }
    network.setWeights(weights);
    const pack = await exportPack(join(folder, 'pack'), SHAPE, network.weights(), mfcc, network.keywords, {
      name: 'untrained',
      description: 'for this test',
      made: {},
      gateThreshold: 0.5,
      thresholds: { one: 0.4, two: 0.6 },
    });
    assert.deepEqual(
      pack.keywords.map(({ threshold }) => threshold),
      [0.4, 0.6],
    );

    const { windowSteps } = pack.handoff;
    const z = tf.tensor4d(
      Float32Array.from({ length: windowSteps * SHAPE.frontChannels }, () =>
        random.chance(0.8) ? 0 : 0.25 * (1 + random.index(6)),
      ),
      [1, windowSteps, 1, SHAPE.frontChannels],
    );
    const embeddings = network.body.apply(z) as tf.Tensor;
    const expected = tf.softmax(network.head.apply(embeddings) as tf.Tensor).dataSync();
    const { topology, weightSpecs, weights: bytes } = pack.back;
    const back = await tfl.loadLayersModel(
      tf.io.fromMemory({
        modelTopology: topology,
        weightSpecs: weightSpecs as tf.io.WeightsManifestEntry[],
        weightData: Uint8Array.from(bytes).buffer,
      }),
    );
    const actual = back.predict(z) as tf.Tensor;
    assert.deepEqual(actual.shape, [1, pack.back.positions, 3]);
    // The pack's weights are float16.
    for (const [i, value] of actual.dataSync().entries())
      assert.ok(Math.abs(value - expected[i]) < 5e-3, `${value}, ${expected[i]}`);
  });
});
