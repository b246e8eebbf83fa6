/**
 * Reads a stream of bytes by counts instead of by whatever chunks it arrives in. What is returned is a view of the
 * stream's own chunks where possible; it stays valid as long as the producer does not reuse them.
 */
export class ByteReader {
  readonly #chunks: AsyncIterator<Uint8Array>;
  #buffered: Uint8Array = new Uint8Array(0);
  #ended = false;
  #position = 0;

  constructor(bytes: AsyncIterable<Uint8Array>) {
    this.#chunks = bytes[Symbol.asyncIterator]();
  }

  /** Bytes consumed so far. */
  get position(): number {
    return this.#position;
  }

  /** The next `count` bytes without consuming them; fewer only where the stream ends. */
  async peek(count: number): Promise<Uint8Array> {
    await this.#fill(count);
    return this.#buffered.subarray(0, count);
  }

  /** The next `count` bytes; fewer only where the stream ends. */
  async read(count: number): Promise<Uint8Array> {
    await this.#fill(count);
    return this.#take(count);
  }

  /** Whatever has arrived, at least one byte; empty only at the end. */
  async readSome(): Promise<Uint8Array> {
    await this.#fill(1);
    return this.#take(this.#buffered.length);
  }

  /** Passes over `count` bytes and returns how many there were. */
  async skip(count: number): Promise<number> {
    let left = count;
    while (left > 0) {
      await this.#fill(1);
      if (this.#buffered.length === 0) break;
      left -= this.#take(left).length;
    }
    return count - left;
  }

  /** Releases the stream. */
  async close(): Promise<void> {
    this.#ended = true;
    await this.#chunks.return?.();
  }

  #take(count: number): Uint8Array {
    const taken = this.#buffered.subarray(0, count);
    this.#buffered = this.#buffered.subarray(taken.length);
    this.#position += taken.length;
    return taken;
  }

  async #fill(count: number): Promise<void> {
    if (this.#buffered.length >= count || this.#ended) return;
    const parts = [this.#buffered];
    let available = this.#buffered.length;
    while (available < count) {
      const next = await this.#chunks.next();
      if (next.done) {
        this.#ended = true;
        break;
      }
      parts.push(next.value);
      available += next.value.length;
    }
    this.#buffered = this.#buffered.length === 0 && parts.length === 2 ? parts[1] : Buffer.concat(parts);
  }
}
