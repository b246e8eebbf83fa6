import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RealFft } from '../../src/features/fft.js';

/** |X[k]|^2 by the definition of the discrete Fourier transform. */
function naivePower(frame: Float64Array): Float64Array {
  return Float64Array.from({ length: frame.length / 2 }, (_, k) => {
    let re = 0;
    let im = 0;
    for (const [i, x] of frame.entries()) {
      re += x * Math.cos((2 * Math.PI * k * i) / frame.length);
      im -= x * Math.sin((2 * Math.PI * k * i) / frame.length);
    }
    return re * re + im * im;
  });
}

function fastPower(fft: RealFft, frame: Float64Array): Float64Array {
  for (const [i, place] of fft.order.entries()) {
    fft.re[place] = frame[2 * i];
    fft.im[place] = frame[2 * i + 1];
  }
  const power = new Float64Array(frame.length / 2);
  fft.powerSpectrum(power);
  return power;
}

for (const size of [8, 16, 32, 64, 256, 512, 1024]) {
  test(`the power spectrum of ${size} samples is that of the naive DFT`, () => {
    const fft = new RealFft(size);
    let state = size;
    const noise = () => {
      state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
      return state / 2 ** 30 - 1;
    };
    const frames = [
      Float64Array.from({ length: size }, noise),
      Float64Array.from({ length: size }, (_, i) => (i === 3 ? 1 : 0)),
      Float64Array.from({ length: size }, (_, i) => Math.sin((2 * Math.PI * 2.3 * i) / size)),
      new Float64Array(size).fill(1),
    ];
    for (const frame of frames) {
      const expected = naivePower(frame);
      const largest = Math.max(...expected);
      const actual = fastPower(fft, frame);
      for (const [k, value] of expected.entries()) {
        assert.ok(
          Math.abs(actual[k] - value) <= 1e-10 * largest,
          `bin ${k}: ${actual[k]} instead of ${value}`,
        );
      }
    }
  });
}

test('sizes that are no power of two are refused', () => {
  for (const size of [0, 4, 100, 513]) assert.throws(() => new RealFft(size), /power of two/);
});
