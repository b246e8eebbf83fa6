/**
 * Scores are shown by their odds: what matters lies close to 1, where 0.99 and 0.999 are as far apart as 0.9 and 0.99.
 */
const LOWEST = 0.01;
const HIGHEST = 0.9999;

/** Where a score stands, from 0 to 1. */
export function placeOf(score: number): number {
  const clamped = Math.min(Math.max(score, LOWEST), HIGHEST);
  return (logit(clamped) - logit(LOWEST)) / (logit(HIGHEST) - logit(LOWEST));
}

/** The score at a place. */
export function scoreAt(place: number): number {
  return 1 / (1 + Math.exp(-(logit(LOWEST) + place * (logit(HIGHEST) - logit(LOWEST)))));
}

/** Scores that are named along the scale. */
export const TICKS = [0.01, 0.1, 0.5, 0.9, 0.99, 0.999, 0.9999] as const;

function logit(p: number): number {
  return Math.log(p / (1 - p));
}

const QUIETEST_DBFS = -90;

/** Where a level stands between -90 dBFS and full scale. */
export function placeOfLevel(dbfs: number): number {
  return Math.min(1, Math.max(0, 1 - dbfs / QUIETEST_DBFS));
}
