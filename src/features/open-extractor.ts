import type { FeatureSettings } from '../model/pack.js';
import { openKernels } from '../simd/index.js';
import type { Extractor, ExtractorName } from './extractor.js';
import { MeydaMfcc } from './meyda.js';
import { Mfcc } from './mfcc.js';
import { SimdMfcc } from './simd-mfcc.js';

/** Those that {@link fastMfcc} has made. */
const madeFor = new WeakMap<FeatureSettings, Extractor>();

/**
 * The extractor of that name.
 *
 * @throws WakegateError WG_BACKEND_UNAVAILABLE where meyda cannot be loaded
 */
export function openExtractor(name: ExtractorName, settings: FeatureSettings): Extractor {
  return name === 'meyda' ? new MeydaMfcc(settings) : fastMfcc(settings);
}

/**
 * By SIMD where there is any. One for all streams of these settings: it keeps nothing from one frame to the next, and its tables, of which each
 * stream would have a copy, stay in the processor's cache.
 */
function fastMfcc(settings: FeatureSettings): Extractor {
  let mfcc = madeFor.get(settings);
  if (mfcc) return mfcc;
  const kernels = SimdMfcc.takes(settings) ? openKernels() : null;
  mfcc = kernels ? new SimdMfcc(settings, kernels) : new Mfcc(settings);
  madeFor.set(settings, mfcc);
  return mfcc;
}
