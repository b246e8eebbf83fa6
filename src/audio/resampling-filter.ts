import { SAMPLE_RATE } from './source.js';

/** Half the filter's length, in samples at the lower of the two rates. */
const HALF_LENGTH = 48;
/** In dB, at half the lower rate and above. */
const STOP_BAND_DB = 84;
/** From where the filter begins to fall to its stop band, in shares of the lower rate (Kaiser 1974). */
const TRANSITION = (STOP_BAND_DB - 7.95) / (14.36 * 2 * HALF_LENGTH);
const CUTOFF = 0.5 - TRANSITION / 2;
const BETA = 0.1102 * (STOP_BAND_DB - 8.7);
const BESSEL_BETA = bessel(BETA);

/** Tables up to this many phases are exact. All usual rates are among them: 11,025 Hz has 640. */
const MAX_EXACT_PHASES = 1024;
/**
 * Phases for each period of the lower rate where they are interpolated. A straight line between neighbours is off by
 * at most (pi / 512)^2 / 8 of the sample, -106 dB.
 */
const INTERPOLATED_PHASES = 512;

/** Coefficients are computed once for a rate and shared by all its streams; a table takes 0.25 MB at most. */
const MAX_CACHED = 8;
const cached = new Map<number, ResamplingFilter>();

/**
 * The coefficients of a windowed-sinc low-pass filter, a row for each place between two input samples where an output
 * sample may fall: Crochiere and Rabiner, "Multirate Digital Signal Processing" (1983), with a Kaiser window.
 */
export interface ResamplingFilter {
  /** [phases, taps]; where they are interpolated, one row more. */
  readonly rows: Float32Array;
  readonly phases: number;
  /** Input samples that an output sample depends on: as many after it as before it. */
  readonly taps: number;
  /** Whether output samples fall between rows. */
  readonly isInterpolated: boolean;
}

/** @param rate of the input, in Hz */
export function resamplingFilter(rate: number): ResamplingFilter {
  const filter = cached.get(rate) ?? computeFilter(rate);
  cached.delete(rate);
  cached.set(rate, filter); // the one that was used last comes last
  if (cached.size > MAX_CACHED) cached.delete(cached.keys().next().value!);
  return filter;
}

function computeFilter(rate: number): ResamplingFilter {
  const exact = Number.isInteger(rate) ? SAMPLE_RATE / greatestCommonDivisor(rate, SAMPLE_RATE) : Infinity;
  const isInterpolated = exact > MAX_EXACT_PHASES;
  /** Input samples for each sample at the lower rate. */
  const stretch = Math.max(1, rate / SAMPLE_RATE);
  const phases = isInterpolated ? Math.ceil(INTERPOLATED_PHASES / stretch) : exact;
  const half = Math.ceil(HALF_LENGTH * stretch);
  const taps = 2 * half;
  const rows = new Float32Array((phases + (isInterpolated ? 1 : 0)) * taps);
  for (let start = 0, phase = 0; start < rows.length; start += taps, phase++) {
    const row = rows.subarray(start, start + taps);
    let sum = 0;
    for (let tap = 0; tap < taps; tap++) {
      row[tap] = lowPass((tap + 1 - half - phase / phases) / stretch);
      sum += row[tap];
    }
    // A constant stays what it is in all phases.
    for (let tap = 0; tap < taps; tap++) row[tap] /= sum;
  }
  return { rows, phases, taps, isInterpolated };
}

/** The filter's impulse response. @param at in samples at the lower rate */
function lowPass(at: number): number {
  const place = at / HALF_LENGTH;
  if (place < -1 || place > 1) return 0;
  const angle = 2 * Math.PI * CUTOFF * at;
  const sinc = angle === 0 ? 1 : Math.sin(angle) / angle;
  return (sinc * bessel(BETA * Math.sqrt(1 - place * place))) / BESSEL_BETA;
}

/** The modified Bessel function of the first kind and order 0, by its power series. */
function bessel(x: number): number {
  const quarter = (x * x) / 4;
  let term = 1;
  let sum = 1;
  for (let k = 1; term > 1e-12 * sum; k++) {
    term *= quarter / (k * k);
    sum += term;
  }
  return sum;
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
