/** How much audio each judgement is made over. */
const WINDOW_SECONDS = 5;
/** -40 dBFS. A sound card's own offset is far smaller, and the mean of any sound over the window is near zero. */
const OFFSET = 328;
/** Share of samples at full scale that can be heard as distortion. */
const CLIPPED_SHARE = 0.002;

/**
 * Looks for a signal that is no use though it flows: a muted or broken microphone, one that is far too loud, or one
 * with a large DC offset. Judged over windows of 5 s of raw samples, before gain or filters hide anything.
 */
export class SignalWatch {
  readonly #channels: number;
  readonly #windowFrames: number;
  /** Of each channel, over the window so far. */
  readonly #sums: Float64Array;
  readonly #lowest: Int16Array;
  readonly #highest: Int16Array;
  readonly #clipped: Uint32Array;
  #frames = 0;
  #problem: string | null = null;

  /** @param rate in Hz */
  constructor(rate: number, channels: number) {
    this.#channels = channels;
    this.#windowFrames = rate * WINDOW_SECONDS;
    this.#sums = new Float64Array(channels);
    this.#lowest = new Int16Array(channels);
    this.#highest = new Int16Array(channels);
    this.#clipped = new Uint32Array(channels);
    this.#begin();
  }

  /** What was wrong in the last whole window, as a sentence; null where nothing was, or before it. */
  get problem(): string | null {
    return this.#problem;
  }

  /** @param samples whole interleaved frames */
  push(samples: Int16Array): void {
    const frames = Math.floor(samples.length / this.#channels);
    for (let done = 0; done < frames; ) {
      const count = Math.min(frames - done, this.#windowFrames - this.#frames);
      for (let channel = 0; channel < this.#channels; channel++) {
        this.#look(samples, done * this.#channels + channel, count, channel);
      }
      done += count;
      this.#frames += count;
      if (this.#frames < this.#windowFrames) continue;
      this.#problem = this.#judge();
      this.#begin();
    }
  }

  /** At `count` samples of one channel. In locals, since every sample of a microphone comes by here. */
  #look(samples: Int16Array, first: number, count: number, channel: number): void {
    const step = this.#channels;
    let sum = 0;
    let lowest = this.#lowest[channel];
    let highest = this.#highest[channel];
    let clipped = 0;
    for (let i = 0, at = first; i < count; i++, at += step) {
      const sample = samples[at];
      sum += sample;
      if (sample < lowest) lowest = sample;
      if (sample > highest) highest = sample;
      if (sample >= 32_767 || sample === -32_768) clipped++;
    }
    this.#sums[channel] += sum;
    this.#lowest[channel] = lowest;
    this.#highest[channel] = highest;
    this.#clipped[channel] += clipped;
  }

  #begin(): void {
    this.#frames = 0;
    this.#sums.fill(0);
    this.#lowest.fill(32_767);
    this.#highest.fill(-32_768);
    this.#clipped.fill(0);
  }

  #judge(): string | null {
    const flat = this.#channelsWhere((channel) => this.#lowest[channel] === this.#highest[channel]);
    if (flat.length === this.#channels) {
      return this.#highest.every((sample) => sample === 0)
        ? 'nothing but zeros comes from it: it is muted, or not connected'
        : 'one and the same value comes from it all the time: it is not connected, or broken';
    }
    if (flat.length > 0) return `channel ${flat.join(' and ')} is dead: choose another one`;
    const clipped = this.#channelsWhere(
      (channel) => this.#clipped[channel] > CLIPPED_SHARE * this.#windowFrames,
    );
    if (clipped.length > 0) return 'it is so loud that it clips: turn down its capture level';
    const offset = this.#channelsWhere(
      (channel) => Math.abs(this.#sums[channel]) > OFFSET * this.#windowFrames,
    );
    if (offset.length > 0) return 'it has a large DC offset: turn on the high-pass filter';
    return null;
  }

  /** Counted from 1, as people do. */
  #channelsWhere(holds: (channel: number) => boolean): number[] {
    return Array.from({ length: this.#channels }, (_, channel) => channel)
      .filter(holds)
      .map((channel) => channel + 1);
  }
}
