// MFCC of one frame, two doubles at a time: what src/features computes, in the same precision.

/** Byte offsets in a table of settings, which src/features/simd-mfcc.ts writes: 32-bit numbers, then pointers relative to the table. */
const HALF: usize = 0;
const BANDS: usize = 4;
const GROUPS: usize = 8;
const WINDOW: usize = 12;
const TWIDDLES: usize = 16;
const SPLIT: usize = 20;
const BAND_ROWS: usize = 24;
const BAND_WEIGHTS: usize = 28;
const DCT: usize = 32;

function at(table: usize, field: usize): usize {
  return table + <usize>load<u32>(table + field);
}

/**
 * @param table settings and tables
 * @param samples int16, as many as the window takes
 * @param work room for 4 * half + 8 doubles, then the levels of the bands
 * @param out receives the coefficients as doubles, in whole groups of four
 */
export function mfcc(table: usize, samples: usize, work: usize, out: usize): void {
  const half = <usize>load<u32>(table + HALF);
  const bytes = half << 3;
  const re = work;
  const im = re + bytes;
  const re2 = im + bytes;
  const im2 = re2 + bytes;
  loadWindowed(samples, at(table, WINDOW), re, im, half);
  // The power overwrites the room that the spectrum does not lie in.
  if (transform(re, im, re2, im2, at(table, TWIDDLES), half)) {
    power(re2, im2, at(table, SPLIT), re, half);
    levels(table, re, im2 + bytes + 64);
  } else {
    power(re, im, at(table, SPLIT), re2, half);
    levels(table, re2, im2 + bytes + 64);
  }
  dct(table, im2 + bytes + 64, out);
}

/** Even samples are the real part, odd ones the imaginary part. The window: four even factors, then four odd ones. */
function loadWindowed(samples: usize, window: usize, re: usize, im: usize, half: usize): void {
  const end = re + (half << 3);
  while (re < end) {
    const eight = v128.load(samples);
    const even = i32x4.shr_s(i32x4.shl(eight, 16), 16);
    const odd = i32x4.shr_s(eight, 16);
    v128.store(re, f64x2.mul(f64x2.convert_low_i32x4_s(even), v128.load(window)));
    v128.store(re, f64x2.mul(f64x2.convert_low_i32x4_s(highOf(even)), v128.load(window, 16)), 16);
    v128.store(im, f64x2.mul(f64x2.convert_low_i32x4_s(odd), v128.load(window, 32)));
    v128.store(im, f64x2.mul(f64x2.convert_low_i32x4_s(highOf(odd)), v128.load(window, 48)), 16);
    samples += 16;
    window += 64;
    re += 32;
    im += 32;
  }
}

function highOf(four: v128): v128 {
  return v128.shuffle<i64>(four, four, 1, 1);
}

/**
 * Complex FFT without bit reversal (Stockham): radix 4, and one pass of radix 2 where the size asks for it. Passes read one pair of
 * arrays and write the other.
 * @returns whether the spectrum lies in the second pair
 */
function transform(re: usize, im: usize, re2: usize, im2: usize, twiddles: usize, half: usize): bool {
  let second = true;
  firstPass(re, im, re2, im2, twiddles, half);
  twiddles += half * 12;
  let n = half >> 2;
  let s: usize = 4;
  while (n > 4) {
    if (second) laterPass(re2, im2, re, im, twiddles, n, s);
    else laterPass(re, im, re2, im2, twiddles, n, s);
    second = !second;
    twiddles += n * 12;
    n >>= 2;
    s <<= 2;
  }
  if (n === 4) {
    if (second) lastFours(re2, im2, re, im, s);
    else lastFours(re, im, re2, im2, s);
  } else {
    if (second) lastPairs(re2, im2, re, im, s);
    else lastPairs(re, im, re2, im2, s);
  }
  return !second;
}

/** Stride 1: two neighbouring points at a time, each with twiddles of its own; four results of each lie side by side. */
function firstPass(re: usize, im: usize, toRe: usize, toIm: usize, twiddles: usize, n: usize): void {
  const q = n << 1;
  const end = re + q;
  while (re < end) {
    const aRe = v128.load(re);
    const aIm = v128.load(im);
    const bRe = v128.load(re + q);
    const bIm = v128.load(im + q);
    const cRe = v128.load(re + 2 * q);
    const cIm = v128.load(im + 2 * q);
    const dRe = v128.load(re + 3 * q);
    const dIm = v128.load(im + 3 * q);
    const sumRe = f64x2.add(aRe, cRe);
    const sumIm = f64x2.add(aIm, cIm);
    const differenceRe = f64x2.sub(aRe, cRe);
    const differenceIm = f64x2.sub(aIm, cIm);
    const sum2Re = f64x2.add(bRe, dRe);
    const sum2Im = f64x2.add(bIm, dIm);
    const difference2Re = f64x2.sub(bRe, dRe);
    const difference2Im = f64x2.sub(bIm, dIm);
    const y0Re = f64x2.add(sumRe, sum2Re);
    const y0Im = f64x2.add(sumIm, sum2Im);
    const x1Re = f64x2.add(differenceRe, difference2Im);
    const x1Im = f64x2.sub(differenceIm, difference2Re);
    const x2Re = f64x2.sub(sumRe, sum2Re);
    const x2Im = f64x2.sub(sumIm, sum2Im);
    const x3Re = f64x2.sub(differenceRe, difference2Im);
    const x3Im = f64x2.add(differenceIm, difference2Re);
    const c1 = v128.load(twiddles);
    const s1 = v128.load(twiddles, 16);
    const c2 = v128.load(twiddles, 32);
    const s2 = v128.load(twiddles, 48);
    const c3 = v128.load(twiddles, 64);
    const s3 = v128.load(twiddles, 80);
    const y1Re = f64x2.sub(f64x2.mul(x1Re, c1), f64x2.mul(x1Im, s1));
    const y1Im = f64x2.add(f64x2.mul(x1Re, s1), f64x2.mul(x1Im, c1));
    const y2Re = f64x2.sub(f64x2.mul(x2Re, c2), f64x2.mul(x2Im, s2));
    const y2Im = f64x2.add(f64x2.mul(x2Re, s2), f64x2.mul(x2Im, c2));
    const y3Re = f64x2.sub(f64x2.mul(x3Re, c3), f64x2.mul(x3Im, s3));
    const y3Im = f64x2.add(f64x2.mul(x3Re, s3), f64x2.mul(x3Im, c3));
    v128.store(toRe, v128.shuffle<i64>(y0Re, y1Re, 0, 2));
    v128.store(toRe, v128.shuffle<i64>(y2Re, y3Re, 0, 2), 16);
    v128.store(toRe, v128.shuffle<i64>(y0Re, y1Re, 1, 3), 32);
    v128.store(toRe, v128.shuffle<i64>(y2Re, y3Re, 1, 3), 48);
    v128.store(toIm, v128.shuffle<i64>(y0Im, y1Im, 0, 2));
    v128.store(toIm, v128.shuffle<i64>(y2Im, y3Im, 0, 2), 16);
    v128.store(toIm, v128.shuffle<i64>(y0Im, y1Im, 1, 3), 32);
    v128.store(toIm, v128.shuffle<i64>(y2Im, y3Im, 1, 3), 48);
    twiddles += 96;
    re += 16;
    im += 16;
    toRe += 64;
    toIm += 64;
  }
}

/** Stride 4 or more: all points of a stride share their twiddles. */
function laterPass(
  re: usize,
  im: usize,
  toRe: usize,
  toIm: usize,
  twiddles: usize,
  n: usize,
  s: usize,
): void {
  const row = s << 3;
  const q = (n >> 2) * row;
  const end = re + q;
  while (re < end) {
    const c1 = v128.load64_splat(twiddles);
    const s1 = v128.load64_splat(twiddles, 8);
    const c2 = v128.load64_splat(twiddles, 16);
    const s2 = v128.load64_splat(twiddles, 24);
    const c3 = v128.load64_splat(twiddles, 32);
    const s3 = v128.load64_splat(twiddles, 40);
    const rowEnd = re + row;
    while (re < rowEnd) {
      const aRe = v128.load(re);
      const aIm = v128.load(im);
      const bRe = v128.load(re + q);
      const bIm = v128.load(im + q);
      const cRe = v128.load(re + 2 * q);
      const cIm = v128.load(im + 2 * q);
      const dRe = v128.load(re + 3 * q);
      const dIm = v128.load(im + 3 * q);
      const sumRe = f64x2.add(aRe, cRe);
      const sumIm = f64x2.add(aIm, cIm);
      const differenceRe = f64x2.sub(aRe, cRe);
      const differenceIm = f64x2.sub(aIm, cIm);
      const sum2Re = f64x2.add(bRe, dRe);
      const sum2Im = f64x2.add(bIm, dIm);
      const difference2Re = f64x2.sub(bRe, dRe);
      const difference2Im = f64x2.sub(bIm, dIm);
      const x1Re = f64x2.add(differenceRe, difference2Im);
      const x1Im = f64x2.sub(differenceIm, difference2Re);
      const x2Re = f64x2.sub(sumRe, sum2Re);
      const x2Im = f64x2.sub(sumIm, sum2Im);
      const x3Re = f64x2.sub(differenceRe, difference2Im);
      const x3Im = f64x2.add(differenceIm, difference2Re);
      v128.store(toRe, f64x2.add(sumRe, sum2Re));
      v128.store(toIm, f64x2.add(sumIm, sum2Im));
      v128.store(toRe + row, f64x2.sub(f64x2.mul(x1Re, c1), f64x2.mul(x1Im, s1)));
      v128.store(toIm + row, f64x2.add(f64x2.mul(x1Re, s1), f64x2.mul(x1Im, c1)));
      v128.store(toRe + 2 * row, f64x2.sub(f64x2.mul(x2Re, c2), f64x2.mul(x2Im, s2)));
      v128.store(toIm + 2 * row, f64x2.add(f64x2.mul(x2Re, s2), f64x2.mul(x2Im, c2)));
      v128.store(toRe + 3 * row, f64x2.sub(f64x2.mul(x3Re, c3), f64x2.mul(x3Im, s3)));
      v128.store(toIm + 3 * row, f64x2.add(f64x2.mul(x3Re, s3), f64x2.mul(x3Im, c3)));
      re += 16;
      im += 16;
      toRe += 16;
      toIm += 16;
    }
    twiddles += 48;
    toRe += 3 * row;
    toIm += 3 * row;
  }
}

/** The last pass of radix 4, whose twiddles are all one. */
function lastFours(re: usize, im: usize, toRe: usize, toIm: usize, s: usize): void {
  const row = s << 3;
  const end = re + row;
  while (re < end) {
    const aRe = v128.load(re);
    const aIm = v128.load(im);
    const bRe = v128.load(re + row);
    const bIm = v128.load(im + row);
    const cRe = v128.load(re + 2 * row);
    const cIm = v128.load(im + 2 * row);
    const dRe = v128.load(re + 3 * row);
    const dIm = v128.load(im + 3 * row);
    const sumRe = f64x2.add(aRe, cRe);
    const sumIm = f64x2.add(aIm, cIm);
    const differenceRe = f64x2.sub(aRe, cRe);
    const differenceIm = f64x2.sub(aIm, cIm);
    const sum2Re = f64x2.add(bRe, dRe);
    const sum2Im = f64x2.add(bIm, dIm);
    const difference2Re = f64x2.sub(bRe, dRe);
    const difference2Im = f64x2.sub(bIm, dIm);
    v128.store(toRe, f64x2.add(sumRe, sum2Re));
    v128.store(toIm, f64x2.add(sumIm, sum2Im));
    v128.store(toRe + row, f64x2.add(differenceRe, difference2Im));
    v128.store(toIm + row, f64x2.sub(differenceIm, difference2Re));
    v128.store(toRe + 2 * row, f64x2.sub(sumRe, sum2Re));
    v128.store(toIm + 2 * row, f64x2.sub(sumIm, sum2Im));
    v128.store(toRe + 3 * row, f64x2.sub(differenceRe, difference2Im));
    v128.store(toIm + 3 * row, f64x2.add(differenceIm, difference2Re));
    re += 16;
    im += 16;
    toRe += 16;
    toIm += 16;
  }
}

function lastPairs(re: usize, im: usize, toRe: usize, toIm: usize, s: usize): void {
  const row = s << 3;
  const end = re + row;
  while (re < end) {
    const aRe = v128.load(re);
    const aIm = v128.load(im);
    const bRe = v128.load(re + row);
    const bIm = v128.load(im + row);
    v128.store(toRe, f64x2.add(aRe, bRe));
    v128.store(toIm, f64x2.add(aIm, bIm));
    v128.store(toRe + row, f64x2.sub(aRe, bRe));
    v128.store(toIm + row, f64x2.sub(aIm, bIm));
    re += 16;
    im += 16;
    toRe += 16;
    toIm += 16;
  }
}

/** Takes the spectra of even and odd samples apart, and joins them: |X[k]|^2 and that of its mirror, two pairs at a time. */
function power(re: usize, im: usize, split: usize, to: usize, half: usize): void {
  const dc = load<f64>(re) + load<f64>(im);
  store<f64>(to, dc * dc);
  const bytes = half << 3;
  // What a last row of mel weights that is filled up with zeros is multiplied with must be numbers.
  v128.store(to + bytes, f64x2.splat(0));
  v128.store(to + bytes, f64x2.splat(0), 16);
  const halves = f64x2.splat(0.5);
  let k: usize = 8;
  // Two bins below the mirror of the first.
  let m = bytes - 16;
  const middle = bytes >> 1;
  while (k <= middle) {
    const kRe = v128.load(re + k);
    const kIm = v128.load(im + k);
    const mRe = swapped(v128.load(re + m));
    const mIm = swapped(v128.load(im + m));
    const evenRe = f64x2.mul(halves, f64x2.add(kRe, mRe));
    const evenIm = f64x2.mul(halves, f64x2.sub(kIm, mIm));
    const oddRe = f64x2.mul(halves, f64x2.add(kIm, mIm));
    const oddIm = f64x2.mul(halves, f64x2.sub(mRe, kRe));
    const c = v128.load(split);
    const s = v128.load(split, 16);
    const turnedRe = f64x2.sub(f64x2.mul(oddRe, c), f64x2.mul(oddIm, s));
    const turnedIm = f64x2.add(f64x2.mul(oddRe, s), f64x2.mul(oddIm, c));
    const sumRe = f64x2.add(evenRe, turnedRe);
    const sumIm = f64x2.add(evenIm, turnedIm);
    const differenceRe = f64x2.sub(evenRe, turnedRe);
    const differenceIm = f64x2.sub(turnedIm, evenIm);
    v128.store(to + k, f64x2.add(f64x2.mul(sumRe, sumRe), f64x2.mul(sumIm, sumIm)));
    v128.store(
      to + m,
      swapped(f64x2.add(f64x2.mul(differenceRe, differenceRe), f64x2.mul(differenceIm, differenceIm))),
    );
    split += 32;
    k += 16;
    m -= 16;
  }
}

function swapped(two: v128): v128 {
  return v128.shuffle<i64>(two, two, 1, 0);
}

/** log(1 + x) of the power under each triangle. Rows are filled up with zeros to a multiple of four bins. */
function levels(table: usize, power: usize, to: usize): void {
  let row = at(table, BAND_ROWS);
  let weights = at(table, BAND_WEIGHTS);
  const end = to + ((<usize>load<u32>(table + BANDS)) << 3);
  const start = to;
  for (let level = to; level < end; level += 8) {
    let bin = power + <usize>load<u32>(row);
    const rowEnd = weights + <usize>load<u32>(row, 4);
    let even = f64x2.splat(0);
    let odd = f64x2.splat(0);
    while (weights < rowEnd) {
      even = f64x2.add(even, f64x2.mul(v128.load(weights), v128.load(bin)));
      odd = f64x2.add(odd, f64x2.mul(v128.load(weights, 16), v128.load(bin, 16)));
      weights += 32;
      bin += 32;
    }
    const sum = f64x2.add(even, odd);
    store<f64>(level, f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1));
    row += 8;
  }
  // Where the bands are odd in number, a zero is worked on with the last one.
  store<f64>(end, 0);
  for (let level = start; level < end; level += 16) {
    v128.store(level, logarithm(f64x2.add(v128.load(level), f64x2.splat(1))));
  }
}

/**
 * Natural logarithm of numbers >= 1, by the polynomial of FreeBSD's e_log.c: x = 2^k (1 + f) with f between sqrt(1/2) - 1 and
 * sqrt(2) - 1; its error is below one unit in the last place.
 */
function logarithm(x: v128): v128 {
  const shifted = i64x2.add(x, i64x2.splat(0x3ff0000000000000 - 0x3fe6a09e00000000));
  const exponent = i64x2.sub(i64x2.shr_u(shifted, 52), i64x2.splat(0x3ff));
  const mantissa = i64x2.add(
    v128.and(shifted, i64x2.splat(0x000fffffffffffff)),
    i64x2.splat(0x3fe6a09e00000000),
  );
  // Exponents are small, so that their lower halves are all there is of them.
  const k = f64x2.convert_low_i32x4_s(v128.shuffle<i32>(exponent, exponent, 0, 2, 0, 2));
  const f = f64x2.sub(mantissa, f64x2.splat(1));
  const s = f64x2.div(f, f64x2.add(f, f64x2.splat(2)));
  const z = f64x2.mul(s, s);
  const w = f64x2.mul(z, z);
  const t1 = f64x2.mul(
    w,
    plus(
      0.3999999999940942,
      f64x2.mul(w, plus(0.22222198432149784, f64x2.mul(w, f64x2.splat(0.15313837699209373)))),
    ),
  );
  const t2 = f64x2.mul(
    z,
    plus(
      0.6666666666666735,
      f64x2.mul(
        w,
        plus(
          0.2857142874366239,
          f64x2.mul(w, plus(0.1818357216161805, f64x2.mul(w, f64x2.splat(0.14798198605116586)))),
        ),
      ),
    ),
  );
  const square = f64x2.mul(f64x2.splat(0.5), f64x2.mul(f, f));
  const rest = f64x2.add(
    f64x2.mul(s, f64x2.add(square, f64x2.add(t1, t2))),
    f64x2.mul(k, f64x2.splat(1.9082149292705877e-10)),
  );
  return f64x2.add(f64x2.mul(k, f64x2.splat(0.6931471803691238)), f64x2.sub(f, f64x2.sub(square, rest)));
}

function plus(constant: f64, x: v128): v128 {
  return f64x2.add(f64x2.splat(constant), x);
}

/** DCT-II, four coefficients at a time: for each four, [bands, 4], an odd last band followed by zeros. */
function dct(table: usize, from: usize, out: usize): void {
  let weights = at(table, DCT);
  const end = from + ((<usize>load<u32>(table + BANDS)) << 3);
  const outEnd = out + ((<usize>load<u32>(table + GROUPS)) << 5);
  while (out < outEnd) {
    // Two sums of each, as one alone would wait for each addition to end before the next.
    let low = f64x2.splat(0);
    let high = f64x2.splat(0);
    let low2 = f64x2.splat(0);
    let high2 = f64x2.splat(0);
    for (let level = from; level < end; level += 16) {
      const x = v128.load64_splat(level);
      const y = v128.load64_splat(level, 8);
      low = f64x2.add(low, f64x2.mul(x, v128.load(weights)));
      high = f64x2.add(high, f64x2.mul(x, v128.load(weights, 16)));
      low2 = f64x2.add(low2, f64x2.mul(y, v128.load(weights, 32)));
      high2 = f64x2.add(high2, f64x2.mul(y, v128.load(weights, 48)));
      weights += 64;
    }
    v128.store(out, f64x2.add(low, low2));
    v128.store(out, f64x2.add(high, high2), 16);
    out += 32;
  }
}
