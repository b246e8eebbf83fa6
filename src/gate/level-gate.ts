/** Power over the noise floor at which a hop counts as sound: 3.5 dB. */
const MARGIN = 10 ** 0.35;
/** The floor falls to a quieter hop by this share of the difference, and rises by this factor a hop: 9 dB a minute. */
const FALL = 0.1;
const RISE = 10 ** (0.9 / 3000);
/** Mean square of the difference of neighbouring samples that counts as silence anyway: rounding noise. */
const SILENCE = 4;

/**
 * Stage zero: separates hops at the noise floor from sound, so that they need not even become MFCCs. The level is that of the
 * difference of neighbouring samples, which is deaf to DC and nearly so to hum; the floor follows the quietest hops.
 * It errs on the side of sound: whatever stands out, and a second after it, is let through.
 */
export class LevelGate {
  readonly #holdHops: number;
  #floor = Number.POSITIVE_INFINITY;
  #hold = 0;
  #last = 0;
  #open = true;

  /** @param holdHops hops that count as sound after the last loud one */
  constructor(holdHops: number) {
    this.#holdHops = holdHops;
  }

  /**
   * Takes the next hop, `length` samples from `at` on.
   * @returns whether it is sound, or follows one closely
   */
  push(samples: Int16Array, at: number, length: number): boolean {
    const power = differencePower(samples, at, length, this.#last);
    this.#last = samples[at + length - 1];
    // The first hop has nothing to be held against: it is let through, and what follows while the floor settles.
    if (this.#floor === Number.POSITIVE_INFINITY) this.#hold = 2 * this.#holdHops;
    else if (power > this.#floor * MARGIN) this.#hold = Math.max(this.#hold, this.#holdHops + 1);
    this.#floor = power < this.#floor ? this.#lowered(power) : this.#floor * RISE;
    this.#open = this.#hold > 0;
    if (this.#open) this.#hold--;
    return this.#open;
  }

  /** Whether the newest hop was sound, or followed one closely. */
  get open(): boolean {
    return this.#open;
  }

  /** Forgets the floor, as for a new stream. */
  reset(): void {
    this.#floor = Number.POSITIVE_INFINITY;
    this.#hold = 0;
    this.#last = 0;
    this.#open = true;
  }

  #lowered(power: number): number {
    const floor =
      this.#floor === Number.POSITIVE_INFINITY ? power : this.#floor + FALL * (power - this.#floor);
    return Math.max(floor, SILENCE / MARGIN);
  }
}

/**
 * Mean square of the differences of neighbouring samples; `before` comes before the first. Four sums at a time, as one alone
 * would wait for each addition to end before the next.
 */
function differencePower(samples: Int16Array, at: number, length: number, before: number): number {
  const end = at + length;
  let sum0 = 0;
  let sum1 = 0;
  let sum2 = 0;
  let sum3 = 0;
  let last = before;
  let i = at;
  for (; i + 4 <= end; i += 4) {
    const sample0 = samples[i];
    const sample1 = samples[i + 1];
    const sample2 = samples[i + 2];
    const sample3 = samples[i + 3];
    sum0 += (sample0 - last) * (sample0 - last);
    sum1 += (sample1 - sample0) * (sample1 - sample0);
    sum2 += (sample2 - sample1) * (sample2 - sample1);
    sum3 += (sample3 - sample2) * (sample3 - sample2);
    last = sample3;
  }
  for (; i < end; i++) {
    sum0 += (samples[i] - last) * (samples[i] - last);
    last = samples[i];
  }
  return (sum0 + sum1 + sum2 + sum3) / length;
}
