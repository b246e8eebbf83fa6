import { readFileSync } from 'node:fs';
import { SAMPLE_RATE } from '../source.js';

/** Samples that are later than this, all of a sudden, come after a gap. */
const GAP_MS = 500;
/** The wall clock is set, or slewed by so much, where it moves against the other one by more than this. */
const STEP_MS = 100;

/** Clocks in ms: one that nobody sets, the one on the wall, and one that counts while the machine is suspended. */
export interface Clocks {
  monotonicMs(): number;
  wallMs(): number;
  /** NaN where it is not known. */
  bootMs(): number;
}

export const CLOCKS: Clocks = {
  monotonicMs: () => performance.now(),
  wallMs: () => Date.now(),
  bootMs: () => {
    try {
      return 1000 * Number.parseFloat(readFileSync('/proc/uptime', 'latin1'));
    } catch {
      return Number.NaN;
    }
  },
};

/** What an arrival says. */
export interface Arrival {
  /** Samples that are missing before it. */
  readonly missing: number;
  /** Wall time of the sample after the newest, where that is to be taken from now on; else null. */
  readonly anchorMs: number | null;
}

const NOTHING_NEW: Arrival = { missing: 0, anchorMs: null };

/**
 * Finds out from when samples arrive when they were taken. They arrive late, never early: the earliest arrival says most. A
 * delay that grows slowly is the drift of the device's clock; one that is there all of a sudden means that samples were
 * lost. Both are measured by a clock that nobody sets, so that a step of the wall clock is no gap. A machine that was
 * suspended stops that clock too; the time since boot tells the two apart.
 */
export class ArrivalClock {
  readonly #clocks: Clocks;
  /** Sample number, and when it was taken by the monotonic clock. */
  #sample = 0;
  #takenMs = Number.NaN;
  /** Wall clock less monotonic clock, as last seen; the same of the time since boot. */
  #wallAheadMs = 0;
  #bootAheadMs = Number.NaN;
  /** How late the newest samples were when they came last. */
  #lateMs = 0;

  constructor(clocks: Clocks = CLOCKS) {
    this.#clocks = clocks;
  }

  /** @param newest number of the sample after the last one that has arrived now */
  arrived(newest: number): Arrival {
    const nowMs = this.#clocks.monotonicMs();
    const wallAheadMs = this.#clocks.wallMs() - nowMs;
    if (Number.isNaN(this.#takenMs)) {
      this.#bootAheadMs = this.#clocks.bootMs() - nowMs;
      return this.#anchor(newest, nowMs, wallAheadMs, 0);
    }
    const isSet = Math.abs(wallAheadMs - this.#wallAheadMs) > STEP_MS;
    if (isSet) this.#takenMs -= this.#suspendedMs(nowMs);
    const lateMs = nowMs - this.#takenMs - ((newest - this.#sample) * 1000) / SAMPLE_RATE;
    if (lateMs - this.#lateMs > GAP_MS) {
      this.#lateMs = 0;
      const missing = Math.round((lateMs * SAMPLE_RATE) / 1000);
      return this.#anchor(newest + missing, nowMs, wallAheadMs, missing);
    }
    if (!(lateMs >= 0 && lateMs <= GAP_MS)) return this.#anchor(newest, nowMs, wallAheadMs, 0);
    this.#lateMs = lateMs;
    if (!isSet) return NOTHING_NEW;
    this.#wallAheadMs = wallAheadMs;
    return { missing: 0, anchorMs: nowMs - lateMs + wallAheadMs };
  }

  /** How long the machine was suspended since that was last asked, in ms. */
  #suspendedMs(nowMs: number): number {
    const bootAheadMs = this.#clocks.bootMs() - nowMs;
    const suspendedMs = bootAheadMs - this.#bootAheadMs;
    this.#bootAheadMs = bootAheadMs;
    return suspendedMs > GAP_MS ? suspendedMs : 0;
  }

  #anchor(newest: number, nowMs: number, wallAheadMs: number, missing: number): Arrival {
    this.#sample = newest;
    this.#takenMs = nowMs;
    this.#wallAheadMs = wallAheadMs;
    this.#lateMs = 0;
    return { missing, anchorMs: nowMs + wallAheadMs };
  }
}
