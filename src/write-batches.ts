import { WakegateError } from './errors.js';

interface Waiting<Change> {
  readonly change: Change;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** Between the beginnings of two writes: cards of small machines wear out by writing, and others wait for the disk. */
const INTERVAL_MS = 250;

/**
 * Collects changes and has them written together, at most a few times a second. Each is answered by the write that
 * holds it.
 *
 * @example
 * const batches = new WriteBatches<string>((lines) => appendFile(path, lines.join('')));
 * await Promise.all([batches.add('one\n'), batches.add('two\n')]); // both are in the file, by one write
 */
export class WriteBatches<Change> {
  readonly #write: (changes: readonly Change[]) => Promise<void>;
  readonly #intervalMs: number;
  #waiting: Waiting<Change>[] = [];
  #writing: Promise<void> | null = null;
  /** When the next write may begin. */
  #nextMs = 0;
  #stopPausing: () => void = () => {};
  #closed = false;

  /** @param write writes changes, oldest first */
  constructor(write: (changes: readonly Change[]) => Promise<void>, intervalMs = INTERVAL_MS) {
    this.#write = write;
    this.#intervalMs = intervalMs;
  }

  /**
   * Resolves, or rejects, as the write does that holds the change.
   *
   * @throws WakegateError WG_CLASSIFIER_CLOSED after {@link close}
   */
  add(change: Change): Promise<void> {
    if (this.#closed)
      return Promise.reject(new WakegateError('WG_CLASSIFIER_CLOSED', 'the daemon is stopping'));
    return new Promise((resolve, reject) => {
      this.#waiting.push({ change, resolve, reject });
      this.#writing ??= this.#run();
    });
  }

  /** Writes what is waiting, at once, and takes no more. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#stopPausing();
    await this.#writing;
  }

  async #run(): Promise<void> {
    while (this.#waiting.length > 0) {
      await this.#pause(this.#nextMs - performance.now());
      this.#nextMs = performance.now() + this.#intervalMs;
      const batch = this.#waiting.splice(0);
      try {
        await this.#write(batch.map(({ change }) => change));
        for (const { resolve } of batch) resolve();
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    this.#writing = null;
  }

  async #pause(ms: number): Promise<void> {
    if (ms <= 0 || this.#closed) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#stopPausing = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
