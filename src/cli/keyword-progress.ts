import type { KeywordProgress } from '../training/own/make-keyword.js';

const STAGES: Record<KeywordProgress['stage'], string> = {
  bank: 'reading the bank',
  speak: 'speaking the phrase, and what sounds like it',
  listen: 'listening to it in noise and rooms',
  train: 'training',
  measure: 'measuring',
};

/** How far the making of a keyword is: one line a stage, which counts up on a terminal. */
export class KeywordProgressLines {
  readonly #stream: NodeJS.WriteStream;
  #stage: string | null = null;

  constructor(stream: NodeJS.WriteStream = process.stderr) {
    this.#stream = stream;
  }

  report({ stage, done, of }: KeywordProgress): void {
    if (this.#stream.isTTY) {
      if (this.#stage !== null && stage !== this.#stage) this.#stream.write('\n');
      this.#stream.write(
        `\r${STAGES[stage]}: ${Math.min(100, Math.round((100 * done) / Math.max(1, of)))} %`,
      );
    } else if (stage !== this.#stage) {
      this.#stream.write(`${STAGES[stage]}\n`);
    }
    this.#stage = stage;
  }

  /** Something else that keeps it waiting. */
  say(line: string): void {
    this.#stream.write(`${line}\n`);
  }

  end(): void {
    if (this.#stream.isTTY && this.#stage !== null) this.#stream.write('\n');
  }
}
