import type { Compression } from '../model/pack.js';

/**
 * The compression of the GC layer for one step: `z = max(F - theta, 0)`, rounded to levels.
 * @param activations [channels]
 * @param levels receives one level per channel from `at` on
 */
export function compress(
  compression: Compression,
  activations: Float32Array,
  levels: Uint8Array,
  at: number,
): void {
  const { theta, levelStep, maxLevel, channels } = compression;
  for (let c = 0; c < channels; c++) {
    const level = (activations[c] - theta[c]) / levelStep + 0.5;
    levels[at + c] = level < 1 ? 0 : Math.min(level, maxLevel);
  }
}
