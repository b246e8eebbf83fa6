import type { CostedClassification, CostedLook } from './types.js';

/** Something on its way through the classifier. */
interface JobOf<Answer> {
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: Error) => void;
  /** How many workers have died with it in their hands. */
  deaths: number;
  /** When it came, by `performance.now()`. */
  readonly sinceMs: number;
}
export interface HandoffJob extends JobOf<CostedClassification | null> {
  readonly message: Uint8Array<ArrayBuffer>;
}
export interface LookJob extends JobOf<CostedLook | null> {
  readonly samples: Int16Array;
}
export type Job = HandoffJob | LookJob;

/**
 * Handoffs that wait for the worker, oldest first. When it is full the oldest gives way to the newest, because its
 * successor repeats most of its window while the newest is about what is being said now.
 *
 * What a dead worker left unanswered comes first and gives way to nothing; then second looks, for which a detection waits.
 */
export class HandoffQueue {
  readonly #capacity: number;
  #waiting: HandoffJob[] = [];
  #looks: LookJob[] = [];
  #returned: Job[] = [];

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get length(): number {
    return this.#returned.length + this.#looks.length + this.#waiting.length;
  }

  /** Whether it is less than half full: time for more. */
  get hasRoom(): boolean {
    return this.#waiting.length < this.#capacity / 2;
  }

  /** Adds a handoff; gives back the one that had to make room for it, or null. */
  push(job: HandoffJob): HandoffJob | null {
    const displaced = this.#waiting.length >= this.#capacity ? this.#waiting.shift()! : null;
    this.#waiting.push(job);
    return displaced;
  }

  pushLook(job: LookJob): void {
    this.#looks.push(job);
  }

  /** Puts back what a dead worker had not answered, in its order, before everything else. */
  putBack(jobs: readonly Job[]): void {
    this.#returned.unshift(...jobs);
  }

  /**
   * Takes a second look alone, or up to `limit` handoffs. One that came back from a dead worker is taken alone, so that if it is what
   * kills workers no other is blamed for it.
   */
  take(limit: number): LookJob | HandoffJob[] {
    const returned = this.#returned.shift();
    if (returned) return 'samples' in returned ? returned : [returned];
    return this.#looks.shift() ?? this.#waiting.splice(0, limit);
  }

  /** Takes those that came before `sinceMs`. */
  takeOlder(sinceMs: number): Job[] {
    const older = (job: Job) => job.sinceMs < sinceMs;
    const taken = [this.#returned, this.#looks, this.#waiting].flatMap((jobs): Job[] => jobs.filter(older));
    this.#looks = this.#looks.filter((job) => !older(job));
    this.#returned = this.#returned.filter((job) => !older(job));
    this.#waiting = this.#waiting.filter((job) => !older(job));
    return taken;
  }

  /** Takes everything. */
  drain(): Job[] {
    const all = [...this.#returned, ...this.#looks, ...this.#waiting];
    this.#returned = [];
    this.#looks = [];
    this.#waiting = [];
    return all;
  }
}
