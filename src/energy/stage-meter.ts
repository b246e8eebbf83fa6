import type { CpuClock } from './clock.js';

/** What some work did and cost. */
export interface StageCost {
  readonly calls: number;
  readonly cpuMs: number;
  /** Multiply-accumulates. */
  readonly macs: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
}

/** Reading the clock may take this share of a stage's own time. */
const CLOCK_SHARE = 0.02;
/** Calls that are all timed at first, to learn what a unit costs. */
const LEARNING_CALLS = 16;
/**
 * A stage so cheap that the share would want longer intervals is timed this often all the same: it costs
 * nothing that matters, and its figure stays fresh.
 */
const LONGEST_INTERVAL = 1000;
/** Weight of the newest timing in the running cost of a unit. */
const NEWEST = 1 / 16;
/** Fractions of its multiples are spread evenly over 0 to 1, and fall in step with nothing. */
const GOLDEN_RATIO = (Math.sqrt(5) - 1) / 2;

const CALLS = 0;
const MACS = 1;
const BYTES_IN = 2;
const BYTES_OUT = 3;

/**
 * The account of one stage. Calls, MACs and bytes are counted; CPU time is sampled: only some calls are
 * timed that the clock takes 2 % of the stage's time, and each stands for the calls since the one before.
 * Which ones are timed is irregular, so that work that comes every second or every eighth call is met as
 * often as it occurs.
 *
 * @example
 * features.begin(frames);
 * extract(samples);
 * features.end(macs, samples.byteLength, frames * bytesPerFrame);
 */
export class StageMeter {
  readonly #clock: CpuClock;
  readonly #readingMs: number;

  /**
   * Indexed by the constants below. Typed, since a plain field that counts past 2^31 changes its representation, and
   * throws away the optimized code of whoever uses it.
   */
  readonly #counts = new Float64Array(4);
  /** Of the units up to the last timed call, and of costs that were added. */
  #cpuMs = 0;
  #timedCalls = 0;
  #addedCalls = 0;
  #addedCallsMs = 0;

  /** Units of the call at hand, and since the last timed call with it. */
  #units = 0;
  #untimedUnits = 0;
  /** The call that brings the untimed units to this many is timed. */
  #nextTimed = 1;
  #timing = false;
  #startMs = 0;
  /** Of one unit, running mean; NaN until a call has been timed. */
  #unitMs = Number.NaN;
  #learned = 0;
  #phase = 0;

  /** @param readingMs what it costs to read the clock once */
  constructor(clock: CpuClock, readingMs: number) {
    this.#clock = clock;
    this.#readingMs = readingMs;
  }

  /**
   * Begins a call, whose work up to `end` must be synchronous.
   *
   * @param units frames, steps, chunks: whatever the cost of a call goes by; less than 1 counts as 1
   */
  begin(units: number): void {
    this.#units = Math.max(units, 1);
    this.#untimedUnits += this.#units;
    this.#timing = this.#untimedUnits >= this.#nextTimed;
    if (this.#timing) this.#startMs = this.#clock.nowMs();
  }

  end(macs: number, bytesIn: number, bytesOut: number): void {
    if (this.#timing) this.#timed(this.#clock.nowMs() - this.#startMs);
    this.#count(1, macs, bytesIn, bytesOut);
  }

  /**
   * Adds work that was measured elsewhere, as by a worker of itself. With `calls: 0` it is a cost that no
   * call caused, such as waking up.
   */
  add(cost: StageCost): void {
    this.#count(cost.calls, cost.macs, cost.bytesIn, cost.bytesOut);
    this.#cpuMs += cost.cpuMs;
    if (cost.calls > 0) {
      this.#addedCalls += cost.calls;
      this.#addedCallsMs += cost.cpuMs;
    }
  }

  get cost(): StageCost {
    const untimedMs = this.#untimedUnits > 0 ? this.#untimedUnits * (this.#unitMs || 0) : 0;
    return {
      calls: this.#counts[CALLS],
      // A reading's cost is taken off each timing, so that of no work at all could come out just below zero.
      cpuMs: Math.max(0, this.#cpuMs + untimedMs),
      macs: this.#counts[MACS],
      bytesIn: this.#counts[BYTES_IN],
      bytesOut: this.#counts[BYTES_OUT],
    };
  }

  /** Calls between `begin` and `end` for which the clock was read, twice each. */
  get timedCalls(): number {
    return this.#timedCalls;
  }

  /**
   * Mean CPU time of the calls that were added, without the costs that no call caused; null when there were
   * none.
   */
  get addedCallMs(): number | null {
    return this.#addedCalls === 0 ? null : this.#addedCallsMs / this.#addedCalls;
  }

  /** Counts from nothing again; what a unit costs is remembered. */
  reset(): void {
    this.#counts.fill(0);
    this.#cpuMs = 0;
    this.#timedCalls = 0;
    this.#addedCalls = 0;
    this.#addedCallsMs = 0;
    this.#untimedUnits = 0;
  }

  #count(calls: number, macs: number, bytesIn: number, bytesOut: number): void {
    this.#counts[CALLS] += calls;
    this.#counts[MACS] += macs;
    this.#counts[BYTES_IN] += bytesIn;
    this.#counts[BYTES_OUT] += bytesOut;
  }

  #timed(elapsedMs: number): void {
    const unitMs = (elapsedMs - this.#readingMs) / this.#units;
    this.#cpuMs += unitMs * this.#untimedUnits;
    this.#untimedUnits = 0;
    this.#timedCalls++;
    this.#unitMs = this.#learned === 0 ? unitMs : this.#unitMs + NEWEST * (unitMs - this.#unitMs);
    if (this.#learned < LEARNING_CALLS) {
      this.#learned++;
      return;
    }
    const affordableMs = CLOCK_SHARE * Math.max(this.#unitMs, Number.EPSILON);
    const interval = Math.min(LONGEST_INTERVAL, (2 * this.#readingMs) / affordableMs);
    this.#phase = (this.#phase + GOLDEN_RATIO) % 1;
    // From half to one and a half of it, the interval itself on the average.
    this.#nextTimed = Math.max(1, Math.round(interval * (0.5 + this.#phase)));
  }
}
