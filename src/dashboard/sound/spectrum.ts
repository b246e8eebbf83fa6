import type { Sound } from './wav.js';

const WINDOW = 512;
export const BANDS = 72;
const LOWEST_HZ = 60;
/** Below the loudest: what is darker than that is as dark as it gets. */
const RANGE_DB = 62;

/**
 * Loudness over time in bands that are spaced as the ear has them (O'Shaughnessy's mel scale).
 *
 * @returns `columns` times {@link BANDS} values between 0 and 1, the lowest band first
 */
export function spectrogram({ samples, rate }: Sound, columns: number): Float32Array {
  const highest = Math.min(8000, rate / 2);
  const edges = Array.from({ length: BANDS + 1 }, (_, band) => {
    const mel = melOf(LOWEST_HZ) + (band / BANDS) * (melOf(highest) - melOf(LOWEST_HZ));
    return ((700 * (10 ** (mel / 2595) - 1)) / rate) * WINDOW;
  });
  const levels = new Float32Array(columns * BANDS);
  const [real, imaginary] = [new Float32Array(WINDOW), new Float32Array(WINDOW)];
  let loudest = Number.NEGATIVE_INFINITY;
  for (let column = 0; column < columns; column++) {
    const start = Math.round(((column + 0.5) / columns) * samples.length) - WINDOW / 2;
    for (let i = 0; i < WINDOW; i++) {
      real[i] = (samples[start + i] ?? 0) * (0.5 - 0.5 * Math.cos((2 * Math.PI * i) / WINDOW));
    }
    imaginary.fill(0);
    transform(real, imaginary);
    for (let band = 0; band < BANDS; band++) {
      const from = Math.max(1, Math.floor(edges[band]));
      const to = Math.max(from, Math.min(WINDOW / 2 - 1, Math.ceil(edges[band + 1]) - 1));
      let power = 0;
      for (let bin = from; bin <= to; bin++) power += real[bin] ** 2 + imaginary[bin] ** 2;
      const level = 10 * Math.log10(power / (to - from + 1) + 1e-9);
      levels[column * BANDS + band] = level;
      if (level > loudest) loudest = level;
    }
  }
  for (let i = 0; i < levels.length; i++) {
    levels[i] = Math.max(0, Math.min(1, 1 + (levels[i] - loudest) / RANGE_DB));
  }
  return levels;
}

function melOf(hz: number): number {
  return 2595 * Math.log10(1 + hz / 700);
}

/** In place; Cooley and Tukey, for a power of two. */
function transform(real: Float32Array, imaginary: Float32Array): void {
  const size = real.length;
  for (let i = 1, j = 0; i < size; i++) {
    let bit = size >> 1;
    for (; j & bit; bit >>= 1) j ^= bit;
    j ^= bit;
    if (i < j) [real[i], real[j]] = [real[j], real[i]];
  }
  for (let length = 2; length <= size; length <<= 1) {
    const angle = (-2 * Math.PI) / length;
    for (let start = 0; start < size; start += length) {
      for (let k = 0; k < length / 2; k++) {
        const [even, odd] = [start + k, start + k + length / 2];
        const [cos, sin] = [Math.cos(angle * k), Math.sin(angle * k)];
        const r = real[odd] * cos - imaginary[odd] * sin;
        const i = real[odd] * sin + imaginary[odd] * cos;
        [real[odd], imaginary[odd]] = [real[even] - r, imaginary[even] - i];
        real[even] += r;
        imaginary[even] += i;
      }
    }
  }
}
