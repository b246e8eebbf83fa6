import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { openBackend, secondLookSamples } from '../../../src/classifier/index.js';
import { SecondLook } from '../../../src/classifier/second-look.js';
import { LogMel, openSecondLookLevels } from '../../../src/features/index.js';
import { SecondKeywordNetwork } from '../../../src/training/network/second-keyword-network.js';
import {
  framesForEmbeddings,
  SECOND_FEATURES,
  type SecondShape,
  SPEECH_EMBEDDING_SHAPE,
} from '../../../src/training/network/second-network.js';
import { exportSecond } from '../../../src/training/pack/second-model.js';
import { Random } from '../../../src/training/random.js';
import { speech } from '../../support/speech.js';
import { inFile } from '../../support/tiny-second-look.js';

const SHAPE: SecondShape = {
  stem: [
    { taps: 5, bands: 4, strides: [2, 2], filters: 6 },
    { taps: 3, bands: 3, strides: [2, 2], filters: 6 },
    { taps: 3, bands: 3, strides: [1, 1], filters: 8 },
    { taps: 3, bands: 3, strides: [2, 2], filters: 8 },
  ],
  bodyTaps: [3, 3],
  expandedChannels: 12,
  embedding: 8,
  headEmbeddings: 4,
  headChannels: [8, 6],
};

test('what a pack holds gives the numbers of the network that was trained', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'wakegate-second-model-'));
  t.after(() => rm(folder, { recursive: true }));
  const backend = await openBackend('wasm');
  const { tf } = backend;
  const moments = { mean: Array(32).fill(9), deviation: Array(32).fill(3) };
  const network = new SecondKeywordNetwork(SHAPE, 2, SHAPE.headEmbeddings, moments, 3);
  // As after training: no normalization is the identity any more.
  const random = new Random(4);
  const weights = network.weights();
  for (const [name, { values }] of weights) {
    if (name.includes('_norm/')) for (let i = 0; i < values.length; i++) values[i] = random.between(0.5, 1.5);
  }
  network.setWeights(weights);

  const { model, frames, macs } = await exportSecond(SHAPE, weights, 2);
  assert.equal(frames, framesForEmbeddings(SHAPE, SHAPE.headEmbeddings));
  const settings = {
    ...(await inFile(folder, model)),
    ...moments,
    frames,
    macs,
    weight: 1,
    keywords: {},
    features: SECOND_FEATURES,
  };
  const look = await SecondLook.load(backend, settings, 3);
  const samples = (await speech('She had your dark suit.')).slice(4000, 4000 + secondLookSamples(settings));
  const got = look.judge(samples);

  const levels = new LogMel(SECOND_FEATURES).frames(samples);
  const expected = tf.tidy(() => {
    const { logits } = network.forward(network.standardize(levels, 1), false);
    return tf.softmax(logits).dataSync();
  });
  assert.equal(got.length, 3);
  for (const [i, value] of expected.entries()) {
    assert.ok(Math.abs(got[i] - value) < 5e-3, `${got} for ${expected}: weights are float16`);
  }
});

test('a pack can hold the speech embedding as its body', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'wakegate-second-model-'));
  t.after(() => rm(folder, { recursive: true }));
  const backend = await openBackend('wasm');
  const { tf } = backend;
  const shape = { ...SPEECH_EMBEDDING_SHAPE, headEmbeddings: 2, headChannels: [8, 6] } as const;
  const moments = { mean: Array(32).fill(0), deviation: Array(32).fill(1) };
  const network = new SecondKeywordNetwork(shape, 2, shape.headEmbeddings, moments, 3);
  const weights = network.weights();
  // What is not trained has large logits, which softmax would make 0 and 1.
  const { values: kernel } = weights.get('head3/kernel')!;
  for (let i = 0; i < kernel.length; i++) kernel[i]! *= 0.001;
  network.setWeights(weights);
  const { model, features, frames, macs } = await exportSecond(shape, weights, 2);
  assert.equal(frames, 84);
  assert.equal(features.kind, 'speech-embedding');
  const pack = {
    ...(await inFile(folder, model)),
    ...moments,
    frames,
    macs,
    weight: 1,
    keywords: {},
    features,
  };
  const look = await SecondLook.load(backend, pack, 3);
  const samples = (await speech('She had your dark suit.')).slice(4000, 4000 + secondLookSamples(pack));
  const levels = openSecondLookLevels(features).frames(samples);
  const expected = tf.tidy(() => {
    const x = network.standardize(levels, 1);
    return tf.softmax(network.head.apply(network.embeddings(x)) as ReturnType<typeof tf.tensor>).dataSync();
  });
  assert.ok(Math.max(...expected) < 0.95 && Math.max(...expected) > 0.4, `${expected}`);
  for (const [i, value] of expected.entries()) {
    assert.ok(Math.abs(look.judge(samples)[i]! - value) < 5e-3, 'weights are float16');
  }
});
