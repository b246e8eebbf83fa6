import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { openBackend } from '../../../src/classifier/index.js';
import { openSecondLookLevels, SPEECH_EMBEDDING_LEVELS } from '../../../src/features/index.js';
import { Teacher, teacherFile } from '../../../src/training/corpus/teacher.js';
import { readOnnxWeights } from '../../../src/training/network/onnx-weights.js';
import {
  buildSpeechEmbedding,
  speechEmbeddingFrames,
  speechEmbeddingWeights,
} from '../../../src/training/network/speech-embedding.js';
import { setWeights } from '../../../src/training/network/weights.js';
import { speech } from '../../support/speech.js';

test('one embedding sees 76 frames, and each other one 8 more', () => {
  assert.equal(speechEmbeddingFrames(1), 76);
  assert.equal(speechEmbeddingFrames(16), 76 + 15 * 8);
});

test('refuses the weights of another network', () => {
  const other = new Map([
    ['model/conv2d/Conv2D_weights_fused_bn', { dims: [24, 1, 5, 5], values: new Float32Array(600) }],
  ]);
  assert.throws(() => speechEmbeddingWeights(other), { code: 'WG_DATA_INVALID', message: /npm run teacher/ });
});

function fetched(): boolean {
  try {
    return teacherFile('embedding_model.onnx') !== '';
  } catch {
    return false;
  }
}

test('gives the embeddings that the teacher gives', {
  skip: !fetched() && 'npm run teacher was not run',
}, async () => {
  const samples = (await speech('She had your dark suit in greasy wash water.')).subarray(0, 32_000);
  const expected = await (await Teacher.load()).embed(samples);
  const count = expected.length / 96;
  assert.ok(count > 8);

  const { tf } = await openBackend('wasm');
  const model = buildSpeechEmbedding(speechEmbeddingFrames(count));
  const onnx = readOnnxWeights(await readFile(teacherFile('embedding_model.onnx')));
  setWeights(model.layers, speechEmbeddingWeights(onnx));
  const levels = openSecondLookLevels(SPEECH_EMBEDDING_LEVELS).frames(samples);
  const { bands } = SPEECH_EMBEDDING_LEVELS;
  const frames = speechEmbeddingFrames(count);
  const got = tf.tidy(() => {
    const input = tf.tensor4d(levels.subarray(0, frames * bands), [1, frames, bands, 1]);
    return (model.predict(input) as ReturnType<typeof tf.tensor>).dataSync();
  });
  const loudest = Math.max(...expected.map(Math.abs));
  for (const [i, value] of expected.entries()) {
    assert.ok(Math.abs(got[i]! - value) < 1e-4 * loudest, `${i}: ${got[i]} for ${value}`);
  }
});
