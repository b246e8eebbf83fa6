import { openKernels } from '../simd/index.js';
import { LogMel, type LogMelSettings } from './log-mel.js';
import { SimdLogMel } from './simd-log-mel.js';
import { SpeechEmbeddingMel } from './speech-embedding-mel.js';

/** The levels that a second look hears: log-mel ones by default, or those of Google's speech embedding. */
export interface SecondLookLevels extends LogMelSettings {
  readonly kind?: 'speech-embedding';
}

/**
 * Opens what makes such levels of a stretch of sound.
 *
 * @param warp moves all bands to `warp` times their frequency, as another vocal tract length would
 */
export function openSecondLookLevels(
  settings: SecondLookLevels,
  warp = 1,
): { frames(samples: Int16Array): Float32Array<ArrayBuffer> } {
  if (settings.kind === 'speech-embedding') return new SpeechEmbeddingMel(warp);
  const kernels = warp === 1 && SimdLogMel.takes(settings) ? openKernels() : null;
  return kernels ? new SimdLogMel(settings, kernels) : new LogMel(settings, warp);
}
