/** A timer that fires this late, in ms, fired in a process that was itself held up: it says nothing of the worker. */
const HELD_UP_MS = 250;
/** How often a deadline is set again because of that. */
const MOST_EXTENSIONS = 3;

/**
 * The time within which something has to answer. A process that was stopped or starved runs its timers before it reads
 * its messages, so a deadline that is itself late is set again, and the answer that waits is read first.
 */
export class Deadline {
  readonly #missed: (afterMs: number) => void;
  #timer: NodeJS.Timeout | null = null;
  #dueMs = 0;

  /** @param missed called with the time that was allowed, in ms */
  constructor(missed: (afterMs: number) => void) {
    this.#missed = missed;
  }

  /** Starts it, in place of one that is running. It keeps no process alive. */
  start(ms: number): void {
    this.stop();
    this.#arm(ms, MOST_EXTENSIONS);
  }

  /** So much from now at most, where it runs. */
  shorten(ms: number): void {
    if (this.#timer !== null && this.#dueMs > performance.now() + ms) this.start(ms);
  }

  stop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  #arm(ms: number, extensions: number): void {
    const dueMs = performance.now() + ms;
    this.#dueMs = dueMs;
    this.#timer = setTimeout(() => {
      if (extensions > 0 && performance.now() - dueMs > HELD_UP_MS) {
        this.#arm(ms, extensions - 1);
        return;
      }
      this.#timer = null;
      this.#missed(ms);
    }, ms).unref();
  }
}
