import type { EnergyWindow } from '../protocol/index.js';
import { type EnergyMeter, MARK_LENGTH } from './meter.js';

const SPACING_MS = 10_000;
/** An hour of marks, and one before it. */
const MARKS = 3_600_000 / SPACING_MS + 1;

/**
 * Remembers for an hour how far a meter was, so that it can be said what the last minute has cost. There is no
 * timer: whoever listens calls `heard` as audio comes in.
 */
export class EnergyHistory {
  readonly #meter: EnergyMeter;
  /** [MARKS] rings of marks and of their times. */
  readonly #marks = Array.from({ length: MARKS }, () => new Float64Array(MARK_LENGTH));
  readonly #times = new Float64Array(MARKS);
  #count = 0;
  #next = 0;
  #startMs: number;
  #lastMs: number;

  /** @param nowMs on any clock that only goes forward, the same for all calls */
  constructor(meter: EnergyMeter, nowMs: number) {
    this.#meter = meter;
    this.#startMs = nowMs;
    this.#lastMs = nowMs;
  }

  heard(nowMs: number): void {
    if (nowMs - this.#lastMs < SPACING_MS) return;
    this.#lastMs = nowMs;
    this.#meter.mark(this.#marks[this.#next]);
    this.#times[this.#next] = nowMs;
    this.#next = (this.#next + 1) % MARKS;
    this.#count = Math.min(MARKS, this.#count + 1);
  }

  /** What was spent in this newest part of the time, or since the start where that is less. */
  last(durationMs: number, nowMs: number): EnergyWindow {
    for (let age = 1; age <= this.#count; age++) {
      const mark = (this.#next - age + MARKS) % MARKS;
      if (this.#times[mark] > nowMs - durationMs) continue;
      return { seconds: (nowMs - this.#times[mark]) / 1000, ...this.#meter.snapshot(this.#marks[mark]) };
    }
    return { seconds: (nowMs - this.#startMs) / 1000, ...this.#meter.snapshot() };
  }

  /** Starts over, as the meter does. */
  reset(nowMs: number): void {
    this.#meter.reset();
    this.#count = 0;
    this.#startMs = nowMs;
    this.#lastMs = nowMs;
  }
}
