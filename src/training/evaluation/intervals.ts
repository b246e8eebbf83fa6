import { Random } from '../random.js';

/** Ends of a 95 % interval. */
export type Interval = readonly [low: number, high: number];

/** Two-sided Clopper-Pearson interval of a rate (Clopper and Pearson 1934). */
export function rateInterval(events: number, trials: number): Interval {
  const low = events === 0 ? 0 : 1 - rateUpperBound(trials - events, trials, 0.975);
  return [low, rateUpperBound(events, trials, 0.975)];
}

/**
 * Upper end of the one-sided Clopper-Pearson interval: the rate at which no more than `events` in `trials` has the
 * probability 1 - confidence.
 */
export function rateUpperBound(events: number, trials: number, confidence: number): number {
  if (events >= trials) return 1;
  return bisect(events / trials, 1, (rate) => binomialAtMost(events, trials, rate) > 1 - confidence);
}

/** Two-sided exact interval of a Poisson count (Garwood 1936), per unit of exposure. */
export function countInterval(events: number, exposure: number): Interval {
  const most = 10 * (events + 5);
  const high = bisect(events, most, (mean) => poissonAtMost(events, mean) > 0.025);
  const low = events === 0 ? 0 : bisect(0, events, (mean) => 1 - poissonAtMost(events - 1, mean) < 0.025);
  return [low / exposure, high / exposure];
}

/** Where `isBelow` turns from true to false. */
function bisect(from: number, to: number, isBelow: (x: number) => boolean): number {
  let [low, high] = [from, to];
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2;
    if (isBelow(middle)) low = middle;
    else high = middle;
  }
  return high;
}

function binomialAtMost(events: number, trials: number, rate: number): number {
  let logTerm = trials * Math.log1p(-rate);
  let sum = Math.exp(logTerm);
  for (let k = 1; k <= events; k++) {
    logTerm += Math.log((trials - k + 1) / k) + Math.log(rate) - Math.log1p(-rate);
    sum += Math.exp(logTerm);
  }
  return sum;
}

function poissonAtMost(events: number, mean: number): number {
  let term = Math.exp(-mean);
  let sum = term;
  for (let k = 1; k <= events; k++) {
    term *= mean / k;
    sum += term;
  }
  return sum;
}

const RESAMPLES = 1000;

/**
 * Percentile bootstrap interval (Efron 1979) of a ratio of sums over clips. Whole clips are drawn, since the parts of a clip are not
 * independent. Null of a single clip.
 */
export function ratioInterval(
  parts: readonly { readonly part: number; readonly whole: number }[],
): Interval | null {
  if (parts.length < 2) return null;
  const random = new Random(95);
  const ratios = Array.from({ length: RESAMPLES }, () => {
    let [part, whole] = [0, 0];
    for (let i = 0; i < parts.length; i++) {
      const drawn = random.pick(parts);
      part += drawn.part;
      whole += drawn.whole;
    }
    return whole === 0 ? 0 : part / whole;
  }).sort((a, b) => a - b);
  return [ratios[Math.floor(0.025 * RESAMPLES)], ratios[Math.floor(0.975 * RESAMPLES)]];
}
