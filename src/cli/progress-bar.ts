const BAR_WIDTH = 30;

/** A progress bar on a terminal; nothing elsewhere. */
export class ProgressBar {
  readonly #stream: NodeJS.WriteStream;
  readonly #total: number;
  #done = 0;

  constructor(total: number, stream: NodeJS.WriteStream = process.stderr) {
    this.#total = total;
    this.#stream = stream;
    this.#draw();
  }

  advance(): void {
    this.#done++;
    this.#draw();
  }

  /** Removes it, so that a line can be printed; the next `advance` draws it again. */
  clear(): void {
    if (this.#stream.isTTY) this.#stream.write('\r\x1b[K');
  }

  #draw(): void {
    if (!this.#stream.isTTY) return;
    const filled = Math.round((BAR_WIDTH * this.#done) / this.#total);
    const bar = '#'.repeat(filled) + '.'.repeat(BAR_WIDTH - filled);
    this.#stream.write(`\r[${bar}] ${this.#done} of ${this.#total} files`);
  }
}
