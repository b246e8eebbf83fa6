/** nginx, as it comes, ends a connection that has been quiet for a minute; others are quicker. */
const HEARTBEAT_MS = 25_000;

/** Has connections that may be quiet for long show that they live. There is no timer while there are none. */
export class Heartbeat {
  readonly #everyMs: number;
  readonly #beats = new Set<() => void>();
  #timer: NodeJS.Timeout | undefined;

  constructor(everyMs: number = HEARTBEAT_MS) {
    this.#everyMs = everyMs;
  }

  /** @returns what ends it */
  add(beat: () => void): () => void {
    this.#beats.add(beat);
    this.#timer ??= setInterval(() => {
      for (const each of this.#beats) each();
    }, this.#everyMs).unref();
    return () => {
      this.#beats.delete(beat);
      if (this.#beats.size > 0) return;
      clearInterval(this.#timer);
      this.#timer = undefined;
    };
  }
}
