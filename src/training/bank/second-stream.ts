import type { SecondEmbedder } from './second-embedder.js';

/** Position n of the trunk ends with sample 32 000 + 1280 n of a stream, and what the second look hears is so much shorter. */
const FIRST_END = 32_000;
/** Embeddings that are computed at a time. */
const BLOCK = 27 * 16;

/** What the second look makes of a long sound that comes in pieces: embedding n is of the same sound as embedding n of the trunk. */
export class SecondStream {
  readonly #embedder: SecondEmbedder;
  readonly #blocks: Int8Array[] = [];
  #waiting = new Int16Array(1 << 20);
  #length = 0;
  /** Samples at the start that are left out. */
  #skip: number;

  constructor(embedder: SecondEmbedder) {
    this.#embedder = embedder;
    this.#skip = FIRST_END - embedder.samples;
  }

  add(samples: Int16Array): void {
    const skipped = Math.min(this.#skip, samples.length);
    this.#skip -= skipped;
    const rest = samples.subarray(skipped);
    if (this.#length + rest.length > this.#waiting.length) {
      const longer = new Int16Array(2 * (this.#length + rest.length));
      longer.set(this.#waiting.subarray(0, this.#length));
      this.#waiting = longer;
    }
    this.#waiting.set(rest, this.#length);
    this.#length += rest.length;
    const { hopSamples } = this.#embedder;
    const needed = this.#embedder.samplesOf(BLOCK);
    let at = 0;
    for (; this.#length - at >= needed; at += BLOCK * hopSamples) {
      this.#blocks.push(this.#embedder.embed(this.#waiting.subarray(at, at + needed)));
    }
    this.#waiting.copyWithin(0, at, this.#length);
    this.#length -= at;
  }

  /** @returns [count, size] of all that came */
  finish(): Int8Array {
    const rest = this.#embedder.embed(this.#waiting.subarray(0, this.#length));
    const all = new Int8Array([...this.#blocks, rest].reduce((sum, { length }) => sum + length, 0));
    let at = 0;
    for (const block of [...this.#blocks, rest]) {
      all.set(block, at);
      at += block.length;
    }
    return all;
  }
}
