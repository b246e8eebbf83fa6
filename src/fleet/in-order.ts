/** Answers that come in any order, passed on in the order of their questions: the detector wants them so. */
export class InOrder {
  #last: Promise<unknown> = Promise.resolve();

  /** Settles as `answer` does, but not before the ones that were added earlier have settled. */
  add<Answer>(answer: Promise<Answer>): Promise<Answer> {
    const before = this.#last;
    this.#last = Promise.allSettled([before, answer]);
    // A rejection that waits for its turn is not one that nobody has seen.
    answer.catch(() => {});
    return before.then(() => answer);
  }
}
