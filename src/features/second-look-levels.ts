import { LogMel, type LogMelSettings } from './log-mel.js';
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
  return settings.kind === 'speech-embedding' ? new SpeechEmbeddingMel(warp) : new LogMel(settings, warp);
}
