/**
 * Adaptive binary range coding: a run of bits becomes a number, written to just as many bytes as it takes to
 * distinguish it from the numbers of other runs. A bit costs -log2 of the probability that its context gave it. All
 * arithmetic is on integers below 2^53, or IEEE division rounded to one, so that both ends agree on any
 * machine.
 */

/** One: probabilities are in 1/65536. */
const ONE = 65_536;
/** After this many bits a context no longer slows down, so that it can follow a change. */
const SLOWEST = 120;

/** Probabilities of a set of contexts, each learned from the bits that were coded in it. */
export class AdaptiveBits {
  /** P(bit is 1) in 1/65536, one per context. */
  readonly ones: Uint16Array;
  /** Bits that each context has learned from, the start counted as some. */
  readonly #seen: Uint8Array;

  constructor(contexts: number) {
    this.ones = new Uint16Array(contexts);
    this.#seen = new Uint8Array(contexts);
  }

  /**
   * Starts a context at P(1) = `ones` / 65536, held as firmly as if it came from `confidence` bits (0 to
   * 120).
   */
  start(context: number, ones: number, confidence: number): void {
    this.ones[context] = ones;
    this.#seen[context] = confidence;
  }

  /** Moves a context towards the bit that came. Neither 0 nor 1 is ever reached. */
  learn(context: number, bit: 0 | 1): void {
    const seen = this.#seen[context];
    const distance = (bit === 1 ? ONE : 0) - this.ones[context];
    this.ones[context] += Math.trunc(distance / (seen + 1.5));
    if (seen < SLOWEST) this.#seen[context] = seen + 1;
  }
}

/**
 * Splits [low, high]: a 1 keeps what is up to the returned number, a 0 what is above it. Both parts hold
 * something.
 */
function split(low: number, high: number, ones: number): number {
  return low + Math.floor(((high - low) * ones) / ONE);
}

/** Writes bits. The buffer is kept and reused: nothing is allocated once it has grown to the longest run. */
export class RangeEncoder {
  #bytes: Uint8Array = new Uint8Array(1024);
  #length = 0;
  #low = 0;
  #high = 0xffff_ffff;

  /** Begins a new run; what `finish` returned before is no longer valid. */
  start(): void {
    this.#length = 0;
    this.#low = 0;
    this.#high = 0xffff_ffff;
  }

  encode(bits: AdaptiveBits, context: number, bit: 0 | 1): void {
    this.#narrow(bits.ones[context], bit);
    bits.learn(context, bit);
  }

  /** A bit of which nothing is known: costs exactly one. */
  encodeEven(bit: 0 | 1): void {
    this.#narrow(ONE / 2, bit);
  }

  /**
   * Ends the run. The decoder reads zeros past the end, so the last bytes are the shortest that lie in the
   * interval, and zeros at the end are left out.
   *
   * @returns a view, valid until the next `start`.
   */
  finish(): Uint8Array {
    let kept = 0;
    let value = 0;
    for (; kept <= 4; kept++) {
      const unit = 2 ** (32 - 8 * kept);
      value = Math.ceil(this.#low / unit) * unit;
      if (value <= this.#high) break;
    }
    for (let i = 0; i < kept; i++) this.#push((value >>> (24 - 8 * i)) & 0xff);
    while (this.#length > 0 && this.#bytes[this.#length - 1] === 0) this.#length--;
    return this.#bytes.subarray(0, this.#length);
  }

  #narrow(ones: number, bit: 0 | 1): void {
    const middle = split(this.#low, this.#high, ones);
    if (bit === 1) this.#high = middle;
    else this.#low = middle + 1;
    // Once both ends share their first byte it is settled.
    while (this.#low >>> 24 === this.#high >>> 24) {
      this.#push(this.#low >>> 24);
      this.#low = (this.#low << 8) >>> 0;
      this.#high = ((this.#high << 8) | 0xff) >>> 0;
    }
  }

  #push(byte: number): void {
    if (this.#length === this.#bytes.length) {
      const longer = new Uint8Array(2 * this.#length);
      longer.set(this.#bytes);
      this.#bytes = longer;
    }
    this.#bytes[this.#length++] = byte;
  }
}

/**
 * Reads what a {@link RangeEncoder} wrote, given the same contexts in the same order. Any bytes at all can be
 * read: each call takes bounded time, and what is read from the wrong bytes is merely wrong.
 */
export class RangeDecoder {
  #bytes: Uint8Array = new Uint8Array(0);
  #position = 0;
  #low = 0;
  #high = 0xffff_ffff;
  #value = 0;

  /** Begins at the first of `bytes`, which are not copied. */
  start(bytes: Uint8Array): void {
    this.#bytes = bytes;
    this.#position = 0;
    this.#low = 0;
    this.#high = 0xffff_ffff;
    this.#value = 0;
    for (let i = 0; i < 4; i++) this.#value = this.#withNextByte();
  }

  decode(bits: AdaptiveBits, context: number): 0 | 1 {
    const bit = this.#narrow(bits.ones[context]);
    bits.learn(context, bit);
    return bit;
  }

  decodeEven(): 0 | 1 {
    return this.#narrow(ONE / 2);
  }

  /** Bytes that no bit so far can have depended on; 0 at the end of a run that an encoder wrote. */
  get unread(): number {
    return Math.max(0, this.#bytes.length - this.#position);
  }

  #narrow(ones: number): 0 | 1 {
    const middle = split(this.#low, this.#high, ones);
    const bit = this.#value <= middle ? 1 : 0;
    if (bit === 1) this.#high = middle;
    else this.#low = middle + 1;
    while (this.#low >>> 24 === this.#high >>> 24) {
      this.#low = (this.#low << 8) >>> 0;
      this.#high = ((this.#high << 8) | 0xff) >>> 0;
      this.#value = this.#withNextByte();
    }
    return bit;
  }

  #withNextByte(): number {
    const byte = this.#position < this.#bytes.length ? this.#bytes[this.#position] : 0;
    this.#position++;
    return ((this.#value << 8) | byte) >>> 0;
  }
}
