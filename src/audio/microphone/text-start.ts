/** Shorter ones may be sound that happens to look like text. */
const LEAST_BYTES = 12;
/** What prints more than this gives no sound. */
const MOST_BYTES = 4096;

const NEWLINE = 0x0a;

/**
 * Separates what a recorder prints on stdout before its samples, such as `Recording raw data 'stdin' : ...`, from the samples: an odd
 * number of characters would put every sample out of step by a byte, and all that is heard then is noise.
 */
export class TextStart {
  #kept: Uint8Array = new Uint8Array(0);
  #isOver = false;
  #text = '';

  /** The lines that were printed, so far. */
  get text(): string {
    return this.#text + Buffer.from(this.#kept).toString('latin1');
  }

  /** Whether more has been printed than any greeting has, and no sample came. */
  get isEndless(): boolean {
    return !this.#isOver && this.#kept.length >= MOST_BYTES;
  }

  /** @returns the samples among the bytes; what may still be text waits */
  push(bytes: Uint8Array): Uint8Array {
    if (this.#isOver) return bytes;
    const all = this.#kept.length > 0 ? Buffer.concat([this.#kept, bytes]) : bytes;
    const end = all.findIndex((byte) => !isText(byte));
    if (end < 0) {
      this.#kept = Uint8Array.from(all.subarray(0, MOST_BYTES));
      return new Uint8Array(0);
    }
    this.#isOver = true;
    this.#kept = new Uint8Array(0);
    const lines = all.subarray(0, end).lastIndexOf(NEWLINE) + 1;
    if (lines < LEAST_BYTES) return all;
    this.#text = Buffer.from(all.subarray(0, lines)).toString('latin1');
    return all.subarray(lines);
  }

  /** No more bytes come. @returns what was taken for the beginning of a line, and was none */
  end(): Uint8Array {
    const rest = this.#kept;
    if (this.#isOver || rest.includes(NEWLINE)) return new Uint8Array(0);
    this.#isOver = true;
    this.#kept = new Uint8Array(0);
    return rest;
  }
}

function isText(byte: number): boolean {
  return (byte >= 0x20 && byte < 0x7f) || (byte >= 0x09 && byte <= 0x0d);
}
