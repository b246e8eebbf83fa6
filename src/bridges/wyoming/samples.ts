/**
 * Samples of 1 to 4 bytes, signed and little-endian, to s16le; those of more bytes lose their lowest. Pieces are cut
 * anywhere.
 */
export class SampleWidth {
  readonly #width: number;
  /** The part of a sample that the last piece ended with. */
  #partial: Uint8Array = new Uint8Array(0);

  /** @param width bytes of a sample */
  constructor(width: number) {
    this.#width = width;
  }

  /** @returns s16le, in memory that is not the piece's */
  toInt16(piece: Uint8Array): Uint8Array {
    const width = this.#width;
    if (width === 2) return Uint8Array.from(piece); // what cuts a sample in two is no matter to who takes s16le
    const bytes = this.#partial.length > 0 ? Buffer.concat([this.#partial, piece]) : piece;
    const count = Math.floor(bytes.length / width);
    this.#partial = Uint8Array.from(bytes.subarray(count * width));
    const out = new Uint8Array(2 * count);
    for (let i = 0; i < count; i++) {
      // The upper two bytes; of one byte, it and zero below it.
      out[2 * i] = width === 1 ? 0 : bytes[i * width + width - 2];
      out[2 * i + 1] = bytes[i * width + width - 1];
    }
    return out;
  }
}
