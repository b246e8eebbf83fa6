import type { CpuClock } from '../../src/energy/index.js';

/**
 * A clock that moves only by the work that is done, and by being read: the truth is known, and so is the
 * overhead.
 */
export class SimulatedClock implements CpuClock {
  readonly kind = 'thread-cpu';
  readings = 0;
  readonly #readingMs: number;
  #nowMs = 0;

  /** @param readingMs what each reading costs */
  constructor(readingMs: number) {
    this.#readingMs = readingMs;
  }

  nowMs(): number {
    this.readings++;
    this.#nowMs += this.#readingMs;
    return this.#nowMs;
  }

  work(ms: number): void {
    this.#nowMs += ms;
  }
}
