/** Who wants a worker of its own. */
export interface WorkerTurn {
  /** The worker may be started now. */
  begin(): void;
  /** Somebody else waits for the turn: to be given back as soon as nothing is lost by it. */
  wanted(): void;
}

/**
 * One worker at a time for several classifiers: each takes tens of megabytes. Whoever asks first is first served; who
 * has the turn sees by {@link wanted} that others wait.
 */
export class WorkerTurns {
  readonly #waiting: WorkerTurn[] = [];
  #holder: WorkerTurn | null = null;

  /** Whether somebody waits. */
  get wanted(): boolean {
    return this.#waiting.length > 0;
  }

  /** Waits for the turn, in line after those who do already. One that can be had begins at once. */
  ask(turn: WorkerTurn): void {
    this.#waiting.push(turn);
    if (this.#holder === null) this.#next();
    else this.#holder.wanted();
  }

  /** Takes back what was asked for. */
  withdraw(turn: WorkerTurn): void {
    const at = this.#waiting.indexOf(turn);
    if (at >= 0) this.#waiting.splice(at, 1);
  }

  /** The worker of that turn has ended. */
  giveBack(turn: WorkerTurn): void {
    if (this.#holder !== turn) return;
    this.#holder = null;
    this.#next();
  }

  #next(): void {
    this.#holder = this.#waiting.shift() ?? null;
    this.#holder?.begin();
  }
}
