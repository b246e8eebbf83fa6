/**
 * A bounded queue of samples between a device that does not wait and a reader that may be late. When it is full the
 * oldest samples go, and the numbering shows it.
 */
export class SampleRing {
  readonly #samples: Int16Array;
  /** Numbers, counted from the start of the stream, of the oldest sample kept and of the next one to come. */
  #first = 0;
  #next = 0;

  constructor(capacity: number) {
    this.#samples = new Int16Array(capacity);
  }

  get length(): number {
    return this.#next - this.#first;
  }

  /** Number of the oldest sample kept. */
  get firstSample(): number {
    return this.#first;
  }

  /** Number of the next sample to come. */
  get nextSample(): number {
    return this.#next;
  }

  /** Takes the next samples; makes no garbage. */
  write(samples: Int16Array): void {
    const capacity = this.#samples.length;
    this.#next += samples.length;
    this.#first = Math.max(this.#first, this.#next - capacity);
    let i = Math.max(0, samples.length - capacity);
    let at = (this.#next - (samples.length - i)) % capacity;
    // As a whole it needs no loop, and no subarray, which would be garbage.
    if (i === 0 && at + samples.length <= capacity) {
      this.#samples.set(samples, at);
      return;
    }
    for (; i < samples.length; i++) {
      this.#samples[at] = samples[i];
      if (++at === capacity) at = 0;
    }
  }

  /** Leaves out `count` samples that were lost. What is kept ends where the gap begins, and goes with it. */
  skip(count: number): void {
    this.#next += count;
    this.#first = this.#next;
  }

  /** A copy of the kept samples with numbers from `from` up to, not including, `to`. */
  copy(from: number, to: number): Int16Array {
    const first = Math.max(from, this.#first);
    const count = Math.max(0, Math.min(to, this.#next) - first);
    const target = new Int16Array(count);
    const at = first % this.#samples.length;
    const untilWrap = Math.min(count, this.#samples.length - at);
    target.set(this.#samples.subarray(at, at + untilWrap), 0);
    target.set(this.#samples.subarray(0, count - untilWrap), untilWrap);
    return target;
  }

  /** Moves the oldest samples into `target`, as many as there are and fit, and returns how many. */
  read(target: Int16Array): number {
    const count = Math.min(target.length, this.length);
    const at = this.#first % this.#samples.length;
    const untilWrap = Math.min(count, this.#samples.length - at);
    target.set(this.#samples.subarray(at, at + untilWrap), 0);
    target.set(this.#samples.subarray(0, count - untilWrap), untilWrap);
    this.#first += count;
    return count;
  }
}
