/** How much is looked at, once a second. */
const LOOK_BYTES = 2048;
const LOOKS_IN_A_ROW = 5;
/** As a mean. What is out of step is never quieter. */
const LEAST = 500;
/** By how much one is quieter than the other, where that says which one is sound. */
const QUIETER = 2.5;
/** Share of samples at full scale, from which on it is sound that clips. */
const CLIPPED = 0.1;

/**
 * Finds out when samples have got out of step by a byte, as where a recorder prints a line of text among them: what is heard is loud
 * noise, and read a byte later it would be sound. Hardly any sound is like that by itself, and none for seconds.
 */
export class AlignmentWatch {
  readonly #spacing: number;
  #bytes = 0;
  #nextLook = 0;
  #suspicions = 0;

  /** @param bytesPerSecond of the stream */
  constructor(bytesPerSecond: number) {
    this.#spacing = bytesPerSecond;
  }

  /** @returns whether what came in the last seconds was out of step */
  push(bytes: Uint8Array): boolean {
    const start = this.#bytes;
    this.#bytes += bytes.length;
    // The first sample that begins in these bytes.
    const first = start % 2;
    if (start < this.#nextLook || bytes.length < first + LOOK_BYTES + 1) return this.#isOut;
    this.#nextLook = start + this.#spacing;
    const step = stepOf(bytes, first);
    if (step === 'out') this.#suspicions++;
    else if (step === 'in') this.#suspicions = 0;
    return this.#isOut;
  }

  get #isOut(): boolean {
    return this.#suspicions >= LOOKS_IN_A_ROW;
  }
}

/** Noise and silence say nothing. */
function stepOf(bytes: Uint8Array, first: number): 'in' | 'out' | 'unknown' {
  let read = 0;
  let later = 0;
  let clipped = 0;
  let low = false;
  let high = false;
  for (let at = first; at < first + LOOK_BYTES; at += 2) {
    const size = sizeOf(bytes[at], bytes[at + 1]);
    read += size;
    later += sizeOf(bytes[at + 1], bytes[at + 2]);
    if (size >= 32_767) clipped++;
    // Sound of fewer bits, which is quiet a byte later too, never has both of these.
    if (bytes[at] === 0) low = true;
    if (bytes[at] === 0xff) high = true;
  }
  const looks = LOOK_BYTES / 2;
  if (read * QUIETER < later) return 'in';
  const isSound = low && high && clipped < CLIPPED * looks && read > LEAST * looks;
  return isSound && later * QUIETER < read ? 'out' : 'unknown';
}

function sizeOf(low: number, high: number): number {
  return Math.abs(((low | (high << 8)) << 16) >> 16);
}
