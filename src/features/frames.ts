import type { FeatureSettings } from '../model/pack.js';
import type { Extractor } from './extractor.js';
import { Mfcc } from './mfcc.js';

/** Says whether a hop holds sound; a hop that does not need not become a frame. */
export interface HopGate {
  push(samples: Int16Array, at: number, length: number): boolean;
  reset(): void;
}

/** Frames before a hop with sound that are made after all, so that no onset is lost: 0.64 s. */
const PRE_ROLL = 32;

/**
 * A stream of samples as a stream of MFCC frames, one per hop. Frame n ends with sample (n + 1) * hop; the stream starts
 * as if digital silence had come before. With a gate, frames of hops without sound are skipped, all but the last
 * {@link PRE_ROLL} before sound returns, and always an even number of them.
 */
export class FrameStream {
  readonly coefficients: number;
  readonly hopSamples: number;
  /** Multiplications per frame. */
  readonly macsPerFrame: number;
  /** Samples that the last {@link push} took. */
  taken = 0;
  /** Frames that were skipped before the first one that the last {@link push} gave. */
  skipped = 0;

  readonly #extractor: Extractor;
  readonly #window: number;
  readonly #gate: HopGate | null;
  /**
   * The newest samples, `#filled` of them: what the oldest frame to come looks back to, the `#due` whole hops that are not
   * frames yet, and `#partial` samples of the next hop.
   */
  readonly #held: Int16Array;
  /** Views of it by the hop that they begin with: the windows of frames, made once each. */
  readonly #windows: Int16Array[] = [];
  #filled = 0;
  #due = 0;
  #partial = 0;
  /** Of the hops that are due, the oldest that are to become frames: all of them, once there is sound. */
  #wanted = 0;
  /** Hops that were dropped without becoming frames, since the last frame. */
  #passedOver = 0;

  constructor(
    settings: FeatureSettings,
    gate: HopGate | null = null,
    extractor: Extractor = Mfcc.of(settings),
  ) {
    this.#extractor = extractor;
    this.#gate = gate;
    this.#window = settings.windowSamples;
    this.hopSamples = settings.hopSamples;
    this.coefficients = settings.coefficients;
    this.macsPerFrame = this.#extractor.macs;
    // Room for the pre-roll twice over, so that samples are seldom moved.
    this.#held = new Int16Array(this.#window + 2 * (PRE_ROLL + 2) * this.hopSamples);
    this.reset();
  }

  /** Forgets all that was heard: from here on as a new stream. */
  reset(): void {
    this.#held.fill(0);
    this.#filled = this.#window - this.hopSamples;
    this.#due = 0;
    this.#partial = 0;
    this.#wanted = 0;
    this.#passedOver = 0;
    this.#gate?.reset();
  }

  /** Hops that the next `samples` samples would complete: as many frames, without a gate. */
  framesFor(samples: number): number {
    return Math.floor((this.#partial + samples) / this.hopSamples);
  }

  /** Whether the next {@link push} gives frames even without samples. */
  get ready(): boolean {
    return this.#wanted > 0;
  }

  /** Hops so far that have become no frames, and may never. */
  get waiting(): number {
    return this.#passedOver + this.#due;
  }

  /**
   * The frames that no sound can bring back, which are not counted as skipped later.
   *
   * @returns how many, an even number
   */
  giveUp(): number {
    const given = this.#passedOver;
    this.#passedOver = 0;
    return given;
  }

  /**
   * Takes samples from `from` on until `frames` is full, or hops are to be skipped, or the samples end.
   * @param frames receives [n, coefficients], n as many as fit
   * @returns number of frames written; see also {@link taken} and {@link skipped}
   */
  push(samples: Int16Array, from: number, frames: Float32Array): number {
    const capacity = Math.floor(frames.length / this.coefficients);
    const hop = this.hopSamples;
    let at = from;
    let count = 0;
    this.skipped = 0;
    if (this.#wanted > 0) this.#skip();
    if (this.#due === 0) this.#makeRoom();
    // All at once where they fit: what is not taken in the end is held again when it is.
    const isHeld = from === 0 && samples.length <= this.#held.length - this.#filled;
    if (isHeld) this.#held.set(samples, this.#filled);
    for (;;) {
      while (this.#wanted > 0 && count < capacity) this.#compute(frames, count++);
      if (count === capacity || at === samples.length) break;
      if (this.#filled === this.#held.length) this.#makeRoom();
      const taken = Math.min(hop - this.#partial, samples.length - at, this.#held.length - this.#filled);
      if (!isHeld) this.#hold(samples, at, taken);
      this.#filled += taken;
      this.#partial += taken;
      at += taken;
      if (this.#partial < hop) continue;
      this.#partial = 0;
      this.#due++;
      if (this.#gate !== null && !this.#gate.push(this.#held, this.#filled - hop, hop)) {
        this.#passOver();
        continue;
      }
      this.#wanted = this.#due;
      // What is skipped comes before all frames that a push gives.
      if (this.#passedOver > 0 && count > 0) break;
      this.#skip();
    }
    this.taken = at - from;
    return count;
  }

  /** Faster than `set` for so few samples, and without the garbage of a subarray. */
  #hold(samples: Int16Array, from: number, count: number): void {
    const held = this.#held;
    const filled = this.#filled;
    for (let i = 0; i < count; i++) held[filled + i] = samples[from + i];
  }

  #skip(): void {
    this.skipped += this.#passedOver;
    this.#passedOver = 0;
  }

  /** The oldest hop that is due becomes frame number `place` of `frames`. */
  #compute(frames: Float32Array, place: number): void {
    const begin = this.#filled - this.#partial - (this.#due - 1) * this.hopSamples - this.#window;
    const hop = begin / this.hopSamples;
    this.#windows[hop] ??= this.#held.subarray(begin, begin + this.#window);
    this.#extractor.compute(this.#windows[hop], 0, frames, place * this.coefficients);
    this.#due--;
    this.#wanted--;
  }

  /** Of the hops that are due, those that are too old for the pre-roll are dropped, two at a time. */
  #passOver(): void {
    while (this.#due >= PRE_ROLL + 2) {
      this.#due -= 2;
      this.#passedOver += 2;
    }
  }

  /** Moves what is still needed to the start of the buffer. */
  #makeRoom(): void {
    const needed = this.#window - this.hopSamples + this.#due * this.hopSamples + this.#partial;
    this.#held.copyWithin(0, this.#filled - needed, this.#filled);
    this.#filled = needed;
  }
}
