/**
 * Does one piece of work after the other: each begins when the one before it has ended, well or not.
 *
 * @example
 * const writing = new SerialQueue();
 * writing.add(() => writeFile(path, 'one'));
 * await writing.add(() => writeFile(path, 'two')); // 'two' is what the file holds
 */
export class SerialQueue {
  #last: Promise<unknown> = Promise.resolve();

  /** Resolves, or rejects, as `work` does when its turn has come. */
  add<Result>(work: () => Result | Promise<Result>): Promise<Result> {
    const done = this.#last.then(work);
    this.#last = done.catch(() => {});
    return done;
  }

  /** Resolves when all that was added so far has ended, well or not. */
  async settled(): Promise<void> {
    await this.#last;
  }
}
