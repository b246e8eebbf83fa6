/** The way of one handoff, on the clock of the satellite (`performance.now`) but for what the worker says. */
export interface WindowTrace {
  /** Sample number at the end of its window. */
  readonly endSample: number;
  readonly bytes: number;
  readonly sentMs: number;
  /** When the broker had it. */
  takenMs: number | null;
  answeredMs: number | null;
  worker: string | null;
  /** From its arrival at the worker to the answer. */
  workerMs: number | null;
  cpuMs: number | null;
  /** How often it was sent. */
  times: number;
}

/** The newest handoffs of a satellite: what a detection is traced by. */
export class WindowTraces {
  readonly #most: number;
  readonly #traces: WindowTrace[] = [];

  constructor(most = 64) {
    this.#most = most;
  }

  add(trace: WindowTrace): void {
    this.#traces.push(trace);
    if (this.#traces.length > this.#most) this.#traces.shift();
  }

  /** Those whose windows end within so many samples before one. */
  before(sample: number, samples: number): WindowTrace[] {
    return this.#traces.filter(
      ({ endSample }) => endSample > sample - samples && endSample <= sample + samples,
    );
  }
}
