/**
 * A GC layer in a small image network: digits of seven segments, 28 x 28, thick, shifted and noisy, among images that hold
 * no digit. `npm run build && node examples/gated-layer/image.js [examples] [epochs]`
 */
import './backend.js';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { seeded } from './random.js';
import { printTradeOff } from './trade-off.js';

const SIZE = 28;
const DIGITS = ['1', '4', '7'];
/** Which segments are lit: top, upper left, upper right, middle, lower left, lower right, bottom. */
const SEGMENTS = { 1: [2, 5], 4: [1, 2, 3, 5], 7: [0, 2, 5] };
/** From and to of each segment, in halves of a digit's height. */
const LINES = [
  [0, 0, 1, 0],
  [0, 0, 0, 1],
  [1, 0, 1, 1],
  [0, 1, 1, 1],
  [0, 1, 0, 2],
  [1, 1, 1, 2],
  [0, 2, 1, 2],
];

/** Half of the images are no digit: noise, or strokes here and there. */
function images(count, seed) {
  const random = seeded(seed);
  const pixels = new Float32Array(count * SIZE * SIZE);
  const labels = Array.from({ length: count }, (_, i) => {
    const image = pixels.subarray(i * SIZE * SIZE, (i + 1) * SIZE * SIZE);
    const label = i % 2 === 0 ? 0 : 1 + Math.floor(random() * DIGITS.length);
    const [left, top, size] = [5 + random() * 8, 3 + random() * 4, 7 + random() * 3];
    if (label > 0) {
      for (const segment of SEGMENTS[DIGITS[label - 1]]) {
        const [x0, y0, x1, y1] = LINES[segment];
        stroke(image, left + x0 * size, top + y0 * size, left + x1 * size, top + y1 * size);
      }
    } else if (random() < 0.7) {
      const [x, y] = [4 + random() * 16, 4 + random() * 16];
      stroke(image, x, y, x + (random() - 0.5) * 14, y + (random() - 0.5) * 14);
    }
    for (let k = 0; k < image.length; k++) image[k] = Math.min(1, image[k] + 0.35 * random());
    return label;
  });
  return {
    x: tf.tensor4d(pixels, [count, SIZE, SIZE, 1]),
    labels: tf.oneHot(tf.tensor1d(labels, 'int32'), 1 + DIGITS.length),
  };
}

function stroke(image, x0, y0, x1, y1) {
  for (let k = 0; k <= 40; k++) {
    const [x, y] = [x0 + ((x1 - x0) * k) / 40, y0 + ((y1 - y0) * k) / 40];
    for (const [dx, dy] of [
      [0, 0],
      [1, 0],
      [0, 1],
    ]) {
      const [column, row] = [Math.round(x) + dx, Math.round(y) + dy];
      if (column >= 0 && column < SIZE && row >= 0 && row < SIZE) image[row * SIZE + column] = 0.8;
    }
  }
}

/** Any network will do; this one knows nothing of gates. */
function makeModel() {
  const initializer = (seed) => tfl.initializers.heNormal({ seed });
  return tfl.sequential({
    layers: [
      tfl.layers.conv2d({
        name: 'conv1',
        inputShape: [SIZE, SIZE, 1],
        filters: 6,
        kernelSize: 5,
        strides: 2,
        activation: 'relu',
        kernelInitializer: initializer(1),
      }),
      tfl.layers.conv2d({
        name: 'conv2',
        filters: 8,
        kernelSize: 3,
        strides: 2,
        activation: 'relu',
        kernelInitializer: initializer(2),
      }),
      tfl.layers.flatten(),
      tfl.layers.dense({
        units: 1 + DIGITS.length,
        activation: 'softmax',
        kernelInitializer: initializer(3),
      }),
    ],
  });
}

/** How many examples, and how often training sees them. */
const [count = 600, epochs = 6] = process.argv.slice(2).map(Number);
const settings = [0.003, 0.1, 1].map((beta) => ({ after: 'conv1', alpha: 1, beta, epochs }));
await printTradeOff(makeModel, settings, images(count, 1), images(count, 2));
