/** How long the pace is measured, in ms. */
const WINDOW_MS = 6000;
/** A pipe and a device's own buffer hold 2.5 s, which may come all at once within the window. */
const FASTEST = 1.6;
const SLOWEST = 0.7;
/** No device is this fast: it is a recording that is played faster than sound. */
const NO_DEVICE = 25;
/** After this long without samples, in ms, something was held up, and what comes then says nothing of the pace. */
const HELD_UP_MS = 1000;

/**
 * Measures at which rate samples really come. A device that is opened by its bare name (`hw:`) may give its own rate
 * whatever was asked for, and nothing but its pace tells.
 */
export class PaceWatch {
  readonly #rate: number;
  #startMs = Number.NaN;
  #lastMs = 0;
  #frames = 0;

  /** @param rate that was asked for, in Hz */
  constructor(rate: number) {
    this.#rate = rate;
  }

  /**
   * Takes the arrival of frames.
   *
   * @param nowMs by a clock that nobody sets
   * @returns the rate at which they come, in Hz, where that is another one; else null
   */
  push(frames: number, nowMs: number): number | null {
    if (!(nowMs - this.#lastMs < HELD_UP_MS)) this.#startMs = Number.NaN;
    this.#lastMs = nowMs;
    if (Number.isNaN(this.#startMs)) {
      // What comes first was taken before.
      this.#startMs = nowMs;
      this.#frames = 0;
      return null;
    }
    this.#frames += frames;
    const elapsedMs = nowMs - this.#startMs;
    if (elapsedMs < WINDOW_MS) return null;
    const measured = (this.#frames * 1000) / elapsedMs;
    this.#startMs = nowMs;
    this.#frames = 0;
    const pace = measured / this.#rate;
    return (pace > FASTEST && pace < NO_DEVICE) || pace < SLOWEST ? measured : null;
  }
}

/** Rates that devices have, in Hz. */
const USUAL_RATES = [8000, 11_025, 16_000, 22_050, 32_000, 44_100, 48_000, 88_200, 96_000, 176_400, 192_000];

/** The usual rate next to a measured one, in Hz; the measured one where none is near. */
export function usualRate(measured: number): number {
  const distance = (rate: number) => Math.abs(Math.log(rate / measured));
  const nearest = USUAL_RATES.reduce((best, rate) => (distance(rate) < distance(best) ? rate : best));
  return distance(nearest) < 0.1 ? nearest : Math.round(measured);
}
