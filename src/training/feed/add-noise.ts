import { activeRms } from '../corpus/scenes.js';
import type { Random } from '../random.js';

/** A copy of `samples` with one of the noises mixed in, `snrDb` below the active parts of the clip. */
export function atSnr(
  samples: Int16Array,
  noises: readonly Int16Array[],
  snrDb: number,
  random: Random,
): Int16Array {
  const noise = random.pick(noises.filter((candidate) => activeRms(candidate) > 0));
  const start = random.index(noise.length);
  const gain = (activeRms(samples) * 10 ** (-snrDb / 20)) / activeRms(noise);
  return samples.map((sample, i) => {
    const mixed = sample + gain * noise[(start + i) % noise.length];
    return Math.max(-32_768, Math.min(32_767, Math.round(mixed)));
  });
}
