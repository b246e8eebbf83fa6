export interface PaceLimits {
  /** How long the pace is measured at a time, in ms. */
  readonly windowMs: number;
  /** Over the asked rate, from where on it is another one. */
  readonly fastest: number;
  readonly slowest: number;
  /** By how much two measurements in a row may differ, to be of one and the same rate. */
  readonly agreement: number;
}

/** A device at a rate of its own, whatever was asked for. A pipe and a device's own buffer hold 2.5 s, which may come all at once. */
const PLAIN: PaceLimits = { windowMs: 4000, fastest: 1.2, slowest: 0.8, agreement: 0.12 };
/** 44.1 kHz in place of 48 kHz takes longer to see. */
export const FINE: PaceLimits = { windowMs: 60_000, fastest: 1.04, slowest: 0.96, agreement: 0.005 };
/** No device is this fast: it is a recording that is played faster than sound. */
const NO_DEVICE = 25;
/** After this long without samples, in ms, something was held up, and what comes then says nothing of the pace. */
const HELD_UP_MS = 1000;

/**
 * Measures at which rate samples really come. A device that is opened by its bare name (`hw:`) may give its own rate
 * whatever was asked for, and nothing but its pace tells. Two measurements in a row have to agree: what a machine that is too busy
 * does to the pace is never the same twice.
 */
export class PaceWatch {
  readonly #rate: number;
  readonly #limits: PaceLimits;
  #startMs = Number.NaN;
  #lastMs = 0;
  #frames = 0;
  /** By the measurement before, where it was another rate. */
  #suspected = Number.NaN;

  /** @param rate that was asked for, in Hz */
  constructor(rate: number, limits = PLAIN) {
    this.#rate = rate;
    this.#limits = limits;
  }

  /**
   * Takes the arrival of frames.
   *
   * @param nowMs by a clock that nobody sets
   * @returns the rate at which they come, in Hz, where that is another one; else null
   */
  push(frames: number, nowMs: number): number | null {
    if (!(nowMs - this.#lastMs < HELD_UP_MS)) {
      this.#startMs = Number.NaN;
      this.#suspected = Number.NaN;
    }
    this.#lastMs = nowMs;
    if (Number.isNaN(this.#startMs)) {
      // What comes first was taken before.
      this.#startMs = nowMs;
      this.#frames = 0;
      return null;
    }
    this.#frames += frames;
    const elapsedMs = nowMs - this.#startMs;
    if (elapsedMs < this.#limits.windowMs) return null;
    const measured = (this.#frames * 1000) / elapsedMs;
    this.#startMs = nowMs;
    this.#frames = 0;
    return this.#judge(measured);
  }

  #judge(measured: number): number | null {
    const { fastest, slowest, agreement } = this.#limits;
    const pace = measured / this.#rate;
    const before = this.#suspected;
    this.#suspected = (pace > fastest && pace < NO_DEVICE) || pace < slowest ? measured : Number.NaN;
    return Math.abs(this.#suspected / before - 1) <= agreement ? (measured + before) / 2 : null;
  }
}

/** Rates that devices have, in Hz. */
const USUAL_RATES = [8000, 11_025, 16_000, 22_050, 32_000, 44_100, 48_000, 88_200, 96_000, 176_400, 192_000];

/** The usual rate next to a measured one, in Hz; the measured one where none is near. */
export function usualRate(measured: number, tolerance = 0.1): number {
  const distance = (rate: number) => Math.abs(Math.log(rate / measured));
  const nearest = USUAL_RATES.reduce((best, rate) => (distance(rate) < distance(best) ? rate : best));
  return distance(nearest) < tolerance ? nearest : Math.round(measured);
}
