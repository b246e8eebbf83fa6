const EMPTY = Buffer.alloc(0);

/**
 * Lets packets of MQTT pass that are at most so long, and leaves out longer ones as they come, so that nobody can fill the
 * memory. (MQTT 5 brokers are told the limit; earlier ones cannot be.)
 */
export class PacketLimit {
  readonly #maxBytes: number;
  /** The start of a packet whose length is not there yet: four bytes at most. */
  #start: Buffer = EMPTY;
  /** Bytes of the current packet that are still to come. */
  #left = 0;
  #leavesOut = false;
  /** Packets that were left out. */
  leftOut = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /**
   * @returns what of it belongs to packets that are not too long, in order
   * @throws Error for a length that is none
   */
  push(chunk: Buffer): Buffer[] {
    const bytes = this.#start.length === 0 ? chunk : Buffer.concat([this.#start, chunk]);
    this.#start = EMPTY;
    const kept: Buffer[] = [];
    for (let at = 0; at < bytes.length; ) {
      if (this.#left === 0) {
        const length = packetLength(bytes, at);
        if (length === null) {
          this.#start = Buffer.from(bytes.subarray(at));
          break;
        }
        this.#left = length;
        this.#leavesOut = length > this.#maxBytes;
        if (this.#leavesOut) this.leftOut++;
      }
      const end = Math.min(bytes.length, at + this.#left);
      if (!this.#leavesOut) kept.push(bytes.subarray(at, end));
      this.#left -= end - at;
      at = end;
    }
    return kept;
  }
}

/** Of the packet that starts there, its header included; null where that has not all come (MQTT 5, 1.5.5 and 2.1). */
function packetLength(bytes: Buffer, start: number): number | null {
  let length = 0;
  for (let i = 0; i < 4; i++) {
    const at = start + 1 + i;
    if (at >= bytes.length) return null;
    length += (bytes[at] & 0x7f) * 128 ** i;
    if (bytes[at] < 0x80) return 2 + i + length;
  }
  throw new Error('a packet has no valid length');
}
