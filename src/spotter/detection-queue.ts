import type { SpotterDetection } from './events.js';

/** Detections that wait to be taken before no more audio is listened to. */
const MOST_WAITING = 64;

/** Detections on their way from a session, which finds them, to the loop that takes them. Iterate it once. */
export class DetectionQueue implements AsyncIterable<SpotterDetection> {
  #waiting: SpotterDetection[] = [];
  #isOver = false;
  #fault: unknown = null;
  #wake: () => void = () => {};
  #hasRoom: () => void = () => {};

  push(detection: SpotterDetection): void {
    this.#waiting.push(detection);
    this.#wake();
  }

  /** No more come. A fault is thrown from the iteration once all have been taken. */
  end(fault: unknown): void {
    this.#isOver = true;
    this.#fault = fault;
    this.#wake();
  }

  /** Ends the iteration at once. */
  stop(): void {
    this.#waiting = [];
    this.#fault = null;
    this.#isOver = true;
    this.#wake();
    this.#hasRoom();
  }

  /** Resolves once there are few that wait. */
  async room(): Promise<void> {
    if (this.#isOver || this.#waiting.length < MOST_WAITING) return;
    await new Promise<void>((resolve) => {
      this.#hasRoom = resolve;
    });
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<SpotterDetection, void, undefined> {
    for (;;) {
      const next = this.#waiting.shift();
      if (next !== undefined) {
        this.#hasRoom();
        yield next;
      } else if (this.#isOver) {
        if (this.#fault !== null) throw this.#fault;
        return;
      } else {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      }
    }
  }
}
