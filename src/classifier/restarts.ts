/** Deaths in a row after which the next worker is started at once. */
const AT_ONCE = 3;
const FIRST_REST_MS = 1000;
const LONGEST_REST_MS = 60_000;

/** How long to wait before a worker is started again: longer with every death since the last answer. */
export class RestartBackoff {
  #deaths = 0;

  /** Deaths since the last answer. */
  get deaths(): number {
    return this.#deaths;
  }

  /** A worker died. @returns how long to wait for the next one, in ms */
  died(): number {
    this.#deaths++;
    if (this.#deaths < AT_ONCE) return 0;
    return Math.min(LONGEST_REST_MS, FIRST_REST_MS * 2 ** (this.#deaths - AT_ONCE));
  }

  answered(): void {
    this.#deaths = 0;
  }
}
