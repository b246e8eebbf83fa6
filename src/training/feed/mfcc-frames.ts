import { SAMPLE_RATE } from '../../audio/index.js';
import { Mfcc } from '../../features/index.js';
import type { FeatureSettings } from '../../model/pack.js';

/** The features of every pack that is trained here. */
export const FEATURES = {
  sampleRate: SAMPLE_RATE,
  windowSamples: 512,
  hopSamples: 320,
  melBands: 32,
  coefficients: 20,
} as const satisfies FeatureSettings;

const mfcc = new Mfcc(FEATURES);

/**
 * All frames of a clip, as a stream gives them. Frame n ends with sample (n + 1) * 320. There is silence before the first sample.
 * @returns [frames, 20]
 */
export function mfccFrames(samples: Int16Array): Float32Array {
  const { hopSamples, windowSamples, coefficients } = FEATURES;
  const lead = windowSamples - hopSamples;
  const padded = new Int16Array(samples.length + lead);
  padded.set(samples, lead);
  const count = Math.floor(samples.length / hopSamples);
  const frames = new Float32Array(count * coefficients);
  for (let n = 0; n < count; n++) mfcc.compute(padded, n * hopSamples, frames, n * coefficients);
  return frames;
}
