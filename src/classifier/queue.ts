import type { CostedClassification } from './types.js';

/** One handoff on its way through the classifier. */
export interface Job {
  readonly message: Uint8Array<ArrayBuffer>;
  readonly resolve: (answer: CostedClassification | null) => void;
  readonly reject: (error: Error) => void;
  /** How many workers have died with it in their hands. */
  deaths: number;
  /** When it came, by `performance.now()`. */
  readonly sinceMs: number;
}

/**
 * Handoffs that wait for the worker, oldest first. When it is full the oldest gives way to the newest, because its
 * successor repeats most of its window while the newest is about what is being said now.
 *
 * Handoffs that a dead worker left unanswered come first and give way to none.
 */
export class HandoffQueue {
  readonly #capacity: number;
  #waiting: Job[] = [];
  #returned: Job[] = [];

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get length(): number {
    return this.#returned.length + this.#waiting.length;
  }

  /** Whether it is less than half full: time for more. */
  get hasRoom(): boolean {
    return this.#waiting.length < this.#capacity / 2;
  }

  /** Adds a handoff; gives back the one that had to make room for it, or null. */
  push(job: Job): Job | null {
    const displaced = this.#waiting.length >= this.#capacity ? this.#waiting.shift()! : null;
    this.#waiting.push(job);
    return displaced;
  }

  /** Puts back what a dead worker had not answered, in its order, before everything else. */
  putBack(jobs: readonly Job[]): void {
    this.#returned.unshift(...jobs);
  }

  /**
   * Takes up to `limit` handoffs. One that came back from a dead worker is taken alone, so that if it is what kills
   * workers no other is blamed for it.
   */
  take(limit: number): Job[] {
    if (this.#returned.length > 0) return this.#returned.splice(0, 1);
    return this.#waiting.splice(0, limit);
  }

  /** Takes those that came before `sinceMs`. */
  takeOlder(sinceMs: number): Job[] {
    const older = (job: Job) => job.sinceMs < sinceMs;
    const taken = [...this.#returned.filter(older), ...this.#waiting.filter(older)];
    this.#returned = this.#returned.filter((job) => !older(job));
    this.#waiting = this.#waiting.filter((job) => !older(job));
    return taken;
  }

  /** Takes everything. */
  drain(): Job[] {
    const all = [...this.#returned, ...this.#waiting];
    this.#returned = [];
    this.#waiting = [];
    return all;
  }
}
