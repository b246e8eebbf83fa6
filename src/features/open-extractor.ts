import type { FeatureSettings } from '../model/pack.js';
import type { Extractor, ExtractorName } from './extractor.js';
import { MeydaMfcc } from './meyda.js';
import { Mfcc } from './mfcc.js';

/**
 * The extractor of that name.
 *
 * @throws WakegateError WG_BACKEND_UNAVAILABLE where meyda cannot be loaded
 */
export function openExtractor(name: ExtractorName, settings: FeatureSettings): Extractor {
  return name === 'meyda' ? new MeydaMfcc(settings) : Mfcc.of(settings);
}
