import { WakegateError } from '../../errors.js';
import type { SignalWatch } from '../microphone/signal-watch.js';
import { Resampler } from '../resample.js';
import { SAMPLE_RATE } from '../source.js';

/** How raw s16le audio is laid out. */
export interface RawFormat {
  /** In Hz, 8000 to 192000; 16000 by default. */
  readonly rate?: number;
  /** Interleaved channels, 1 to 8; 1 by default. */
  readonly channels?: number;
  /** The only one that is wanted, counted from 1; by default, or with 0, all are averaged. */
  readonly channel?: number;
}

/** @throws WakegateError WG_USAGE for a rate, a number of channels or a channel that cannot be */
export function checkRawFormat({
  rate = SAMPLE_RATE,
  channels = 1,
  channel = 0,
}: RawFormat): Required<RawFormat> {
  if (!Number.isInteger(rate) || rate < 8000 || rate > 192_000) {
    throw new WakegateError('WG_USAGE', `a sample rate of ${rate} Hz is not possible: give 8000 to 192000`);
  }
  if (!Number.isInteger(channels) || channels < 1 || channels > 8) {
    throw new WakegateError('WG_USAGE', `${channels} channels are not possible: give 1 to 8`);
  }
  if (!Number.isInteger(channel) || channel < 0 || channel > channels) {
    const choice = channels === 1 ? 'there is only one' : `give 1 to ${channels}, or 0 for the mean of all`;
    throw new WakegateError('WG_USAGE', `there is no channel ${channel}: ${choice}`);
  }
  return { rate, channels, channel };
}

/** Of int16. */
const FULL_SCALE = 32_768;
/** A float sample this far over full scale is not in [-1, 1] at all: it is in the units of int16. */
const MOST_FLOAT = 16;

/** Raw s16le bytes, cut anywhere, or whole frames of typed samples, to 16 kHz mono int16. */
export class RawPcmConverter {
  readonly #resampler: Resampler;
  readonly #format: Required<RawFormat>;
  readonly #watch: SignalWatch | null;
  /** 16 kHz mono already: samples are only copied to where they are aligned. */
  readonly #isPlain: boolean;
  /** The part of a frame that the last bytes ended with. */
  #partial: Uint8Array = new Uint8Array(0);
  #copied = new Int16Array(0);
  /** The same memory. */
  #copiedBytes = new Uint8Array(0);
  /** As much of it as the last bytes took: most take as much as those before them. */
  #frames = new Int16Array(0);
  #mono = new Float32Array(0);

  private constructor(resampler: Resampler, format: Required<RawFormat>, watch: SignalWatch | null) {
    this.#resampler = resampler;
    this.#format = format;
    this.#watch = watch;
    this.#isPlain = format.rate === SAMPLE_RATE && format.channels === 1;
  }

  /** @param watch sees the samples of all channels, as they come in */
  static async create(
    format: Required<RawFormat>,
    watch: SignalWatch | null = null,
  ): Promise<RawPcmConverter> {
    return new RawPcmConverter(await Resampler.create(format.rate), format, watch);
  }

  /** @returns what has come out, valid until the next call */
  push(bytes: Uint8Array): Int16Array {
    const joined = this.#partial.length > 0 ? Buffer.concat([this.#partial, bytes]) : bytes;
    const whole = joined.length - (joined.length % (2 * this.#format.channels));
    const frames = this.#copy(joined.subarray(0, whole));
    // A copy, since the bytes may be the producer's to reuse.
    if (whole < joined.length || this.#partial.length > 0)
      this.#partial = Uint8Array.from(joined.subarray(whole));
    this.#watch?.push(frames);
    return this.#isPlain ? frames : this.#resampler.push(this.#toMono(frames, FULL_SCALE));
  }

  /**
   * Takes typed samples in place of bytes: int16, or floats of full scale [-1, 1]; NaN and infinities count as 0.
   *
   * @param samples [frames, channels]
   * @returns what has come out, valid until the next call
   * @throws WakegateError WG_USAGE for samples that are not whole frames, or floats in other units
   */
  pushSamples(samples: Int16Array | Float32Array): Int16Array {
    const { channels } = this.#format;
    if (samples.length % channels !== 0) {
      throw new WakegateError(
        'WG_USAGE',
        `${samples.length} samples are not whole frames of ${channels} channels: give all channels of a moment together`,
      );
    }
    if (samples[Symbol.toStringTag] === 'Int16Array') {
      return this.push(new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength));
    }
    return this.#resampler.push(this.#toMono(checkFloats(samples as Float32Array), 1));
  }

  /** The rest of the resampler; part of a frame is left out. */
  flush(): Int16Array {
    return this.#isPlain ? new Int16Array(0) : this.#resampler.flush();
  }

  close(): void {
    this.#resampler.close();
  }

  /** To where they are aligned; every machine that is supported has its numbers in the order of s16le. */
  #copy(bytes: Uint8Array): Int16Array {
    const length = bytes.length / 2;
    if (this.#copied.length < length) {
      this.#copied = new Int16Array(length);
      this.#copiedBytes = new Uint8Array(this.#copied.buffer);
    }
    this.#copiedBytes.set(bytes);
    if (this.#frames.length !== length || this.#frames.buffer !== this.#copied.buffer)
      this.#frames = this.#copied.subarray(0, length);
    return this.#frames;
  }

  /** The wanted channel, or the mean of all: [frames, channels] -> [frames] of full scale [-1, 1). */
  #toMono(frames: Int16Array | Float32Array, fullScale: number): Float32Array {
    const { channels, channel } = this.#format;
    const length = frames.length / channels;
    if (this.#mono.length < length) this.#mono = new Float32Array(length);
    const first = channel === 0 ? 0 : channel - 1;
    const last = channel === 0 ? channels - 1 : first;
    const scale = 1 / (fullScale * (last - first + 1));
    for (let frame = 0; frame < length; frame++) {
      let sum = 0;
      for (let c = first; c <= last; c++) sum += frames[frame * channels + c];
      this.#mono[frame] = sum * scale;
    }
    return this.#mono.subarray(0, length);
  }
}

/** The samples themselves, or a copy without what is not a number, which would fill the resampler with NaN for good. */
function checkFloats(samples: Float32Array): Float32Array {
  let isSound = true;
  for (let i = 0; i < samples.length; i++) {
    const size = Math.abs(samples[i]);
    if (size <= MOST_FLOAT) continue;
    if (Number.isFinite(size)) {
      throw new WakegateError(
        'WG_USAGE',
        `a float sample of ${samples[i]} is far outside [-1, 1]: divide samples in the units of int16 by 32768`,
      );
    }
    isSound = false;
  }
  return isSound ? samples : samples.map((sample) => (Number.isFinite(sample) ? sample : 0));
}
