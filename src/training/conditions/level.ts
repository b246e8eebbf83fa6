import { wordRegion } from '../corpus/word-region.js';
import { toInt16 } from './resample.js';

/** Louder or quieter, within the range of int16. */
export function withGain(samples: Int16Array, db: number): Int16Array {
  return toInt16(Float64Array.from(samples), 10 ** (db / 20));
}

/** So loud that this share of the samples of the word is beyond full scale, and stays there. */
export function clipped(samples: Int16Array, share: number): Int16Array {
  const { start, end } = wordRegion(samples);
  const sizes = Float64Array.from(samples.subarray(start, end), Math.abs).sort();
  const largest = sizes[Math.max(0, Math.ceil((1 - share) * sizes.length) - 1)] ?? 0;
  return largest === 0 ? samples.slice() : toInt16(Float64Array.from(samples), 32_768 / largest);
}
