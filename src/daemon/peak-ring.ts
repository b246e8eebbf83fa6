import { type Static, Type } from '../schema/index.js';
import type { StateDirectory } from './state-directory.js';

/** A peak that is kept. */
export interface KeptPeak {
  /** Since the epoch. */
  readonly heardMs: number;
  /** Name of the model pack that listened. */
  readonly model: string;
  readonly keyword: string;
  readonly posterior: number;
  readonly second: number | null;
  readonly score: number;
  readonly threshold: number;
  readonly detected: boolean;
  readonly valley: number;
}

const StoredSchema = Type.Object({
  /** Since when all peaks are there. */
  sinceMs: Type.Number(),
  /** One line each: a file of values would be three times as big. */
  peaks: Type.Array(Type.String()),
});
type Stored = Static<typeof StoredSchema>;

const FILE = 'score-peaks';
/** A day of a room with much speech; some 60 kB on disk. */
const MOST_PEAKS = 1000;
/** A card wears out by writing: what a power cut loses is a quarter of an hour of a forecast. */
const WRITE_MS = 15 * 60_000;

/** The newest peaks, in memory and now and then on disk. */
export class PeakRing {
  readonly #state: StateDirectory;
  /** Oldest first. */
  readonly #peaks: KeptPeak[];
  #sinceMs: number;
  #changed = false;
  #writtenMs: number;

  static async open(state: StateDirectory, nowMs = Date.now()): Promise<PeakRing> {
    const stored = await state.read(FILE, StoredSchema).catch(() => undefined);
    return new PeakRing(state, stored ?? { sinceMs: nowMs, peaks: [] });
  }

  private constructor(state: StateDirectory, { sinceMs, peaks }: Stored) {
    this.#state = state;
    this.#sinceMs = sinceMs;
    this.#writtenMs = performance.now();
    this.#peaks = peaks.slice(-MOST_PEAKS).flatMap((line) => fromLine(line) ?? []);
  }

  /** Since when all peaks are kept, in ms since the epoch. */
  get sinceMs(): number {
    return this.#sinceMs;
  }

  /** Oldest first. */
  list(): readonly KeptPeak[] {
    return this.#peaks;
  }

  add(peak: KeptPeak): void {
    this.#peaks.push(peak);
    this.#changed = true;
    if (this.#peaks.length <= MOST_PEAKS) return;
    this.#sinceMs = this.#peaks.shift()!.heardMs;
  }

  /** To be called now and then: writes what is new, if the last time is long ago. */
  beat(nowMs: number): void {
    if (this.#changed && nowMs - this.#writtenMs >= WRITE_MS) {
      this.#writtenMs = nowMs;
      this.write().catch(() => {}); // the state directory reports it, and there is a next time
    }
  }

  /** @throws WakegateError WG_STATE_UNUSABLE */
  async write(): Promise<void> {
    if (!this.#changed) return;
    this.#changed = false;
    const peaks = this.#peaks.map(asLine);
    await this.#state.write(FILE, { sinceMs: this.#sinceMs, peaks });
  }
}

function asLine(peak: KeptPeak): string {
  const { heardMs, model, keyword, posterior, second, score, threshold, detected, valley } = peak;
  const numbers = [posterior, second ?? '-', score, threshold, detected ? 1 : 0, valley];
  return [heardMs, model, keyword, ...numbers].join('\t');
}

/** Null for a line that was not written here. */
function fromLine(line: string): KeptPeak | null {
  const [heardMs, model, keyword, posterior, second, score, threshold, detected, valley] = line.split('\t');
  const peak = {
    heardMs: Number(heardMs),
    model,
    keyword,
    posterior: Number(posterior),
    second: second === '-' ? null : Number(second),
    score: Number(score),
    threshold: Number(threshold),
    detected: detected === '1',
    valley: Number(valley),
  };
  const numbers = [peak.heardMs, peak.posterior, peak.second ?? 0, peak.score, peak.threshold, peak.valley];
  return numbers.every(Number.isFinite) ? peak : null;
}
