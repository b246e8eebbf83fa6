/** Bits of a byte array, the most significant first. */
export class BitReader {
  readonly #bytes: Uint8Array;
  readonly #end: number;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#end = 8 * bytes.length;
  }

  /** Bits read so far. */
  get position(): number {
    return this.#at;
  }

  /** @param count 0 to 32 @returns an unsigned number @throws OutOfBits */
  bits(count: number): number {
    if (count > 24) return this.bits(count - 16) * 65_536 + this.bits(16);
    if (this.#at + count > this.#end) throw new OutOfBits();
    if (count === 0) return 0;
    const value = (this.#word() << (this.#at & 7)) >>> (32 - count);
    this.#at += count;
    return value;
  }

  /** A number in two's complement. @param count 1 to 33 */
  signed(count: number): number {
    const negative = this.bits(1);
    const rest = this.bits(count - 1);
    return negative ? rest - 2 ** (count - 1) : rest;
  }

  /** How many zeros come before the next one, which is passed over too. */
  unary(): number {
    for (let zeros = 0; ; ) {
      const shift = this.#at & 7;
      const word = this.#word() << shift;
      const count = Math.clz32(word);
      if (count < 32 - shift) {
        this.#at += count + 1;
        if (this.#at > this.#end) throw new OutOfBits();
        return zeros + count;
      }
      zeros += 32 - shift;
      this.#at += 32 - shift;
      if (this.#at >= this.#end) throw new OutOfBits();
    }
  }

  /** To the next whole byte. */
  align(): void {
    this.#at = (this.#at + 7) & ~7;
  }

  /** The four bytes from the current one on; zeros after the end. */
  #word(): number {
    const at = this.#at >>> 3;
    const bytes = this.#bytes;
    return (bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3];
  }
}

/** More bits are asked for than there are. */
export class OutOfBits extends Error {}
