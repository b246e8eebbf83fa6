/** The first coefficients of a DCT-II scaled by 2, as in Meyda: X[k] = 2 sum x[n] cos(pi k (n + 1/2) / size). */
export class Dct {
  readonly #coefficients: number;
  /** For each four coefficients [size, 4]; coefficients that are not wanted fill the last group. */
  readonly #table: Float64Array;
  readonly #padded: Float64Array;

  /** @param size numbers that it is given */
  constructor(size: number, coefficients: number) {
    this.#coefficients = coefficients;
    this.#padded = new Float64Array(Math.ceil(coefficients / 4) * 4);
    this.#table = Float64Array.from({ length: this.#padded.length * size }, (_, i) => {
      const coefficient = 4 * Math.floor(i / (4 * size)) + (i % 4);
      const n = Math.floor(i / 4) % size;
      return dctWeight(size, n, coefficient);
    });
  }

  /**
   * @param input [size]
   * @param out receives the coefficients from `outAt` on
   */
  transform(input: Float64Array, out: Float32Array, outAt: number): void {
    const table = this.#table;
    const padded = this.#padded;
    for (let first = 0, t = 0; first < padded.length; first += 4) {
      let sum0 = 0;
      let sum1 = 0;
      let sum2 = 0;
      let sum3 = 0;
      for (let n = 0; n < input.length; n++, t += 4) {
        const x = input[n];
        sum0 += table[t] * x;
        sum1 += table[t + 1] * x;
        sum2 += table[t + 2] * x;
        sum3 += table[t + 3] * x;
      }
      padded[first] = sum0;
      padded[first + 1] = sum1;
      padded[first + 2] = sum2;
      padded[first + 3] = sum3;
    }
    for (let c = 0; c < this.#coefficients; c++) out[outAt + c] = padded[c];
  }
}

/** What number `n` of `size` counts in a coefficient. */
export function dctWeight(size: number, n: number, coefficient: number): number {
  return 2 * Math.cos((Math.PI / size) * (n + 0.5) * coefficient);
}
