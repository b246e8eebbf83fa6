const FULL_SCALE = 32_768;

/**
 * Root mean square in dBFS (0 = a full-scale square wave, so a full-scale sine has -3.01); -Infinity for silence or
 * no samples.
 */
export function rmsDbfs(samples: Int16Array): number {
  let sum = 0;
  for (let i = 0; i < samples.length; i++) sum += samples[i] * samples[i];
  return samples.length === 0
    ? Number.NEGATIVE_INFINITY
    : 10 * Math.log10(sum / samples.length / FULL_SCALE ** 2);
}

/** Largest absolute sample in dBFS; -Infinity for silence or no samples. */
export function peakDbfs(samples: Int16Array): number {
  let peak = 0;
  for (let i = 0; i < samples.length; i++) peak = Math.max(peak, Math.abs(samples[i]));
  return 20 * Math.log10(peak / FULL_SCALE);
}
