/** Samples in a page: 0.32 s, in which pieces of 80 ms have whole places. */
const PAGE_SAMPLES = 5120;

/** Some sound that stays as it was, however long it is needed. */
export interface HeldSound {
  /** A copy of the samples with numbers from `from` up to, not including, `to`; zeros for those that are not held. */
  copy(from: number, to: number): Int16Array;
}

/**
 * The newest samples of a stream, in pages. What is held keeps its pages, and the stream continues on others, so that holding sound copies
 * none of it, and all that hold the same sound share it. While nothing is held, the same pages are written over and over.
 */
export class SoundPages {
  /** The page of sample n is number floor(n / PAGE_SAMPLES), at its place modulo the number of pages. */
  readonly #pages: Int16Array[];
  /** 1 where somebody holds the page, so that it is not to be written again. */
  readonly #isHeld: Uint8Array;
  /** Numbers, counted from the start of the stream, of the oldest sample kept and of the next one to come. */
  #first = 0;
  #next = 0;

  /** @param capacity samples that are kept, at least */
  constructor(capacity: number) {
    const count = Math.ceil(capacity / PAGE_SAMPLES) + 1;
    this.#pages = Array.from({ length: count }, () => new Int16Array(PAGE_SAMPLES));
    this.#isHeld = new Uint8Array(count);
  }

  /** Number of the next sample to come. */
  get nextSample(): number {
    return this.#next;
  }

  /** Takes the samples from `from` up to `to`; makes no garbage. */
  write(samples: Int16Array, from = 0, to = samples.length): void {
    for (let i = from; i < to; ) {
      const at = offsetOf(this.#next);
      if (at === 0) this.#turnTo(this.#next);
      const page = this.#pages[this.#placeOf(this.#next)];
      const count = Math.min(to - i, PAGE_SAMPLES - at);
      // As a whole it needs no loop, and no subarray, which would be garbage.
      if (count === samples.length) page.set(samples, at);
      else for (let n = 0; n < count; n++) page[at + n] = samples[i + n];
      i += count;
      this.#next += count;
    }
  }

  /** The stream continues with sample number `startSample`: what came before is not its past. */
  restart(startSample: number): void {
    // The same numbers may come again, and the pages that have them are not to be written twice.
    for (let place = 0; place < this.#pages.length; place++) this.#release(place);
    this.#next = startSample;
    this.#first = startSample;
  }

  /** Holds the samples with numbers from `from` up to, not including, `to`, as far as they are kept. */
  hold(from: number, to: number): HeldSound {
    const oldest = this.#next - (this.#pages.length - 1) * PAGE_SAMPLES;
    const first = Math.max(from, this.#first, oldest);
    const end = Math.min(to, this.#next);
    const pages: Int16Array[] = [];
    for (let page = Math.floor(first / PAGE_SAMPLES); page * PAGE_SAMPLES < end; page++) {
      const place = this.#placeOf(page * PAGE_SAMPLES);
      this.#isHeld[place] = 1;
      pages.push(this.#pages[place]);
    }
    return new HeldPages(pages, first, end);
  }

  /** A page begins: it must be nobody else's. */
  #turnTo(sample: number): void {
    this.#release(this.#placeOf(sample));
  }

  #release(place: number): void {
    if (this.#isHeld[place] === 0) return;
    this.#pages[place] = new Int16Array(PAGE_SAMPLES);
    this.#isHeld[place] = 0;
  }

  #placeOf(sample: number): number {
    const count = this.#pages.length;
    return ((Math.floor(sample / PAGE_SAMPLES) % count) + count) % count;
  }
}

class HeldPages implements HeldSound {
  readonly #pages: readonly Int16Array[];
  readonly #first: number;
  readonly #end: number;

  /** @param pages those from the one of sample number `first` up to that of the one before `end` */
  constructor(pages: readonly Int16Array[], first: number, end: number) {
    this.#pages = pages;
    this.#first = first;
    this.#end = end;
  }

  copy(from: number, to: number): Int16Array {
    const target = new Int16Array(to - from);
    const end = Math.min(to, this.#end);
    for (let at = Math.max(from, this.#first); at < end; ) {
      const page = this.#pages[Math.floor(at / PAGE_SAMPLES) - Math.floor(this.#first / PAGE_SAMPLES)];
      const count = Math.min(end - at, PAGE_SAMPLES - offsetOf(at));
      target.set(page.subarray(offsetOf(at), offsetOf(at) + count), at - from);
      at += count;
    }
    return target;
  }
}

function offsetOf(sample: number): number {
  return sample - Math.floor(sample / PAGE_SAMPLES) * PAGE_SAMPLES;
}
