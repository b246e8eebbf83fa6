import type { FrontLayer } from '../model/pack.js';

/** Outputs are worked on in groups, the last of four: what is missing is filled up with zeros. */
export function paddedOutputs(outputs: number): number {
  return Math.ceil(outputs / 4) * 4;
}

/**
 * [taps * inputs, outputs] -> for each group of outputs its [taps * inputs, width], one after another.
 * @param widths of groups, the widest first; the last is 4
 */
export function grouped({ kernel, outputs }: FrontLayer, widths: readonly number[]): Float32Array {
  const rows = kernel.length / outputs;
  const padded = paddedOutputs(outputs);
  const out = new Float32Array(rows * padded);
  let k = 0;
  for (let first = 0; first < padded; ) {
    const width = widths.find((each) => padded - first >= each)!;
    for (let row = 0; row < rows; row++) {
      for (let o = first; o < first + width; o++) out[k++] = o < outputs ? kernel[row * outputs + o] : 0;
    }
    first += width;
  }
  return out;
}
