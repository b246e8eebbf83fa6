/** What has happened to the handoffs of a satellite. */
export interface RemoteCounts {
  sent: number;
  answered: number;
  again: number;
  lost: number;
  duplicates: number;
  /** From the handoff to its answer, in ms: mean of the newest. */
  lagMs: number;
}

export function noRemoteCounts(): RemoteCounts {
  return { sent: 0, answered: 0, again: 0, lost: 0, duplicates: 0, lagMs: 0 };
}

/** How much of the mean lag the newest answer makes up. */
const LAG_SHARE = 0.1;

/** A mean of the newest values, of which the last one makes up `share`; the first one is all of it. */
export function movedMean(mean: number, value: number, share: number): number {
  return mean + (mean === 0 ? 1 : share) * (value - mean);
}

/** Counts an answer that took so long. */
export function countAnswer(counts: RemoteCounts, lagMs: number): void {
  counts.answered++;
  counts.lagMs = movedMean(counts.lagMs, lagMs, LAG_SHARE);
}
