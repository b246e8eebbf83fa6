import { SAMPLE_RATE } from '../../audio/index.js';
import type { ModelPack } from '../../model/index.js';
import { detectedAt, type Labelled } from './det.js';
import { type ByName, mapped } from './groups.js';
import { countInterval, rateInterval } from './intervals.js';
import type { Rate } from './rates.js';

/** What is missed where all thresholds are so low that there are no more false accepts than `atMost` an hour. */
export interface OperatingPoint {
  readonly atMost: number;
  /** Added to every threshold, in logits. */
  readonly offset: number;
  readonly falseAccepts: Rate;
  /** By condition. */
  readonly missed: ByName<Rate>;
}

const LIMITS = [0, 0.25, 0.5, 1, 2] as const;
/** Logits between which the thresholds are looked for, and how finely. */
const LOWEST = -10;
const HIGHEST = 20;
const HALVINGS = 12;

/**
 * Misses by condition against false accepts, with all thresholds moved together by as much as the recordings without a keyword
 * allow. The detector runs again over what the pipeline gave: where the gate stayed closed, or no second look was asked for,
 * no threshold helps.
 */
export function operatingCurve(
  pack: ModelPack,
  conditions: ByName<readonly Labelled[]>,
  negatives: readonly Labelled[],
): OperatingPoint[] {
  const hours = negatives.reduce((sum, { clip }) => sum + clip.samples.length, 0) / SAMPLE_RATE / 3600;
  // Most recordings never open the gate.
  const heardAtAll = negatives.filter(({ positions }) => positions.length > 0);
  const counts = new Map<number, number>();
  const accepted = (offset: number): number => {
    const known = counts.get(offset);
    if (known !== undefined) return known;
    const count = heardAtAll.flatMap(detectedAt(pack, offset)).length;
    counts.set(offset, count);
    return count;
  };
  return LIMITS.map((atMost) => {
    const offset = lowestOffset((at) => accepted(at) <= atMost * hours);
    const events = accepted(offset);
    const heardIn = detectedAt(pack, offset);
    return {
      atMost,
      offset,
      falseAccepts: { events, of: hours, rate: events / hours, interval: countInterval(events, hours) },
      missed: mapped(conditions, (heard) => {
        const missed = heard.filter((one) => !heardIn(one).includes(one.clip.label)).length;
        return {
          events: missed,
          of: heard.length,
          rate: missed / heard.length,
          interval: rateInterval(missed, heard.length),
        };
      }),
    };
  });
}

/** By bisection, on the same grid for every limit. */
function lowestOffset(isAllowed: (offset: number) => boolean): number {
  let [low, high] = [LOWEST, HIGHEST];
  if (isAllowed(low)) return low;
  for (let i = 0; i < HALVINGS; i++) {
    const middle = (low + high) / 2;
    if (isAllowed(middle)) high = middle;
    else low = middle;
  }
  return high;
}
