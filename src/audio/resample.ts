import { WakegateError } from '../errors.js';
import type { MonoBlock } from './codecs/mono.js';
import { type ResamplingFilter, resamplingFilter } from './resampling-filter.js';
import { SAMPLE_RATE } from './source.js';

/** Rates that can be resampled from, in Hz. */
export const MIN_RATE = 1000;
export const MAX_RATE = 192_000;

/** Samples that a stream gathers before it filters them. */
const GATHERED = 512;
/** Input samples of a block of {@link resampled}. */
const PIECE = 8192;

/**
 * Mono float samples at any rate to int16 at 16 kHz, as a stream: however it is cut into blocks, the output is the
 * same. It keeps what is below 7.2 kHz, or 0.45 of a lower rate, within 0.1 dB, and suppresses what would be an alias
 * or an image by 80 dB. The output is aligned with its input; its last 48 samples at the lower rate are what
 * {@link flush} brings out.
 */
export class Resampler {
  /** null at 16 kHz, where samples only change their type. */
  readonly #filter: ResamplingFilter | null;
  readonly #rate: number;
  /** Input: what the filter still needs of the past, and then what came in. */
  readonly #input: Float32Array;
  #filled = 0;
  /** Of {@link #input}: the first of the samples that the next output sample depends on. */
  #first = 0;
  /** How far after an input sample the next output sample falls, in {@link SAMPLE_RATE}ths of one. */
  #fraction = 0;
  #output: Int16Array = new Int16Array(0);
  #given: Int16Array = this.#output;
  #length = 0;
  #taken = 0;
  #total = 0;

  private constructor(rate: number) {
    this.#rate = rate;
    this.#filter = rate === SAMPLE_RATE ? null : resamplingFilter(rate);
    const taps = this.#filter?.taps ?? 0;
    this.#input = new Float32Array(taps === 0 ? 0 : taps + GATHERED);
    // Silence before the first sample, as many as the filter looks back.
    this.#filled = Math.max(0, taps / 2 - 1);
  }

  /** @param rate of the input in Hz, from {@link MIN_RATE} to {@link MAX_RATE} */
  static async create(rate: number): Promise<Resampler> {
    return new Resampler(rate);
  }

  /** @returns what has come out, valid until the next call */
  push(samples: Float32Array): Int16Array {
    this.#length = 0;
    this.#taken += samples.length;
    this.#reserve(Math.ceil((samples.length * SAMPLE_RATE) / this.#rate) + 1);
    if (this.#filter) this.#filterAll(this.#filter, samples);
    else for (let i = 0; i < samples.length; i++) this.#output[this.#length++] = toInt16(samples[i]);
    this.#total += this.#length;
    return this.#view(this.#length);
  }

  /** The rest, after which the output is as long as the input to within half a sample. The stream ends here. */
  flush(): Int16Array {
    if (!this.#filter) return this.#view(0);
    const missing = Math.round((this.#taken * SAMPLE_RATE) / this.#rate) - this.#total;
    const rest = this.push(new Float32Array(this.#filter.taps));
    return rest.subarray(0, Math.max(0, missing));
  }

  /** Nothing is left to free: a stream's memory is its own. */
  close(): void {}

  #filterAll(filter: ResamplingFilter, samples: Float32Array): void {
    const input = this.#input;
    for (let at = 0; at < samples.length; ) {
      const end = Math.min(samples.length, at + input.length - this.#filled);
      for (; at < end; at++) input[this.#filled++] = samples[at];
      this.#convolve(filter);
      // What an output sample still depends on moves to the front. Far apart, they may skip all there is.
      const kept = Math.min(this.#first, this.#filled);
      input.copyWithin(0, kept, this.#filled);
      this.#filled -= kept;
      this.#first -= kept;
    }
  }

  /** Writes all output samples whose input is there. */
  #convolve({ rows, phases, taps, isInterpolated }: ResamplingFilter): void {
    const input = this.#input;
    const output = this.#output;
    const last = this.#filled - taps;
    const whole = Math.floor(this.#rate / SAMPLE_RATE);
    const part = this.#rate - whole * SAMPLE_RATE;
    let first = this.#first;
    let fraction = this.#fraction;
    let length = this.#length;
    while (first <= last) {
      const place = (fraction * phases) / SAMPLE_RATE;
      const phase = isInterpolated ? Math.floor(place) : Math.round(place);
      let sample = dot(rows, phase * taps, input, first, taps);
      if (isInterpolated) {
        const next = dot(rows, (phase + 1) * taps, input, first, taps);
        sample += (place - phase) * (next - sample);
      }
      output[length++] = toInt16(sample);
      first += whole;
      fraction += part;
      if (fraction >= SAMPLE_RATE) {
        fraction -= SAMPLE_RATE;
        first++;
      }
    }
    this.#first = first;
    this.#fraction = fraction;
    this.#length = length;
  }

  #reserve(length: number): void {
    if (this.#output.length < length)
      this.#output = new Int16Array(Math.max(length, 2 * this.#output.length));
  }

  /** Blocks are mostly of one length, and so is the view of them. */
  #view(length: number): Int16Array {
    if (this.#given.buffer !== this.#output.buffer || this.#given.length !== length) {
      this.#given = this.#output.subarray(0, length);
    }
    return this.#given;
  }
}

/** The sum of products; in four sums, as one alone would wait for each addition. `taps` is even. */
function dot(rows: Float32Array, row: number, input: Float32Array, first: number, taps: number): number {
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  const end = taps - 3;
  let tap = 0;
  for (; tap < end; tap += 4) {
    a += rows[row + tap] * input[first + tap];
    b += rows[row + tap + 1] * input[first + tap + 1];
    c += rows[row + tap + 2] * input[first + tap + 2];
    d += rows[row + tap + 3] * input[first + tap + 3];
  }
  for (; tap < taps; tap++) a += rows[row + tap] * input[first + tap];
  return a + b + c + d;
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
