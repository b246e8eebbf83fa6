import { peakDbfs, rmsDbfs } from '../../audio/index.js';
import { wordRegion } from '../corpus/word-region.js';

/** How loud a take is. */
export interface TakeLevels {
  readonly peakDbfs: number;
  readonly wordDbfs: number;
  /** How far the noise around the word is below it, in dB; null where the word fills the take. */
  readonly noiseBelowDb: number | null;
}

/** Less of sound around the word says nothing of the noise. */
const LEAST_NOISE_SAMPLES = 3200;
/** A word that stands out by less is heard with its noise. */
const MUCH_NOISE_DB = 12;
const QUIET_DBFS = -45;
/** Peaks of a louder word are near the end of the range. */
const NEAR_CLIPPING_DBFS = -1;

export function takeLevels(samples: Int16Array): TakeLevels {
  const { start, end } = wordRegion(samples);
  const wordDbfs = rmsDbfs(samples.subarray(start, end));
  const around = samples.length - (end - start);
  const before = samples.subarray(0, start);
  const after = samples.subarray(end);
  const power = (part: Int16Array) => (part.length === 0 ? 0 : part.length * 10 ** (rmsDbfs(part) / 10));
  const noiseDbfs = 10 * Math.log10(Math.max(1e-10, (power(before) + power(after)) / around));
  return {
    peakDbfs: peakDbfs(samples),
    wordDbfs,
    noiseBelowDb: around < LEAST_NOISE_SAMPLES ? null : wordDbfs - noiseDbfs,
  };
}

/** A take's levels in a line, and what could be better about them. */
export function levelsText({ peakDbfs: peak, wordDbfs, noiseBelowDb }: TakeLevels): string {
  const noise = noiseBelowDb === null ? '' : `, the noise ${noiseBelowDb.toFixed(0)} dB below it`;
  const advice: string[] = [];
  if (noiseBelowDb !== null && noiseBelowDb < MUCH_NOISE_DB) {
    advice.push('much noise: come nearer, or switch off what hums');
  }
  if (wordDbfs < QUIET_DBFS) advice.push('quiet: come nearer, or turn the microphone up');
  if (peak > NEAR_CLIPPING_DBFS) advice.push('nearly clipped: turn the microphone down a little');
  return [`the word has ${wordDbfs.toFixed(0)} dBFS${noise}`, ...advice].join('; ');
}
