/** Waking costs as much as hundreds of handoffs. */
const MOST_TIMES = 6;

/**
 * How long the classifier stays awake with nothing to do. Where it is woken again soon after it fell asleep, as where people talk, it stays
 * awake for twice the pause that it slept through, up to six times as long as it is told to; where that was long ago, as long as it is told to.
 */
export class IdleTime {
  readonly #nowMs: () => number;
  #times = 1;
  #asleepSinceMs = Number.NEGATIVE_INFINITY;

  constructor(nowMs = () => performance.now()) {
    this.#nowMs = nowMs;
  }

  /** It was idle for so long that it falls asleep. */
  asleep(): void {
    this.#asleepSinceMs = this.#nowMs();
  }

  /** Something wakes it. @param leastMs how long it is told to stay awake */
  woken(leastMs: number): void {
    const asleepMs = this.#nowMs() - this.#asleepSinceMs;
    const isSoon = asleepMs < MOST_TIMES * leastMs;
    const pauseMs = this.ms(leastMs) + asleepMs;
    this.#times = isSoon ? Math.min(MOST_TIMES, (2 * pauseMs) / leastMs) : 1;
  }

  /** How long it stays awake now. */
  ms(leastMs: number): number {
    return Math.round(this.#times * leastMs);
  }
}
