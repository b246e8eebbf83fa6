import type { Logger } from 'pino';

/** How long a complaint that is made again is only counted. */
const QUIET_MS = 10 * 60_000;

/** Kinds of complaints that are told apart. */
const MOST_KINDS = 64;

/** Logs what others do wrong on the broker: one line for each kind in ten minutes, however often it happens. */
export class Complaints {
  readonly #logger: Logger;
  readonly #now: () => number;
  readonly #kinds = new Map<string, { loggedMs: number; unsaid: number }>();

  constructor(logger: Logger, now: () => number = () => performance.now()) {
    this.#logger = logger;
    this.#now = now;
  }

  /**
   * @param kind what is the same in complaints that are told once
   * @param sentence for people
   */
  add(kind: string, sentence: string): void {
    const known = this.#kinds.get(kind);
    const nowMs = this.#now();
    if (known && nowMs - known.loggedMs < QUIET_MS) {
      known.unsaid++;
      return;
    }
    if (!known && this.#kinds.size >= MOST_KINDS) this.#forgetOld(nowMs);
    if (!known && this.#kinds.size >= MOST_KINDS) return;
    const times = known && known.unsaid > 0 ? ` (and ${known.unsaid} times before that)` : '';
    this.#kinds.set(kind, { loggedMs: nowMs, unsaid: 0 });
    this.#logger.warn(`${sentence}${times}`);
  }

  #forgetOld(nowMs: number): void {
    for (const [kind, { loggedMs }] of this.#kinds) {
      if (nowMs - loggedMs >= QUIET_MS) this.#kinds.delete(kind);
    }
  }
}
