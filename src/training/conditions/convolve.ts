/** The start of the convolution of `samples` with `taps`, as long as `samples`; by FFT. */
export function convolved(samples: ArrayLike<number>, taps: ArrayLike<number>): Float64Array {
  const size = 2 ** Math.ceil(Math.log2(Math.max(2, samples.length + taps.length)));
  // Both are real, so one transform holds both: the samples as its real part, the taps as its imaginary part.
  const re = new Float64Array(size);
  const im = new Float64Array(size);
  for (let i = 0; i < samples.length; i++) re[i] = samples[i];
  for (let i = 0; i < taps.length; i++) im[i] = taps[i];
  transform(re, im);
  const productRe = new Float64Array(size);
  const productIm = new Float64Array(size);
  for (let k = 0; k < size; k++) {
    const mirror = (size - k) % size;
    const [aRe, aIm] = [(re[k] + re[mirror]) / 2, (im[k] - im[mirror]) / 2];
    const [bRe, bIm] = [(im[k] + im[mirror]) / 2, (re[mirror] - re[k]) / 2];
    productRe[k] = aRe * bRe - aIm * bIm;
    // Conjugated, so that another forward transform is the inverse one.
    productIm[k] = -(aRe * bIm + aIm * bRe);
  }
  transform(productRe, productIm);
  return productRe.subarray(0, samples.length).map((value) => value / size);
}

/** Complex FFT in place, decimation in time, radix 2 (Cooley and Tukey 1965). */
function transform(re: Float64Array, im: Float64Array): void {
  const size = re.length;
  for (let i = 1, j = 0; i < size; i++) {
    let bit = size >> 1;
    for (; j & bit; bit >>= 1) j ^= bit;
    j ^= bit;
    if (i < j) {
      [re[i], re[j]] = [re[j], re[i]];
      [im[i], im[j]] = [im[j], im[i]];
    }
  }
  const cos = Float64Array.from({ length: size >> 1 }, (_, k) => Math.cos((2 * Math.PI * k) / size));
  const sin = Float64Array.from({ length: size >> 1 }, (_, k) => -Math.sin((2 * Math.PI * k) / size));
  for (let half = 1; half < size; half *= 2) {
    const stride = size / (2 * half);
    for (let start = 0; start < size; start += 2 * half) {
      for (let k = 0, at = start; k < half; k++, at++) {
        const [c, s] = [cos[k * stride], sin[k * stride]];
        const other = at + half;
        const tRe = re[other] * c - im[other] * s;
        const tIm = re[other] * s + im[other] * c;
        re[other] = re[at] - tRe;
        im[other] = im[at] - tIm;
        re[at] += tRe;
        im[at] += tIm;
      }
    }
  }
}
