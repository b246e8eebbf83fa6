import { MOST_LOOKS } from '../../classifier/judge.js';
import { logit } from '../../classifier/logit.js';

/** What is not looked at again has no joined score. */
export const UNASKED = -100;

/**
 * What two opinions make of a stream together, as the daemon would judge it: sums of logits where the first is sure enough to ask the
 * second, and at the first so many positions in a row only.
 *
 * @param scores smoothed posteriors at each position
 * @param second logits of the second opinion at the same positions
 * @returns logits, {@link UNASKED} where the second is not asked
 */
export function joinedLogits(scores: Float32Array, second: Float32Array, ask: number): Float32Array {
  const joined = new Float32Array(scores.length).fill(UNASKED);
  let inARow = 0;
  for (let p = 0; p < scores.length; p++) {
    inARow = scores[p] >= ask ? inARow + 1 : 0;
    if (inARow > 0 && inARow <= MOST_LOOKS) joined[p] = logit(scores[p]) + clamped(second[p]);
  }
  return joined;
}

/** Times at which the second opinion is asked for: runs of positions at which the first is sure enough. */
export function asksIn(scores: Float32Array, ask: number): number {
  let runs = 0;
  for (let p = 0; p < scores.length; p++) if (scores[p] >= ask && !(scores[p - 1] >= ask)) runs++;
  return runs;
}

/** A posterior is no nearer to 0 or 1 than that when its logit is taken. */
const SUREST = logit(1);

function clamped(value: number): number {
  return Math.max(-SUREST, Math.min(SUREST, value));
}

/**
 * The score at which so many false accepts an hour are expected. The highest peaks of a bank are few and scatter, so the tail of their
 * distribution is taken to fall off exponentially, as those of logits do: rate(t) = rate(u) exp(-(t - u) / mean excess over u).
 * Only the highest few are used, and never the lower half: further down they crowd, or scatter, and the fall would look so slow that
 * nothing is heard.
 *
 * @param peaks highest first
 * @returns null where there are too few
 */
export function tailOf(peaks: readonly number[], hours: number, most = 12): Tail | null {
  const used = Math.min(most, peaks.length >> 1);
  if (used < 4) return null;
  const from = peaks[used];
  let excess = 0;
  for (let i = 0; i < used; i++) excess += (peaks[i] - from) / used;
  return { from, perHour: used / hours, excess: Math.max(excess, 1e-3) };
}

export interface Tail {
  readonly from: number;
  readonly perHour: number;
  readonly excess: number;
}

export function scoreAt({ from, perHour, excess }: Tail, rate: number): number {
  return from + excess * Math.log(perHour / rate);
}

export function rateAt({ from, perHour, excess }: Tail, score: number): number {
  return perHour * Math.exp(-(score - from) / excess);
}
