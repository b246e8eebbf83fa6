import { quietRoom } from '../measure.js';

const RATE = 16_000;
/** 80 ms. */
export const PIECE_SAMPLES = 1280;
/** A word ends so long before the end of the audio that it is detected in it, and does not begin at once. */
const MARGIN_SECONDS = 1;
const GOLDEN_RATIO = (Math.sqrt(5) - 1) / 2;

export interface StreamSound {
  readonly seconds: number;
  readonly sound: 'quiet' | 'words' | 'together';
}

/** What many streams hear: a quiet room, the same for all, and at most one word in it for each. Made piece by piece. */
export class StreamAudio {
  /** Stream n hears what stream n + `variants` hears. */
  readonly variants: number;
  readonly #quiet: Int16Array;
  /** Made once each: the service's cost is measured, and not that of making audio. */
  readonly #pieces = new Map<number, Uint8Array>();
  readonly #word: Int16Array;
  /** Sample number at which the word of each variant begins. */
  readonly #places: readonly number[];

  constructor({ seconds, sound }: StreamSound, word: Int16Array) {
    this.#quiet = quietRoom(seconds * RATE);
    this.#word = word;
    this.variants = sound === 'words' ? 60 : 1;
    const room = seconds * RATE - word.length - 2 * MARGIN_SECONDS * RATE;
    this.#places = Array.from({ length: this.variants }, (_, n) =>
      Math.floor(MARGIN_SECONDS * RATE + ((n * GOLDEN_RATIO) % 1) * room),
    );
  }

  /** Piece number `piece` of stream `n`, as s16le bytes. */
  piece(n: number, piece: number): Uint8Array {
    const from = piece * PIECE_SAMPLES;
    const variant = n % this.variants;
    const place = this.#places[variant];
    const overlaps = from + PIECE_SAMPLES > place && from < place + this.#word.length;
    const key = overlaps ? piece * (this.variants + 1) + variant + 1 : piece * (this.variants + 1);
    let bytes = this.#pieces.get(key);
    if (bytes === undefined) {
      const quiet = this.#quiet.subarray(from, from + PIECE_SAMPLES);
      bytes = bytesOf(overlaps ? quiet.map((one, i) => one + (this.#word[from + i - place] ?? 0)) : quiet);
      this.#pieces.set(key, bytes);
    }
    return bytes;
  }
}

function bytesOf({ buffer, byteOffset, byteLength }: Int16Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
