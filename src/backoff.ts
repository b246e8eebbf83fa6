export interface BackoffOptions {
  readonly firstMs: number;
  readonly longestMs: number;
  /** Uniform in [0, 1); by default `Math.random`. */
  readonly random?: () => number;
}

/** Up to this share is added by chance, so that what failed together is not tried again together. */
const JITTER = 0.25;

/** Waits between attempts: each twice as long as the one before, with jitter, and never over the longest. */
export class Backoff {
  readonly #options: Required<BackoffOptions>;
  #baseMs: number;

  constructor(options: BackoffOptions) {
    this.#options = { random: Math.random, ...options };
    this.#baseMs = options.firstMs;
  }

  /** How long to wait before the next attempt, in ms. */
  next(): number {
    const { longestMs, random } = this.#options;
    const waitMs = Math.min(longestMs, this.#baseMs * (1 + JITTER * random()));
    this.#baseMs = Math.min(longestMs, 2 * this.#baseMs);
    return waitMs;
  }

  /** Starts over, after all has been well for a while. */
  reset(): void {
    this.#baseMs = this.#options.firstMs;
  }
}
