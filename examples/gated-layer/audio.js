/**
 * A GC layer in a small network over sound: rising, falling and wavering tones in 48 frames of 16 bands, among noise,
 * hums and clicks. The gate is causal: it has a score for every frame, from what was heard up to then.
 * `npm run build && node examples/gated-layer/audio.js [examples] [epochs]`
 */
import './backend.js';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { seeded } from './random.js';
import { printTradeOff } from './trade-off.js';

const FRAMES = 48;
const BANDS = 16;
/** Band that the tone has reached at a share of its length, from 0 to 1. */
const TONES = [(at) => 3 + 9 * at, (at) => 12 - 9 * at, (at) => 8 + 4 * Math.sin(9 * at)];

function sounds(count, seed) {
  const random = seeded(seed);
  const frames = new Float32Array(count * FRAMES * BANDS);
  const labels = Array.from({ length: count }, (_, i) => {
    const sound = frames.subarray(i * FRAMES * BANDS, (i + 1) * FRAMES * BANDS);
    const label = i % 2 === 0 ? 0 : 1 + Math.floor(random() * TONES.length);
    const length = 16 + Math.floor(random() * 10);
    const start = Math.floor(random() * (FRAMES - length));
    const [shift, loudness, kind] = [2 * random() - 1, 0.7 + 0.8 * random(), random()];
    for (let k = 0; k < length; k++) {
      const hum = 8 + 6 * shift;
      const band = label > 0 ? TONES[label - 1](k / length) + shift : hum;
      // A click is all bands at once, a hum one band for long, and the rest is noise.
      if (label === 0 && kind < 0.3 && k < 2)
        for (let b = 0; b < BANDS; b++) add(sound, start + k, b, loudness);
      if (label > 0 || kind > 0.6) for (const b of [-1, 0, 1]) add(sound, start + k, band + b, loudness);
    }
    for (let k = 0; k < sound.length; k++) sound[k] += 0.4 * (random() + random() - 1);
    return label;
  });
  return {
    x: tf.tensor3d(frames, [count, FRAMES, BANDS]),
    labels: tf.oneHot(tf.tensor1d(labels, 'int32'), 1 + TONES.length),
  };
}

function add(sound, frame, band, level) {
  sound[frame * BANDS + Math.max(0, Math.min(BANDS - 1, Math.round(band)))] += level;
}

function makeModel() {
  const convolution = (seed, options) =>
    tfl.layers.conv1d({
      padding: 'same',
      activation: 'relu',
      kernelInitializer: tfl.initializers.heNormal({ seed }),
      ...options,
    });
  return tfl.sequential({
    layers: [
      convolution(1, { name: 'conv1', inputShape: [FRAMES, BANDS], filters: 12, kernelSize: 5, strides: 2 }),
      convolution(2, { name: 'conv2', filters: 12, kernelSize: 5 }),
      convolution(3, { name: 'conv3', filters: 12, kernelSize: 5, strides: 2 }),
      tfl.layers.globalMaxPooling1d({}),
      tfl.layers.dense({
        units: 1 + TONES.length,
        activation: 'softmax',
        kernelInitializer: tfl.initializers.heNormal({ seed: 4 }),
      }),
    ],
  });
}

/** How many examples, and how often training sees them. */
const [count = 600, epochs = 6] = process.argv.slice(2).map(Number);
const settings = [0.003, 0.1, 1].map((beta) => ({ after: 'conv2', alpha: 1, beta, epochs }));
await printTradeOff(makeModel, settings, sounds(count, 1), sounds(count, 2));
