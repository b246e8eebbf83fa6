import { AdaptiveBits, RangeDecoder, RangeEncoder } from '../../gate/range-coder.js';

/**
 * A stream of embeddings made small: turned to their principal axes, which are independent of each other; each axis by a cosine transform
 * over 1.28 s, since an embedding sounds like the one before it; the coefficients rounded, with a wide zero, and range coded.
 */

/** Embeddings of a block of the transform. */
const BLOCK = 16;
/** Of a step: what is less than this is zero. */
const ZERO = 0.6;
/** A magnitude is coded one by one up to here. */
const MOST = 40;
/** Contexts of a coefficient: is it zero, is it more than one, more than two, ... */
const CONTEXTS = 4;

export interface Basis {
  /** [size] */
  readonly mean: Float32Array;
  /** [size, size], one axis a row, in the order of their variances. */
  readonly axes: Float32Array;
}

const COSINES = Float32Array.from({ length: BLOCK * BLOCK }, (_, i) => {
  const [k, n] = [Math.floor(i / BLOCK), i % BLOCK];
  return Math.sqrt((k === 0 ? 1 : 2) / BLOCK) * Math.cos((Math.PI * (n + 0.5) * k) / BLOCK);
});

/** The mean and the principal axes of embeddings, [count, size], by Jacobi's method. */
export function basisOf(values: Int8Array, size: number): Basis {
  const count = values.length / size;
  const mean = new Float64Array(size);
  for (let i = 0; i < values.length; i++) mean[i % size] += values[i] / count;
  const covariance = new Float64Array(size * size);
  // One in a few tells as much as all of them.
  const stride = Math.max(1, Math.floor(count / 20_000));
  for (let row = 0; row < count; row += stride) {
    const at = row * size;
    for (let i = 0; i < size; i++) {
      const a = values[at + i] - mean[i];
      for (let j = i; j < size; j++) covariance[i * size + j] += a * (values[at + j] - mean[j]);
    }
  }
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < i; j++) covariance[i * size + j] = covariance[j * size + i];
  }
  const vectors = jacobi(covariance, size);
  const order = Array.from({ length: size }, (_, i) => i).sort(
    (a, b) => covariance[b * size + b] - covariance[a * size + a],
  );
  const axes = new Float32Array(size * size);
  for (const [row, axis] of order.entries()) {
    for (let i = 0; i < size; i++) axes[row * size + i] = vectors[i * size + axis];
  }
  return { mean: Float32Array.from(mean), axes };
}

/** Makes a symmetric matrix diagonal in place. @returns its eigenvectors, one a column */
function jacobi(matrix: Float64Array, size: number): Float64Array {
  const vectors = new Float64Array(size * size);
  for (let i = 0; i < size; i++) vectors[i * size + i] = 1;
  for (let sweep = 0; sweep < 12; sweep++) {
    for (let p = 0; p < size; p++) {
      for (let q = p + 1; q < size; q++) {
        const off = matrix[p * size + q];
        if (off === 0) continue;
        const theta = (matrix[q * size + q] - matrix[p * size + p]) / (2 * off);
        const t = Math.sign(theta || 1) / (Math.abs(theta) + Math.hypot(theta, 1));
        const c = 1 / Math.hypot(t, 1);
        const s = t * c;
        for (let i = 0; i < size; i++) {
          const [a, b] = [matrix[i * size + p], matrix[i * size + q]];
          matrix[i * size + p] = c * a - s * b;
          matrix[i * size + q] = s * a + c * b;
        }
        for (let i = 0; i < size; i++) {
          const [a, b] = [matrix[p * size + i], matrix[q * size + i]];
          matrix[p * size + i] = c * a - s * b;
          matrix[q * size + i] = s * a + c * b;
          const [v, w] = [vectors[i * size + p], vectors[i * size + q]];
          vectors[i * size + p] = c * v - s * w;
          vectors[i * size + q] = s * v + c * w;
        }
      }
    }
  }
  return vectors;
}

/**
 * @param values [count, size]; the last block is filled with zeros
 * @param step from one value of a coefficient to the next
 */
export function encodeEmbeddings(values: Int8Array, { mean, axes }: Basis, step: number): Uint8Array {
  const size = mean.length;
  const bits = openBits(size);
  const encoder = new RangeEncoder();
  encoder.start();
  const turned = new Float32Array(BLOCK * size);
  for (let first = 0; first < values.length; first += BLOCK * size) {
    turned.fill(0);
    for (let n = 0; n < BLOCK && first + n * size < values.length; n++) {
      for (let axis = 0; axis < size; axis++) {
        let sum = 0;
        for (let i = 0; i < size; i++)
          sum += (values[first + n * size + i] - mean[i]) * axes[axis * size + i];
        turned[n * size + axis] = sum;
      }
    }
    for (let k = 0; k < BLOCK; k++) {
      for (let axis = 0; axis < size; axis++) {
        let sum = 0;
        for (let n = 0; n < BLOCK; n++) sum += COSINES[k * BLOCK + n] * turned[n * size + axis];
        const magnitude = Math.min(MOST, Math.floor(Math.abs(sum) / step + 1 - ZERO));
        const context = (k * size + axis) * CONTEXTS;
        for (let m = 0; m < magnitude; m++) encoder.encode(bits, context + Math.min(m, CONTEXTS - 1), 1);
        if (magnitude < MOST) encoder.encode(bits, context + Math.min(magnitude, CONTEXTS - 1), 0);
        if (magnitude > 0) encoder.encodeEven(sum < 0 ? 1 : 0);
      }
    }
  }
  return encoder.finish().slice();
}

/** @returns [count, size] */
export function decodeEmbeddings(
  bytes: Uint8Array,
  count: number,
  { mean, axes }: Basis,
  step: number,
): Int8Array {
  const size = mean.length;
  const bits = openBits(size);
  const decoder = new RangeDecoder();
  decoder.start(bytes);
  const out = new Int8Array(count * size);
  const turned = new Float32Array(BLOCK * size);
  const sums = new Float32Array(size);
  for (let first = 0; first < count; first += BLOCK) {
    turned.fill(0);
    for (let k = 0; k < BLOCK; k++) {
      for (let axis = 0; axis < size; axis++) {
        const context = (k * size + axis) * CONTEXTS;
        let magnitude = 0;
        while (magnitude < MOST && decoder.decode(bits, context + Math.min(magnitude, CONTEXTS - 1)))
          magnitude++;
        if (magnitude === 0) continue;
        const value = step * (decoder.decodeEven() ? -magnitude : magnitude);
        for (let n = 0; n < BLOCK; n++) turned[n * size + axis] += COSINES[k * BLOCK + n] * value;
      }
    }
    for (let n = 0; n < BLOCK && first + n < count; n++) {
      sums.set(mean);
      for (let axis = 0; axis < size; axis++) {
        const value = turned[n * size + axis];
        if (value === 0) continue;
        for (let i = 0; i < size; i++) sums[i] += value * axes[axis * size + i];
      }
      for (let i = 0; i < size; i++) {
        out[(first + n) * size + i] = Math.max(-127, Math.min(127, Math.round(sums[i])));
      }
    }
  }
  return out;
}

function openBits(size: number): AdaptiveBits {
  const bits = new AdaptiveBits(BLOCK * size * CONTEXTS);
  for (let i = 0; i < bits.ones.length; i++) bits.start(i, 16_384, 4);
  return bits;
}
