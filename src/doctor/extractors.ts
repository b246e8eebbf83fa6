import type { Config } from '../config/index.js';
import { asWakegateError } from '../errors.js';
import { type Extractor, meydaVersion, openExtractor } from '../features/index.js';
import { type FeatureSettings, readPack, resolvePack } from '../model/index.js';
import { type Finding, right, unknown, wrong } from './finding.js';

/** Share of the largest coefficient; single precision alone makes for some 1e-7. */
const MOST_DIFFERENCE = 1e-5;
/** Of which the fastest counts: the first ones are not compiled yet, and others are interrupted. */
const ROUNDS = 10;
const INSTALL = 'npm install meyda@^5.6.3';

/** Compares the two extractors of MFCCs on a second of sound, where meyda is installed. */
export async function checkExtractors({ model, mfcc }: Pick<Config, 'model' | 'mfcc'>): Promise<Finding> {
  const version = meydaVersion();
  if (version === null) {
    if (mfcc === 'meyda') return wrong('MFCC', 'meyda, which the settings name, is not installed', INSTALL);
    return right('MFCC', 'by the fast extractor; meyda is not installed, so they are not compared');
  }
  let features: FeatureSettings;
  try {
    ({ features } = await readPack(await resolvePack(model)));
  } catch {
    return unknown('MFCC', 'without a model pack there is nothing to compute');
  }
  let meyda: Extractor;
  try {
    meyda = openExtractor('meyda', features);
  } catch (error) {
    const { message } = asWakegateError(error, 'WG_BACKEND_UNAVAILABLE', 'meyda cannot be used');
    return mfcc === 'meyda' ? wrong('MFCC', message, INSTALL) : unknown('MFCC', message);
  }
  return judgeExtractors(compareExtractors(features, meyda, openExtractor('fast', features)), mfcc, version);
}

export interface Comparison {
  /** Between any two coefficients of the same frame, as a share of the largest coefficient. */
  readonly difference: number;
  /** How many times as long as the fast one meyda takes. */
  readonly timeRatio: number;
}

export function judgeExtractors(
  { difference, timeRatio }: Comparison,
  mfcc: Config['mfcc'],
  version: string,
): Finding {
  const says =
    `${mfcc === 'fast' ? 'the fast extractor' : `meyda ${version}`}; on a second of sound it and ` +
    `${mfcc === 'fast' ? `meyda ${version}` : 'the fast extractor'} differ by ${difference.toExponential(0)} of the ` +
    `largest coefficient at most, and meyda takes ${timeRatio.toFixed(1)} times as long`;
  return difference <= MOST_DIFFERENCE ? right('MFCC', says) : wrong('MFCC', says, INSTALL);
}

/** Both over the same second of sound. */
export function compareExtractors(features: FeatureSettings, meyda: Extractor, fast: Extractor): Comparison {
  const sound = soundOf(features.sampleRate);
  const [byMeyda, byFast] = [meyda, fast].map((extractor) => {
    const frames = framesOf(extractor, features, sound);
    let fastestMs = Number.POSITIVE_INFINITY;
    for (let round = 0; round < ROUNDS; round++) {
      const began = performance.now();
      framesOf(extractor, features, sound);
      fastestMs = Math.min(fastestMs, performance.now() - began);
    }
    return { frames, ms: fastestMs };
  });
  const largest = byMeyda.frames.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  // A NaN counts as a difference, which Math.max alone would show as NaN, and that is over no limit.
  const differences = byMeyda.frames.map((value, i) => Math.abs(value - byFast.frames[i]));
  const difference = differences.every(Number.isFinite) ? Math.max(...differences) : Number.POSITIVE_INFINITY;
  return { difference: difference / largest, timeRatio: byMeyda.ms / byFast.ms };
}

/** [frames, coefficients] */
function framesOf(extractor: Extractor, features: FeatureSettings, sound: Int16Array): Float32Array {
  const { windowSamples, hopSamples, coefficients } = features;
  const count = Math.floor((sound.length - windowSamples) / hopSamples) + 1;
  const frames = new Float32Array(count * coefficients);
  for (let n = 0; n < count; n++) extractor.compute(sound, n * hopSamples, frames, n * coefficients);
  return frames;
}

/** A second that has every band in it: harmonics that glide, in noise, from faint to loud. */
function soundOf(sampleRate: number): Int16Array {
  let state = 1;
  let phase = 0;
  return Int16Array.from({ length: sampleRate }, (_, i) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    phase += (2 * Math.PI * (100 + (100 * i) / sampleRate)) / sampleRate;
    let voice = 0;
    for (let harmonic = 1; harmonic <= 20; harmonic++) voice += Math.sin(harmonic * phase) / harmonic;
    return (i / sampleRate) * (8000 * voice + 4000 * (state / 2 ** 31 - 1));
  });
}
