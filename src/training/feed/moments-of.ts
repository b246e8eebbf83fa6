import type { Moments } from '../network/moments.js';

/** Mean and deviation of each of `width` numbers that follow each other in the parts, over all of them. */
export function moments(
  parts: readonly Float32Array[],
  width: number,
): { [Which in keyof Moments]: Float32Array } {
  const sum = new Float64Array(width);
  const squares = new Float64Array(width);
  let count = 0;
  for (const part of parts) {
    for (let i = 0; i < part.length; i++) {
      sum[i % width] += part[i];
      squares[i % width] += part[i] * part[i];
    }
    count += part.length / width;
  }
  const mean = Float32Array.from(sum, (value) => value / count);
  const deviation = Float32Array.from(squares, (value, i) =>
    Math.sqrt(Math.max(1e-6, value / count - mean[i] ** 2)),
  );
  return { mean, deviation };
}
