import type { Stretch } from '../bank/bank-words.js';

/** Stretches of the bank in which the phrase itself is said: neither trained nor measured against. */
export class LeftOut {
  /** In steps, in order, none within another. */
  readonly #stretches: readonly Stretch[];

  constructor(stretches: readonly Stretch[]) {
    this.#stretches = [...stretches].sort((a, b) => a.from - b.from);
  }

  get clips(): number {
    return this.#stretches.length;
  }

  get steps(): number {
    return this.#stretches.reduce((sum, { from, until }) => sum + until - from, 0);
  }

  /** Whether some of the steps from `from` to `until` are of such a stretch. */
  touches(from: number, until: number): boolean {
    let low = 0;
    let high = this.#stretches.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#stretches[middle].until > from) high = middle;
      else low = middle + 1;
    }
    return low < this.#stretches.length && this.#stretches[low].from < until;
  }
}
