import { WakegateError } from '../errors.js';
import type { MonoBlock } from './codecs/mono.js';
import { SAMPLE_RATE } from './source.js';

/** Rates that can be resampled from, in Hz. */
export const MIN_RATE = 1000;
export const MAX_RATE = 192_000;

/** Input samples handed to the converter at once. */
const PIECE = 8192;

type Converter = Awaited<ReturnType<typeof import('@alexanderolsen/libsamplerate-js')['create']>>;

/**
 * Mono float samples at any rate to int16 at 16 kHz, as a stream: however it is cut into blocks, the output is the
 * same. libsamplerate's medium sinc filter keeps what is below 7.2 kHz and lets no alias through; its output is
 * aligned with its input, but some 50 samples late, which {@link flush} brings out.
 */
export class Resampler {
  /** null at 16 kHz, where samples only change their type. */
  readonly #converter: Converter | null;
  readonly #ratio: number;
  readonly #converted: Float32Array;
  #output: Int16Array = new Int16Array(0);
  #taken = 0;
  #given = 0;

  private constructor(converter: Converter | null, rate: number) {
    this.#converter = converter;
    this.#ratio = SAMPLE_RATE / rate;
    this.#converted = new Float32Array(converter ? Math.ceil(PIECE * this.#ratio) + 1 : 0);
  }

  /** @param rate of the input in Hz, from {@link MIN_RATE} to {@link MAX_RATE} */
  static async create(rate: number): Promise<Resampler> {
    if (rate === SAMPLE_RATE) return new Resampler(null, rate);
    // Loaded only here: 2 MB of source, and 8 MB of memory a converter.
    const { create, ConverterType } = (await import('@alexanderolsen/libsamplerate-js')).default;
    const converterType = ConverterType.SRC_SINC_MEDIUM_QUALITY;
    return new Resampler(await create(1, rate, SAMPLE_RATE, { converterType }), rate);
  }

  /** @returns what has come out, valid until the next call */
  push(samples: Float32Array): Int16Array {
    this.#taken += samples.length;
    if (!this.#converter) return this.#give(samples, 0, samples.length);
    let length = 0;
    for (let at = 0; at < samples.length; at += PIECE) {
      length = this.#convert(samples.subarray(at, at + PIECE), length);
    }
    this.#given += length;
    return this.#output.subarray(0, length);
  }

  /** The rest, after which the output is as long as the input to within half a sample. The stream ends here. */
  flush(): Int16Array {
    const missing = Math.round(this.#taken * this.#ratio) - this.#given;
    let length = 0;
    // The converter has no call that ends its input, so silence pushes the last samples out of the filter.
    const silence = new Float32Array(PIECE);
    while (this.#converter && length < missing) length = this.#convert(silence, length);
    return this.#output.subarray(0, Math.max(0, Math.min(length, missing)));
  }

  /** Frees the converter. */
  close(): void {
    if (this.#converter && !this.#converter.isDestroyed) this.#converter.destroy();
  }

  /** Writes the conversion of at most PIECE samples to the output, from `at` on; returns where it ends. */
  #convert(samples: Float32Array, at: number): number {
    const made = { frames: 0 };
    this.#converter!.full(samples, this.#converted, made);
    this.#give(this.#converted, at, made.frames);
    return at + made.frames;
  }

  #give(samples: Float32Array, at: number, length: number): Int16Array {
    if (this.#output.length < at + length) {
      const larger = new Int16Array(2 * (at + length));
      larger.set(this.#output.subarray(0, at));
      this.#output = larger;
    }
    const output = this.#output;
    for (let i = 0; i < length; i++) output[at + i] = toInt16(samples[i]);
    return output.subarray(0, at + length);
  }
}

/** Files that were put together from others change their rate now and then, but not all the time; each takes a resampler. */
const MAX_RATE_CHANGES = 4;

/**
 * Resamples a decoded stream, across changes of its rate, in blocks of a bounded size. Each is valid until the next is
 * asked for.
 *
 * @throws WakegateError WG_AUDIO_INVALID where the rate changes all the time
 */
export async function* resampled(blocks: AsyncIterable<MonoBlock>): AsyncGenerator<Int16Array> {
  let resampler: Resampler | null = null;
  let rate = 0;
  let rates = 0;
  try {
    for await (const block of blocks) {
      if (!resampler || block.rate !== rate) {
        if (resampler) yield resampler.flush();
        resampler?.close();
        rate = block.rate;
        if (rates++ > MAX_RATE_CHANGES) {
          throw new WakegateError(
            'WG_AUDIO_INVALID',
            `the sample rate changes more than ${MAX_RATE_CHANGES} times: it is damaged, or no sound`,
          );
        }
        resampler = await Resampler.create(rate);
      }
      for (let at = 0; at < block.samples.length; at += PIECE) {
        yield resampler.push(block.samples.subarray(at, at + PIECE));
      }
    }
    if (resampler) yield resampler.flush();
  } finally {
    resampler?.close();
  }
}

/** Rounds a sample of full scale [-1, 1) and clips it to int16. */
function toInt16(sample: number): number {
  return Math.max(-32_768, Math.min(32_767, Math.round(sample * 32_768)));
}
