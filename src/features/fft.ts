/**
 * Power spectrum of a real frame through a complex FFT of half its size: even samples are its real part, odd samples
 * its imaginary part. Decimation in time, radix 4 with one radix-2 pass where the size asks for it. Nothing is
 * allocated after construction.
 */
export class RealFft {
  /** Samples in a frame: a power of two, 8 or more. */
  readonly size: number;
  /**
   * Where sample pair i (samples 2i and 2i + 1) belongs in `re` and `im`: fill them in this order before
   * {@link powerSpectrum}.
   */
  readonly order: Uint16Array;
  readonly re: Float64Array;
  readonly im: Float64Array;
  /** cos and -sin of 2 pi k / (size / 2): twiddles of the complex FFT. */
  readonly #cos: Float64Array;
  readonly #sin: Float64Array;
  /** The same of 2 pi k / size: they take the two halves of the packed spectrum apart. */
  readonly #splitCos: Float64Array;
  readonly #splitSin: Float64Array;

  constructor(size: number) {
    if (size < 8 || size > 65_536 || (size & (size - 1)) !== 0) {
      throw new RangeError(`FFT size ${size} is not a power of two from 8 to 65536`);
    }
    const half = size / 2;
    this.size = size;
    this.re = new Float64Array(half);
    this.im = new Float64Array(half);
    this.order = inverse(decimated(half));
    [this.#cos, this.#sin] = twiddles(half, half);
    [this.#splitCos, this.#splitSin] = twiddles(size, half / 2 + 1);
  }

  /** Multiplications of one {@link powerSpectrum}. */
  get multiplications(): number {
    const half = this.size / 2;
    const passes = Math.ceil(Math.log2(half) / 2) - 1;
    // Three complex products for every four points of a pass; then eight and four more for every pair of bins.
    return passes * (half / 4) * 12 + (half / 2) * 12;
  }

  /** Puts a frame of samples that begins at `at`, times a window, where {@link powerSpectrum} wants them. */
  load(samples: Int16Array, at: number, window: Float64Array): void {
    const { re, im, order } = this;
    for (let i = 0; i < order.length; i++) {
      const place = order[i];
      re[place] = samples[at + 2 * i] * window[2 * i];
      im[place] = samples[at + 2 * i + 1] * window[2 * i + 1];
    }
  }

  /**
   * Transforms what lies in `re` and `im` (it is overwritten).
   * @param power receives |X[k]|^2 for k = 0 .. size / 2 - 1
   */
  powerSpectrum(power: Float64Array): void {
    this.#transform();
    const { re, im } = this;
    const half = re.length;
    const dc = re[0] + im[0];
    power[0] = dc * dc;
    const middle = half >> 1;
    for (let k = 1, mirror = half - 1; k <= middle; k++, mirror--) {
      const evenRe = 0.5 * (re[k] + re[mirror]);
      const evenIm = 0.5 * (im[k] - im[mirror]);
      const oddRe = 0.5 * (im[k] + im[mirror]);
      const oddIm = 0.5 * (re[mirror] - re[k]);
      const c = this.#splitCos[k];
      const s = this.#splitSin[k];
      const turnedRe = oddRe * c - oddIm * s;
      const turnedIm = oddRe * s + oddIm * c;
      const sumRe = evenRe + turnedRe;
      const sumIm = evenIm + turnedIm;
      const differenceRe = evenRe - turnedRe;
      const differenceIm = turnedIm - evenIm;
      power[k] = sumRe * sumRe + sumIm * sumIm;
      power[mirror] = differenceRe * differenceRe + differenceIm * differenceIm;
    }
  }

  #transform(): void {
    const { re, im } = this;
    const n = re.length;
    let block: number;
    if (Math.log2(n) % 2 === 0) {
      for (let a = 0; a < n; a += 4) {
        const sumRe = re[a] + re[a + 1];
        const sumIm = im[a] + im[a + 1];
        const differenceRe = re[a] - re[a + 1];
        const differenceIm = im[a] - im[a + 1];
        const sum2Re = re[a + 2] + re[a + 3];
        const sum2Im = im[a + 2] + im[a + 3];
        const difference2Re = re[a + 2] - re[a + 3];
        const difference2Im = im[a + 2] - im[a + 3];
        re[a] = sumRe + sum2Re;
        im[a] = sumIm + sum2Im;
        re[a + 2] = sumRe - sum2Re;
        im[a + 2] = sumIm - sum2Im;
        re[a + 1] = differenceRe + difference2Im;
        im[a + 1] = differenceIm - difference2Re;
        re[a + 3] = differenceRe - difference2Im;
        im[a + 3] = differenceIm + difference2Re;
      }
      block = 4;
    } else {
      for (let a = 0; a < n; a += 2) {
        const differenceRe = re[a] - re[a + 1];
        const differenceIm = im[a] - im[a + 1];
        re[a] += re[a + 1];
        im[a] += im[a + 1];
        re[a + 1] = differenceRe;
        im[a + 1] = differenceIm;
      }
      block = 2;
    }
    while (block < n) {
      this.#radix4Pass(block);
      block *= 4;
    }
  }

  /** Joins four transforms of `quarter` points each, everywhere. They lie as rest 0, 2, 1, 3 (see `decimated`). */
  #radix4Pass(quarter: number): void {
    const { re, im } = this;
    const cos = this.#cos;
    const sin = this.#sin;
    const n = re.length;
    const size = quarter * 4;
    const stride = n / size;
    for (let j = 0; j < quarter; j++) {
      const t = j * stride;
      const c1 = cos[t];
      const s1 = sin[t];
      const c2 = cos[2 * t];
      const s2 = sin[2 * t];
      const c3 = cos[3 * t];
      const s3 = sin[3 * t];
      for (let a = j; a < n; a += size) {
        const b = a + quarter;
        const c = b + quarter;
        const d = c + quarter;
        const bRe = re[b] * c2 - im[b] * s2;
        const bIm = re[b] * s2 + im[b] * c2;
        const cRe = re[c] * c1 - im[c] * s1;
        const cIm = re[c] * s1 + im[c] * c1;
        const dRe = re[d] * c3 - im[d] * s3;
        const dIm = re[d] * s3 + im[d] * c3;
        const evenSumRe = re[a] + bRe;
        const evenSumIm = im[a] + bIm;
        const evenDifferenceRe = re[a] - bRe;
        const evenDifferenceIm = im[a] - bIm;
        const oddSumRe = cRe + dRe;
        const oddSumIm = cIm + dIm;
        const oddDifferenceRe = cRe - dRe;
        const oddDifferenceIm = cIm - dIm;
        re[a] = evenSumRe + oddSumRe;
        im[a] = evenSumIm + oddSumIm;
        re[b] = evenDifferenceRe + oddDifferenceIm;
        im[b] = evenDifferenceIm - oddDifferenceRe;
        re[c] = evenSumRe - oddSumRe;
        im[c] = evenSumIm - oddSumIm;
        re[d] = evenDifferenceRe - oddDifferenceIm;
        im[d] = evenDifferenceIm + oddDifferenceRe;
      }
    }
  }
}

/**
 * Index of the input that stands at each place before the first pass: bit reversal. A radix-4 pass is two radix-2
 * passes in one, so it takes the same order, with rest 1 and rest 2 of each four swapped.
 */
function decimated(n: number): Uint16Array {
  const bits = Math.log2(n);
  return Uint16Array.from({ length: n }, (_, place) => {
    let index = 0;
    for (let bit = 0; bit < bits; bit++) index |= ((place >> bit) & 1) << (bits - 1 - bit);
    return index;
  });
}

function inverse(permutation: Uint16Array): Uint16Array {
  const inverted = new Uint16Array(permutation.length);
  permutation.forEach((from, to) => {
    inverted[from] = to;
  });
  return inverted;
}

/** cos and -sin of 2 pi k / period for k < count. */
export function twiddles(period: number, count: number): [Float64Array, Float64Array] {
  const angle = (k: number) => (2 * Math.PI * k) / period;
  return [
    Float64Array.from({ length: count }, (_, k) => Math.cos(angle(k))),
    Float64Array.from({ length: count }, (_, k) => -Math.sin(angle(k))),
  ];
}
