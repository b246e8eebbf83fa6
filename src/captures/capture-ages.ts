import { mkdir, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { readRegularFile } from '../read-text.js';
import { replaceFile } from '../replace-file.js';
import { Checker, Type } from '../schema/index.js';

/** What time it is, in ms. */
export interface Clocks {
  /** Since some moment, on a clock that nobody sets. */
  monotonicMs(): number;
  /** Since the epoch, on the clock of the machine, which may be wrong. */
  wallMs(): number;
}

const CLOCKS: Clocks = { monotonicMs: () => performance.now(), wallMs: () => Date.now() };

const DAY_MS = 86_400_000;
/** Far more than as many captures take as are kept. */
const MOST_BYTES = 4 * 1024 * 1024;

const CHECKER = new Checker(
  Type.Object({
    /** Time that was measured so far, and the wall clock then. */
    measuredMs: Type.Number({ minimum: 0 }),
    wallMs: Type.Number(),
    /** By the id of a capture: the measured time when it was kept. */
    keptMs: Type.Record(Type.String(), Type.Number()),
  }),
  { mostKeys: 20_000 }, // one for each capture
);

/**
 * How old captures are, in time that was measured: all of it while this runs; while it does not, as much as the wall
 * clock says, but a day at most, or a quarter of the longest age. A clock that jumps, before the network has told the
 * time or for any other reason, makes nothing old. What is not known, or not written down, makes a capture younger.
 */
export class CaptureAges {
  readonly #file: string;
  readonly #longestMs: number;
  readonly #clocks: Clocks;
  /** Measured time at `#sinceMs`. */
  #measuredMs = 0;
  #sinceMs: number;
  #keptMs = new Map<string, number>();

  /** @param longestMs how old a capture may become */
  constructor(file: string, longestMs: number, clocks: Clocks = CLOCKS) {
    this.#file = file;
    this.#longestMs = longestMs;
    this.#clocks = clocks;
    this.#sinceMs = clocks.monotonicMs();
  }

  /**
   * Continues where an earlier process has ended. Without what it wrote down, all captures are new.
   *
   * @returns why that cannot be used, in a sentence; null where it can, or there is nothing
   */
  async read(): Promise<string | null> {
    let value: unknown;
    try {
      value = JSON.parse((await readRegularFile(this.#file, MOST_BYTES)).toString());
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      return code === 'ENOENT' || code === 'ENOTDIR' ? null : `${this.#file} cannot be read: ${message}`;
    }
    const checked = CHECKER.check(value);
    if (!checked.ok) return `${this.#file} does not hold what wakegate writes there`;
    const { measuredMs, wallMs, keptMs } = checked.value;
    const mostMs = Math.min(DAY_MS, this.#longestMs / 4);
    const awayMs = Math.min(mostMs, Math.max(0, this.#clocks.wallMs() - wallMs));
    this.#measuredMs = measuredMs + awayMs;
    this.#sinceMs = this.#clocks.monotonicMs();
    this.#keptMs = new Map(Object.entries(keptMs));
    return null;
  }

  /** A capture is kept from now on. */
  begin(id: string): void {
    this.#keptMs.set(id, this.#nowMs());
  }

  forget(id: string): void {
    this.#keptMs.delete(id);
  }

  /** Whether a capture is too old. One that is not known, as of an earlier release, begins now. */
  isOld(id: string): boolean {
    const keptMs = this.#keptMs.get(id);
    if (keptMs === undefined) this.begin(id);
    return keptMs !== undefined && this.#nowMs() - keptMs > this.#longestMs;
  }

  /** Writes down the ages of these captures, where there are any. */
  async write(ids: Iterable<string>): Promise<void> {
    const keptMs: Record<string, number> = {};
    for (const id of ids) keptMs[id] = Math.round(this.#keptMs.get(id) ?? this.#nowMs());
    this.#keptMs = new Map(Object.entries(keptMs));
    if (this.#keptMs.size === 0) return rm(this.#file, { force: true });
    const ages = { measuredMs: Math.round(this.#nowMs()), wallMs: this.#clocks.wallMs(), keptMs };
    await mkdir(dirname(this.#file), { recursive: true, mode: 0o700 });
    await replaceFile(this.#file, `${JSON.stringify(ages)}\n`);
  }

  #nowMs(): number {
    return this.#measuredMs + this.#clocks.monotonicMs() - this.#sinceMs;
  }
}
