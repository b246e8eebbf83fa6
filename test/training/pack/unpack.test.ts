import assert from 'node:assert/strict';
import { join } from 'node:path';
import { before, test } from 'node:test';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { openBackend } from '../../../src/classifier/index.js';
import { readPack } from '../../../src/model/index.js';
import { KeywordNetwork } from '../../../src/training/network/keyword-network.js';
import { SHAPE, spans } from '../../../src/training/network/network.js';
import { SecondKeywordNetwork } from '../../../src/training/network/second-keyword-network.js';
import type { SecondShape } from '../../../src/training/network/second-network.js';
import type { WeightMap } from '../../../src/training/network/weights.js';
import { addSecondLook } from '../../../src/training/pack/add-second-look.js';
import { exportPack } from '../../../src/training/pack/export-pack.js';
import { exportSecond } from '../../../src/training/pack/second-model.js';
import {
  spreadNormalization,
  spreadSecondNormalization,
  unpackNetwork,
  unpackSecond,
} from '../../../src/training/pack/unpack.js';
import { Random } from '../../../src/training/random.js';
import { temporaryFolder } from '../../support/temp-folder.js';
import { makeTinyPack } from '../../support/tiny-pack.js';

before(() => openBackend('wasm'));

const N = 6;
const FRAMES = spans.framesForFrontSteps(SHAPE, spans.stepsForEmbeddings(SHAPE, 18));
const random = new Random(3);
const frames = Float32Array.from({ length: N * FRAMES * SHAPE.coefficients }, () => 4 * random.normal());

/** A network whose every weight is other than a new one's, as after training. */
function trained(): KeywordNetwork {
  const mfcc = { mean: new Float32Array(20).fill(0.5), deviation: new Float32Array(20).fill(3) };
  const network = new KeywordNetwork(SHAPE, ['one', 'two'], mfcc, 5);
  const weights: WeightMap = new Map();
  for (const [name, { shape, values }] of network.weights()) {
    const changed = values.map((value) => {
      if (name.endsWith('/variance')) return random.between(1, 4);
      return shape.length === 4 ? value * random.between(0.3, 0.7) : value + 0.05 * random.normal();
    });
    weights.set(name, { shape, values: name === 'compression/theta' ? values : changed });
  }
  network.setWeights(weights);
  return network;
}

function heard(network: KeywordNetwork, training = false): { gate: Float32Array; posteriors: Float32Array } {
  return tf.tidy(() => {
    const { gate, logits } = network.forward(network.standardize(frames, N), training);
    return {
      gate: tf.sigmoid(gate).dataSync() as Float32Array,
      posteriors: tf.softmax(logits).dataSync() as Float32Array,
    };
  });
}

function furthest(a: Float32Array, b: Float32Array): number {
  assert.equal(a.length, b.length);
  return a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i])), 0);
}

test('a network comes back from its pack, with the scores of both', async () => {
  const network = trained();
  const directory = join(temporaryFolder(), 'pack');
  const choices = { name: 'pack', description: 'a test', made: {}, gateThreshold: 0.5, thresholds: 0.9 };
  await exportPack(directory, SHAPE, network.weights(), network.mfcc, network.keywords, choices);

  const restarted = await unpackNetwork(directory, SHAPE);
  const before = heard(network);
  assert.ok(
    before.posteriors.some((p) => p > 0.05 && p < 0.95),
    'the scores say something',
  );
  const check = () => {
    const after = heard(restarted);
    assert.ok(furthest(after.gate, before.gate) < 1e-5, 'the front half is stored as float32');
    assert.ok(furthest(after.posteriors, before.posteriors) < 0.01, 'the back half is stored as float16');
  };
  check();

  // The pack's own back half, on what the restarted front half gives it.
  const { back, handoff } = await readPack(directory);
  const { topology, weightSpecs, weights } = back;
  const saved = { modelTopology: topology, weightSpecs, weightData: weights.slice().buffer };
  const model = await tfl.loadLayersModel(tf.io.fromMemory(saved as tf.io.ModelArtifacts));
  const positions = tf.tidy(() => {
    const { compressed, logits } = restarted.forward(restarted.standardize(frames, N), false);
    const window = tf.slice(compressed, [0, 0, 0, 0], [N, handoff.windowSteps, 1, SHAPE.frontChannels]);
    const own = tf.softmax(tf.slice(logits, [0, 0, 0, 0], [N, back.positions, 1, 3]));
    return [model.predict(window) as tf.Tensor, own].map((of) => of.dataSync() as Float32Array);
  });
  assert.ok(furthest(positions[0], positions[1]) < 1e-4);

  spreadNormalization(restarted, frames, N);
  check();
  const { variance, gamma } = Object.fromEntries(
    ['variance', 'gamma'].map((what) => [what, restarted.weights().get(`head2_norm/${what}`)!.values]),
  );
  assert.ok(
    furthest(
      gamma,
      variance.map((value) => Math.sqrt(value + 1e-3)),
    ) < 1e-6,
  );
});

const SECOND: SecondShape = {
  stem: [
    { taps: 5, bands: 4, strides: [2, 2], filters: 4 },
    { taps: 3, bands: 3, strides: [2, 2], filters: 6 },
    { taps: 3, bands: 3, strides: [2, 2], filters: 8 },
  ],
  bodyTaps: [3],
  expandedChannels: 8,
  embedding: 6,
  headEmbeddings: 3,
  headChannels: [8, 6],
};

test('the network of a second look comes back from its pack too, for longer windows', async () => {
  const directory = join(temporaryFolder(), 'second');
  await makeTinyPack(directory);
  const moments = { mean: Array(32).fill(1), deviation: Array(32).fill(2) };
  const network = new SecondKeywordNetwork(SECOND, 2, 5, moments, 3);
  const weights = network.weights();
  for (const [name, { values }] of weights) {
    if (name.includes('_norm/')) for (let i = 0; i < values.length; i++) values[i] = random.between(0.5, 1.5);
  }
  network.setWeights(weights);
  await assert.rejects(unpackSecond(directory, SECOND, 5), {
    code: 'WG_DATA_INVALID',
    message: /has no second look/,
  });
  await addSecondLook(directory, await exportSecond(SECOND, weights, 2), moments, {
    weight: 1,
    keywords: { one: { ask: 0.3, bias: 0 }, two: { ask: 0.3, bias: 0 } },
  });

  const restarted = await unpackSecond(directory, SECOND, 5);
  const levels = Float32Array.from({ length: N * network.frames * 32 }, () => 1 + 2 * random.normal());
  const heard = (of: SecondKeywordNetwork, training: boolean) =>
    tf.tidy(() => {
      const { embeddings } = of.forward(of.standardize(levels, N), false, training);
      const { logits } = of.forward(of.standardize(levels, N), false);
      return [embeddings, tf.softmax(logits)].map((tensor) => tensor.dataSync() as Float32Array);
    });
  const [embeddings, posteriors] = heard(network, false);
  const check = () => {
    const after = heard(restarted, false);
    assert.ok(furthest(after[0], embeddings) < 0.05 && furthest(after[1], posteriors) < 0.01);
  };
  check();
  const [drifted] = heard(await unpackSecond(directory, SECOND, 5), true);
  assert.ok(furthest(drifted, embeddings) > 0.1, 'without statistics, training would hear something else');
  spreadSecondNormalization(restarted, levels, N);
  check();
  assert.ok(furthest(heard(restarted, true)[0], embeddings) < 0.1);
});
