import type { Logger } from 'pino';
import { asWakegateError, WakegateError } from '../../errors.js';
import type { EventType, Hook as HookInfo, HookTest } from '../../protocol/index.js';
import type { Delivery, HookEvent } from './delivery.js';

/** Events that may wait for those before them. */
const MOST_WAITING = 32;

export interface HookOptions {
  readonly name: string;
  readonly on: readonly EventType[];
  readonly keywords: readonly string[] | null;
  readonly delivery: Delivery;
  readonly logger: Logger;
  /** Called when `problem` is another. */
  readonly onChange: () => void;
  /** A clock, in milliseconds. */
  readonly now?: () => number;
}

/** One hook: the events that wait for it, what is in progress, and how it fares. */
export class Hook {
  readonly #options: HookOptions;
  readonly #now: () => number;
  readonly #stopping = new AbortController();
  /** Oldest first. */
  readonly #waiting: { readonly event: HookEvent; readonly sinceMs: number }[] = [];
  readonly #running = new Set<Promise<void>>();
  #isTested = false;
  #problem: string | null = null;
  #counts = { delivered: 0, failed: 0, dropped: 0 };
  /** Whether a drop has been logged since the last delivery. */
  #isDropLogged = false;

  constructor(options: HookOptions) {
    this.#options = options;
    this.#now = options.now ?? (() => performance.now());
  }

  get name(): string {
    return this.#options.name;
  }

  /** Why it failed for the newest event; null where it did not. */
  get problem(): string | null {
    return this.#problem;
  }

  info(): HookInfo {
    const { name, on, keywords, delivery } = this.#options;
    const { kind, target } = delivery;
    return {
      name,
      kind,
      target,
      on,
      keywords,
      ...this.#counts,
      waiting: this.#waiting.length,
      problem: this.#problem,
    };
  }

  /** Takes an event, if it is for it. Never waits. */
  take(event: HookEvent): void {
    const { on, keywords } = this.#options;
    if (!on.includes(event.type) || this.#stopping.signal.aborted) return;
    if (event.type === 'detection' && keywords !== null && !keywords.includes(event.keyword)) return;
    // A failing hook must not be told of its own failure, on and on.
    if (event.type === 'problem' && event.part === 'hooks') return;
    this.#waiting.push({ event, sinceMs: this.#now() });
    if (this.#waiting.length > MOST_WAITING) {
      this.#waiting.shift();
      this.#dropped(`more than ${MOST_WAITING} wait`);
    }
    this.#next();
  }

  /**
   * Runs it once, next to whatever else it does, and says what came of it.
   *
   * @throws WakegateError WG_BUSY where another test has not ended
   */
  async test(event: HookEvent): Promise<HookTest> {
    if (this.#isTested) {
      throw new WakegateError('WG_BUSY', `the hook "${this.name}" is being tested already: try again later`);
    }
    this.#isTested = true;
    const beganMs = performance.now();
    try {
      const problem = await this.#deliver(event, false);
      return { delivered: problem === null, milliseconds: performance.now() - beganMs, problem };
    } finally {
      this.#isTested = false;
    }
  }

  /** Ends what is in progress, and drops what waits. Resolves when all of it has ended. */
  async stop(): Promise<void> {
    this.#waiting.length = 0;
    this.#stopping.abort();
    await Promise.all(this.#running);
  }

  #next(): void {
    const { delivery } = this.#options;
    while (this.#running.size < delivery.atOnce) {
      const first = this.#waiting.shift();
      if (!first) return;
      if (this.#now() - first.sinceMs > delivery.mostAgeMs) {
        this.#dropped(`it waited longer than ${delivery.mostAgeMs / 1000} s`);
        continue;
      }
      const running = this.#run(first.event).finally(() => {
        this.#running.delete(running);
        this.#next();
      });
      this.#running.add(running);
    }
  }

  async #run(event: HookEvent): Promise<void> {
    const problem = await this.#deliver(event, true);
    if (this.#stopping.signal.aborted) return;
    const { name, logger, onChange } = this.#options;
    const before = this.#problem;
    this.#problem = problem;
    if (problem === null) {
      this.#counts.delivered++;
      this.#isDropLogged = false;
      logger.debug({ hook: name, sequence: event.sequence }, `The hook "${name}" took an event`);
    } else {
      this.#counts.failed++;
      // Told once by who is asked to, and every time to those who look for it.
      logger.debug({ hook: name, sequence: event.sequence }, `The hook "${name}" failed: ${problem}`);
    }
    if (problem !== before) onChange();
  }

  /** What was wrong; null where nothing was. */
  async #deliver(event: HookEvent, retry: boolean): Promise<string | null> {
    try {
      await this.#options.delivery.deliver(event, { retry, signal: this.#stopping.signal });
      return null;
    } catch (error) {
      return asWakegateError(error, 'WG_HOOK_FAILED', 'it failed').message;
    }
  }

  #dropped(why: string): void {
    this.#counts.dropped++;
    if (this.#isDropLogged) return;
    this.#isDropLogged = true;
    const { name, logger } = this.#options;
    logger.warn(
      { hook: name },
      `An event for the hook "${name}" was dropped: ${why}; its status counts them all`,
    );
  }
}
