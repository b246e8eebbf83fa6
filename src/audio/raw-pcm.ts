import { WakegateError } from '../errors.js';
import { interleavedToMono } from './mono.js';
import { Resampler } from './resample.js';
import { SAMPLE_RATE } from './source.js';

/** How raw s16le audio is laid out. */
export interface RawFormat {
  /** In Hz, 8000 to 192000; 16000 unless told. */
  readonly rate?: number;
  /** Interleaved channels, 1 to 8; 1 unless told. They are averaged. */
  readonly channels?: number;
}

/** @throws WakegateError WG_USAGE for a rate or number of channels that cannot be */
export function checkRawFormat({ rate = SAMPLE_RATE, channels = 1 }: RawFormat): Required<RawFormat> {
  if (!Number.isInteger(rate) || rate < 8000 || rate > 192_000) {
    throw new WakegateError('WG_USAGE', `a sample rate of ${rate} Hz cannot be: give 8000 to 192000`);
  }
  if (!Number.isInteger(channels) || channels < 1 || channels > 8) {
    throw new WakegateError('WG_USAGE', `${channels} channels cannot be: give 1 to 8`);
  }
  return { rate, channels };
}

/** Raw s16le bytes, cut anywhere, to 16 kHz mono int16. */
export class RawPcmConverter {
  readonly #resampler: Resampler;
  readonly #channels: number;
  /** 16 kHz mono already: samples are only copied to where they are aligned. */
  readonly #isPlain: boolean;
  /** The part of a frame that the last bytes ended with. */
  #partial: Uint8Array = new Uint8Array(0);
  #copied = new Int16Array(0);

  private constructor(resampler: Resampler, { rate, channels }: Required<RawFormat>) {
    this.#resampler = resampler;
    this.#channels = channels;
    this.#isPlain = rate === SAMPLE_RATE && channels === 1;
  }

  static async create(format: Required<RawFormat>): Promise<RawPcmConverter> {
    return new RawPcmConverter(await Resampler.create(format.rate), format);
  }

  /** @returns what has come out, valid until the next call */
  push(bytes: Uint8Array): Int16Array {
    const joined = this.#partial.length > 0 ? Buffer.concat([this.#partial, bytes]) : bytes;
    const frameBytes = 2 * this.#channels;
    const whole = joined.length - (joined.length % frameBytes);
    // A copy, since the bytes may be the producer's to reuse.
    this.#partial = joined.slice(whole);
    const frames = joined.subarray(0, whole);
    if (this.#isPlain) return this.#copy(frames);
    return this.#resampler.push(interleavedToMono(frames, 's16', this.#channels));
  }

  /** The rest of the resampler; part of a frame is left out. */
  flush(): Int16Array {
    return this.#isPlain ? new Int16Array(0) : this.#resampler.flush();
  }

  close(): void {
    this.#resampler.close();
  }

  #copy(bytes: Uint8Array): Int16Array {
    const length = bytes.length / 2;
    if (this.#copied.length < length) this.#copied = new Int16Array(length);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    for (let i = 0; i < length; i++) this.#copied[i] = view.getInt16(2 * i, true);
    return this.#copied.subarray(0, length);
  }
}
