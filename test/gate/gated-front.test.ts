import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import * as tf from '@tensorflow/tfjs-core';
import { openBackend } from '../../src/classifier/index.js';
import { FrameStream } from '../../src/features/index.js';
import { GatedFront } from '../../src/gate/gated-front.js';
import type { ModelPack } from '../../src/model/index.js';
import { KeywordNetwork } from '../../src/training/network/keyword-network.js';
import { SHAPE } from '../../src/training/network/network.js';
import { exportPack } from '../../src/training/pack/export-pack.js';
import { Random } from '../../src/training/random.js';
import { speech } from '../support/speech.js';

const SECONDS = 10;
/** Frames of silence before the clip: more than front half and gate head look back, and odd, as a stream has it. */
const LEAD_FRAMES = 161;

const mfcc = {
  mean: Float32Array.from({ length: 20 }, (_, i) => (i === 0 ? 300 : 3 * (i % 4))),
  deviation: Float32Array.from({ length: 20 }, (_, i) => (i === 0 ? 120 : 10 + i)),
};

/** The network with weights, and statistics of batch normalization, as training could leave them. */
function trainedLike(network: KeywordNetwork): void {
  const random = new Random(3);
  const weights = network.weights();
  for (const [name, { values }] of weights) {
    for (let i = 0; i < values.length; i++) {
      if (/gamma|variance/.test(name)) values[i] = random.between(0.5, 1.5);
      else if (/beta|mean|bias/.test(name)) values[i] = random.between(-0.4, 0.4);
      else if (/theta/.test(name)) values[i] = random.between(0, 0.6);
    }
  }
  network.setWeights(weights);
}

describe('the streaming front half, step by step, is the same layers run by TensorFlow.js over the whole clip', () => {
  let folder: string;
  let pack: ModelPack;
  let network: KeywordNetwork;
  let frames: Float32Array;
  let expected: { activations: Float32Array; compressed: Float32Array; gate: Float32Array };

  before(async () => {
    await openBackend('wasm');
    folder = await mkdtemp(join(tmpdir(), 'wakegate-front-'));
    network = new KeywordNetwork(SHAPE, ['one', 'two'], mfcc);
    trainedLike(network);
    pack = await exportPack(join(folder, 'pack'), SHAPE, network.weights(), mfcc, network.keywords, {
      name: 'untrained',
      description: 'for this test',
      made: {},
      gateThreshold: 0.5,
      thresholds: 0.5,
    });

    const spoken = await speech(
      'The jarvis of the north wind and the sun disputed which of the two was the stronger computer, '.repeat(
        2,
      ),
    );
    const samples = new Int16Array(SECONDS * 16_000);
    samples.set(spoken.subarray(0, samples.length));
    const stream = new FrameStream(pack.features);
    frames = new Float32Array((samples.length / pack.features.hopSamples) * pack.features.coefficients);
    stream.push(samples, 0, frames);

    const lead = LEAD_FRAMES * pack.features.coefficients;
    const input = new Float32Array(lead + frames.length);
    input.set(frames, lead);
    const { activations, compressed, gate } = network.forward(network.standardize(input, 1), false);
    expected = {
      activations: (await activations.data()) as Float32Array,
      compressed: (await compressed.data()) as Float32Array,
      gate: (await tf.sigmoid(gate).data()) as Float32Array,
    };
  });
  after(() => rm(folder, { recursive: true, force: true }));

  test('activations, compressed levels and gate scores over 10 s', () => {
    const front = new GatedFront(pack);
    const { channels, levelStep } = pack.compression;
    const steps = frames.length / pack.features.coefficients / 2;
    const window = new Uint8Array(pack.handoff.windowSteps * channels);
    const newest = window.length - channels;
    let compared = 0;
    let nonZero = 0;
    for (let frame = 0; frame < 2 * steps; frame++) {
      const stepped = front.push(frames, frame * pack.features.coefficients);
      assert.equal(stepped, frame % 2 === 1, 'a step every second frame');
      if (!stepped) continue;
      // Both end with the last step of the clip.
      const row = expected.activations.length - (steps - front.step) * channels;
      front.copyWindow(window);
      for (let c = 0; c < channels; c++) {
        const activation = expected.activations[row + c];
        assert.ok(
          Math.abs(front.activations[c] - activation) <= 1e-4 * Math.max(1, Math.abs(activation)),
          `step ${front.step}, channel ${c}`,
        );
        // Rounding may fall to the other side where an activation lies between two levels.
        const level = expected.compressed[row + c] / levelStep;
        const between = Math.abs(((activation - pack.compression.theta[c]) / levelStep + 0.5) % 1) < 1e-3;
        assert.ok(
          window[newest + c] === Math.round(level) || between,
          `step ${front.step}, level of channel ${c}`,
        );
        nonZero += window[newest + c] > 0 ? 1 : 0;
      }
      compared++;
    }
    assert.equal(compared, SECONDS * 25);
    assert.ok(nonZero > 1000, 'there was something to compare');
  });

  test('gate scores, one every second step, each averaged with the one before', () => {
    const front = new GatedFront(pack);
    const scores: number[] = [];
    let before = Number.NaN;
    for (let frame = 0; frame * pack.features.coefficients < frames.length; frame++) {
      if (front.push(frames, frame * pack.features.coefficients) && front.score !== before)
        scores.push((before = front.score));
    }
    const smoothed = [...expected.gate].map((score, i, all) => (score + all[Math.max(0, i - 1)]) / 2);
    const newest = smoothed.slice(-Math.min(scores.length, 100));
    const actual = scores.slice(-newest.length);
    assert.ok(newest.length >= 100);
    for (const [i, score] of newest.entries())
      assert.ok(Math.abs(actual[i] - score) <= 1e-4, `${actual[i]} instead of ${score}`);
  });

  test('a reset stream gives what a new one gives', () => {
    const { coefficients } = pack.features;
    const used = new GatedFront(pack);
    for (let frame = 0; frame < 101; frame++) used.push(frames, frame * coefficients);
    used.reset(7);
    const fresh = new GatedFront(pack);
    const [a, b] = [
      new Uint8Array(pack.handoff.windowSteps * pack.compression.channels),
      new Uint8Array(pack.handoff.windowSteps * pack.compression.channels),
    ];
    for (let frame = 0; frame < 60; frame++) {
      used.push(frames, frame * coefficients);
      fresh.push(frames, frame * coefficients);
      assert.equal(used.step, fresh.step + 7);
      used.copyWindow(a);
      fresh.copyWindow(b);
      assert.deepEqual(a, b);
      assert.equal(used.score, fresh.score);
    }
  });
});

test('the gate opens at its threshold and stays open for the hangover', () => {
  const front = new GatedFront(passThroughPack());
  const open: number[] = [];
  for (let step = 0; step < 20; step++) {
    // Over the threshold at steps 3 and 4 only.
    const row = Float32Array.of(step === 3 || step === 4 ? 4 : -4);
    front.push(row, 0);
    assert.ok(front.push(row, 0));
    if (front.open) open.push(front.step);
  }
  assert.deepEqual(open, [3, 4, 5, 6, 7, 8, 9]);
});

test('the score is the mean of the newest outputs of the gate head', () => {
  const pack = passThroughPack();
  const front = new GatedFront({ ...pack, gate: { ...pack.gate, smoothingScores: 2 } });
  const logistic = (x: number) => 1 / (1 + Math.exp(-x));
  const inputs = [-4, 2, 3, -1];
  const scores = inputs.map((value) => {
    const row = Float32Array.of(value);
    front.push(row, 0);
    front.push(row, 0);
    return front.score;
  });
  // Silence, which comes before the first step, is an MFCC of 0 here.
  [0, ...inputs].slice(0, -1).forEach((before, i) => {
    const expected = (logistic(before) + logistic(inputs[i])) / 2;
    assert.ok(Math.abs(scores[i] - expected) < 1e-6, `${scores[i]} is not ${expected}`);
  });
});

/** A pack whose gate score is the logistic of its one MFCC; hangover of 5 steps. */
function passThroughPack(): ModelPack {
  const newestOf = (name: string, taps: number, stride: number) => ({
    name,
    kind: 'conv' as const,
    taps,
    stride,
    inputs: 1,
    outputs: 1,
    relu: false,
    shortcutFrom: null,
    kernel: Float32Array.from({ length: taps }, (_, i) => (i === taps - 1 ? 1 : 0)),
    bias: Float32Array.of(0),
  });
  return {
    features: { sampleRate: 16_000, windowSamples: 512, hopSamples: 320, melBands: 20, coefficients: 1 },
    front: [newestOf('front', 3, 2)],
    compression: {
      channels: 1,
      theta: Float32Array.of(0),
      levelStep: 0.25,
      maxLevel: 31,
      zeroPrior: Uint8Array.of(128, 128, 128),
    },
    gate: { head: [newestOf('gate', 1, 1)], threshold: 0.5, smoothingScores: 1, hangoverSteps: 5 },
    handoff: { windowSteps: 10, hopSteps: 4 },
  } as unknown as ModelPack;
}
