/** Each wait twice as long as the one before, up to the longest; or the waits themselves, of which the last is repeated. */
export type Waits = { readonly firstMs: number; readonly longestMs: number } | readonly number[];

export interface BackoffOptions {
  /** Uniform in [0, 1); by default `Math.random`. */
  readonly random?: () => number;
}

/** Up to this share is added by chance, so that what failed together is not tried again together. */
const JITTER = 0.25;

/** How long to wait between attempts: longer and longer, with jitter, and never over the longest. */
export class Backoff {
  readonly #waitsMs: readonly number[];
  readonly #random: () => number;
  #next = 0;

  constructor(waits: Waits, { random = Math.random }: BackoffOptions = {}) {
    this.#waitsMs = 'firstMs' in waits ? doubling(waits.firstMs, waits.longestMs) : waits;
    this.#random = random;
  }

  /** How long to wait before the next attempt, in ms. */
  next(): number {
    const last = this.#waitsMs.length - 1;
    const baseMs = this.#waitsMs[this.#next];
    this.#next = Math.min(last, this.#next + 1);
    return Math.min(this.#waitsMs[last], baseMs * (1 + JITTER * this.#random()));
  }

  /** Starts over, after all has been well for a while. */
  reset(): void {
    this.#next = 0;
  }
}

function doubling(firstMs: number, longestMs: number): number[] {
  const waitsMs = [Math.min(firstMs, longestMs)];
  while (waitsMs.at(-1)! < longestMs) waitsMs.push(Math.min(longestMs, 2 * waitsMs.at(-1)!));
  return waitsMs;
}
