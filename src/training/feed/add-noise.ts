import { WakegateError } from '../../errors.js';
import { activeRms } from '../corpus/scenes.js';
import type { Random } from '../random.js';

/** Draws of a noise that is not silent, before it is taken that all are. */
const DRAWS = 1000;

/**
 * A copy of `samples` with one of the noises mixed in, `snrDb` below the active parts of the clip.
 *
 * @throws WakegateError WG_DATA_INVALID where there is no noise, or only silence
 */
export function atSnr(
  samples: Int16Array,
  noises: readonly Int16Array[],
  snrDb: number,
  random: Random,
): Int16Array {
  const [noise, rms] = drawNoise(noises, random);
  const start = random.index(noise.length);
  const gain = (activeRms(samples) * 10 ** (-snrDb / 20)) / rms;
  return samples.map((sample, i) => {
    const mixed = sample + gain * noise[(start + i) % noise.length];
    return Math.max(-32_768, Math.min(32_767, Math.round(mixed)));
  });
}

function drawNoise(noises: readonly Int16Array[], random: Random): [noise: Int16Array, rms: number] {
  for (let draw = 0; draw < DRAWS && noises.length > 0; draw++) {
    const noise = random.pick(noises);
    const rms = activeRms(noise);
    if (rms > 0) return [noise, rms];
  }
  throw new WakegateError(
    'WG_DATA_INVALID',
    'there is no recording of noise that is not silent: add some to the manifest',
  );
}
