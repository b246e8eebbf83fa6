/** A Hann window, in single precision as Meyda has it. */
export function hannWindow(samples: number): Float64Array<ArrayBuffer> {
  return Float64Array.from({ length: samples }, (_, i) =>
    Math.fround(0.5 - 0.5 * Math.cos((2 * Math.PI * i) / (samples - 1))),
  );
}
