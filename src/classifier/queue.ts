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
  readonly message: Uint8Array;
  /** Of which it is: the handoffs of a stream keep their order. */
  readonly streamId: number;
}
export interface LookJob extends JobOf<CostedLook | null> {
  readonly samples: Int16Array;
}
export type Job = HandoffJob | LookJob;

/**
 * Handoffs that wait for the worker, those of a stream together: each repeats most of the one before it, so that one after the other they
 * cost half as much. The streams take turns. When it is full the oldest handoff gives way to the newest, because its successor repeats most
 * of its window while the newest is about what is being said now.
 *
 * What a dead worker left unanswered comes first and gives way to nothing; then second looks, for which a detection waits.
 */
export class HandoffQueue {
  readonly #capacity: number;
  /** By stream, oldest first; the streams in the order of their turns. */
  readonly #waiting = new Map<number, HandoffJob[]>();
  #waitingCount = 0;
  #looks: LookJob[] = [];
  #returned: Job[] = [];

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get length(): number {
    return this.#returned.length + this.#looks.length + this.#waitingCount;
  }

  /** Whether it is less than half full: time for more. */
  get hasRoom(): boolean {
    return this.#waitingCount < this.#capacity / 2;
  }

  /** Adds a handoff; gives back the one that had to make room for it, or null. */
  push(job: HandoffJob): HandoffJob | null {
    const displaced = this.#waitingCount >= this.#capacity ? this.#takeOldest() : null;
    const sameStream = this.#waiting.get(job.streamId);
    if (sameStream) sameStream.push(job);
    else this.#waiting.set(job.streamId, [job]);
    this.#waitingCount++;
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
    return this.#looks.shift() ?? this.#takeWaiting(limit);
  }

  /** As many as wait of the stream whose turn it is, then of the next. What is left of one waits for its next turn. */
  #takeWaiting(limit: number): HandoffJob[] {
    const taken: HandoffJob[] = [];
    for (const [streamId, jobs] of this.#waiting) {
      taken.push(...jobs.splice(0, limit - taken.length));
      this.#waiting.delete(streamId);
      if (jobs.length > 0) this.#waiting.set(streamId, jobs);
      if (taken.length === limit) break;
    }
    this.#waitingCount -= taken.length;
    return taken;
  }

  #takeOldest(): HandoffJob {
    let oldest: HandoffJob[] | null = null;
    for (const jobs of this.#waiting.values()) {
      if (oldest === null || jobs[0].sinceMs < oldest[0].sinceMs) oldest = jobs;
    }
    const job = oldest!.shift()!;
    if (oldest!.length === 0) this.#waiting.delete(job.streamId);
    this.#waitingCount--;
    return job;
  }

  /** Takes those that came before `sinceMs`. */
  takeOlder(sinceMs: number): Job[] {
    const older = (job: Job) => job.sinceMs < sinceMs;
    const taken = [this.#returned, this.#looks].flatMap((jobs): Job[] => jobs.filter(older));
    this.#looks = this.#looks.filter((job) => !older(job));
    this.#returned = this.#returned.filter((job) => !older(job));
    for (const job of this.#takeWaiting(this.#waitingCount)) {
      if (older(job)) taken.push(job);
      else this.push(job);
    }
    return taken;
  }

  /** Takes everything. */
  drain(): Job[] {
    const all = [...this.#returned, ...this.#looks, ...this.#takeWaiting(this.#waitingCount)];
    this.#returned = [];
    this.#looks = [];
    return all;
  }
}
