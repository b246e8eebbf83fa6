import { SAMPLE_RATE } from '../../audio/index.js';
import { Resampler } from '../../audio/resample.js';

/** Zeros around a clip, so that the filter has nothing to do with its ends: more than its length at any rate here. */
const MARGIN = 2048;

/**
 * What is left of 16 kHz sound that was recorded, or sent, at a lower rate: resampled down, and up again. Nine tenths of the lower
 * band stay, and nothing above it. As long as before, and not moved in time.
 *
 * @param rate in Hz, below 16 kHz
 * @param between what happens to the samples at the lower rate
 */
export async function throughRate(
  samples: Int16Array,
  rate: number,
  between: (samples: Int16Array) => Int16Array = (lower) => lower,
): Promise<Int16Array> {
  const padded = new Int16Array(samples.length + 2 * MARGIN);
  padded.set(samples, MARGIN);
  // A resampler gives 16 kHz: this many samples of its output, taken for samples at `rate`, last as long as its input.
  const lower = between(await resampledFrom((SAMPLE_RATE * SAMPLE_RATE) / rate, padded));
  const back = await resampledFrom(rate, lower);
  return back.slice(MARGIN, MARGIN + samples.length);
}

/** Rounded and clipped, after `scale`. */
export function toInt16(samples: Float32Array | Float64Array, scale: number): Int16Array {
  return Int16Array.from(samples, (sample) =>
    Math.max(-32_768, Math.min(32_767, Math.round(sample * scale))),
  );
}

async function resampledFrom(rate: number, samples: Int16Array): Promise<Int16Array> {
  const resampler = await Resampler.create(rate);
  const start = resampler.push(Float32Array.from(samples, (sample) => sample / 32_768)).slice();
  const end = resampler.flush();
  const whole = new Int16Array(start.length + end.length);
  whole.set(start);
  whole.set(end, start.length);
  resampler.close();
  return whole;
}
