import type { LayersModel } from '../model/index.js';

/** Weights of a layers-model, as they are written. */
export interface Weight {
  readonly length: number;
  /** In half precision; null where they are written in single precision. */
  readonly halves: Uint8Array | null;
  values(): Float32Array;
}

/** By their names. */
export type Weights = ReadonlyMap<string, Weight>;

interface WeightSpec {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: string;
  readonly quantization?: { readonly dtype: string };
}

/** The weights of a layers-model that are written in single or half precision; it leaves out what follows one that is not. */
export function readModelWeights({ weightSpecs, weights }: LayersModel): Weights {
  const read = new Map<string, Weight>();
  let at = 0;
  for (const { name, shape, dtype, quantization } of weightSpecs as readonly WeightSpec[]) {
    const length = shape.reduce((product, axis) => product * axis, 1);
    const isHalf = quantization?.dtype === 'float16';
    if (dtype !== 'float32' || (quantization && !isHalf)) break;
    const bytes = weights.subarray(at, (at += length * (isHalf ? 2 : 4)));
    // A copy, since what they are a part of need not begin at a multiple of two or four.
    const copy = () => Uint8Array.from(bytes).buffer;
    read.set(name, {
      length,
      halves: isHalf ? bytes : null,
      values: () => (isHalf ? fromHalves(new Uint16Array(copy())) : new Float32Array(copy())),
    });
  }
  return read;
}

/** Weights that were made and not read. */
export function weightOf(values: Float32Array): Weight {
  return { length: values.length, halves: null, values: () => values };
}

/** 2^112: what brings the exponent of a half, read as that of a single, to where it belongs. */
const REBIAS = 2 ** 112;

function fromHalves(halves: Uint16Array): Float32Array {
  const values = new Float32Array(halves.length);
  const bits = new Uint32Array(values.buffer);
  for (let i = 0; i < halves.length; i++) {
    const half = halves[i];
    bits[i] = ((half & 0x8000) << 16) | ((half & 0x7fff) << 13);
    // Infinity, and what is not a number, have the highest exponent in both.
    if ((half & 0x7c00) === 0x7c00) bits[i] |= 0x7f800000;
    else values[i] *= REBIAS;
  }
  return values;
}
