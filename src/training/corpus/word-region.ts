/** Samples from `start` to `end`. */
export interface Region {
  readonly start: number;
  readonly end: number;
}

const BLOCK = 160;
const SMOOTHING_BLOCKS = 3;
const MAX_PAUSE_BLOCKS = 30;
const MIN_WORD_BLOCKS = 15;

/**
 * Where the word is in a clip of one word with silence or noise around it: the run of 10 ms blocks with the most energy over the
 * noise floor, with pauses of up to 0.3 s bridged. The whole clip where no block stands out.
 */
export function wordRegion(samples: Int16Array): Region {
  const levels = blockLevels(samples);
  const sorted = Float64Array.from(levels).sort();
  const floor = sorted[Math.floor(sorted.length * 0.15)];
  const peak = sorted[sorted.length - 1];
  // A third of the way from the floor to the peak, and at most 32 dB below the peak.
  const threshold = Math.max(floor + 0.33 * (peak - floor), peak - 32);
  let best: Region = { start: 0, end: samples.length };
  let bestEnergy = 0;
  for (let first = 0; first < levels.length; first++) {
    if (levels[first] < threshold) continue;
    let last = first;
    let energy = 0;
    for (let i = first; i < levels.length && i - last <= MAX_PAUSE_BLOCKS; i++) {
      if (levels[i] < threshold) continue;
      energy += 10 ** (levels[i] / 10);
      last = i;
    }
    if (energy > bestEnergy && last - first + 1 >= MIN_WORD_BLOCKS) {
      bestEnergy = energy;
      // Weak onsets and endings lie below the threshold.
      best = { start: Math.max(0, (first - 6) * BLOCK), end: Math.min(samples.length, (last + 7) * BLOCK) };
    }
    first = last;
  }
  return best;
}

/** Level of each block in dB, smoothed over 30 ms. */
function blockLevels(samples: Int16Array): Float64Array {
  const count = Math.max(1, Math.floor(samples.length / BLOCK));
  const energy = Float64Array.from({ length: count }, (_, block) => {
    let sum = 1;
    for (let i = block * BLOCK; i < (block + 1) * BLOCK; i++) sum += samples[i] * samples[i];
    return sum;
  });
  return energy.map((_, block) => {
    const from = Math.max(0, block - 1);
    const neighbours = energy.subarray(from, block + SMOOTHING_BLOCKS - 1);
    return 10 * Math.log10(neighbours.reduce((a, b) => a + b, 0) / neighbours.length);
  });
}
