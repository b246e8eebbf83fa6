/** Cuts samples that come in pieces of any length into frames of one length. */
export class FrameCutter {
  readonly #frame: Int16Array;
  #filled = 0;
  /** Samples that the frames so far were made of. */
  samples = 0;

  constructor(length: number) {
    this.#frame = new Int16Array(length);
  }

  /** The frames that `samples` complete; each is valid only until the next. */
  *cut(samples: Int16Array): Generator<Int16Array> {
    for (let at = 0; at < samples.length; ) {
      const count = Math.min(this.#frame.length - this.#filled, samples.length - at);
      this.#frame.set(samples.subarray(at, at + count), this.#filled);
      this.#filled += count;
      at += count;
      if (this.#filled < this.#frame.length) return;
      this.#filled = 0;
      this.samples += this.#frame.length;
      yield this.#frame;
    }
  }

  reset(): void {
    this.#filled = 0;
    this.samples = 0;
  }
}
