import type { Detected, DetectReport, ScoresAt } from '../client/index.js';

/** What was thought of a piece of sound, over its time. */
export interface Track {
  readonly gate: {
    readonly threshold: number;
    readonly stepSeconds: number;
    readonly scores: readonly number[];
    /** From and to, in seconds. */
    readonly openings: readonly (readonly [number, number])[];
  } | null;
  readonly positions: readonly ScoresAt[];
  readonly thresholds: Readonly<Record<string, number>>;
  readonly detections: readonly Detected[];
}

export function trackOf(report: DetectReport, thresholds: Readonly<Record<string, number>>): Track {
  const { scoresOverTime = [], detections } = report;
  return { gate: null, positions: scoresOverTime, thresholds, detections };
}

/** Names of the keywords, the one with the highest score first. */
export function byHighestScore({ positions }: Track): { name: string; highest: number }[] {
  const highest = new Map<string, number>();
  for (const { scores } of positions) {
    for (const [name, score] of Object.entries(scores)) {
      highest.set(name, Math.max(score, highest.get(name) ?? 0));
    }
  }
  return [...highest]
    .map(([name, score]) => ({ name, highest: score }))
    .sort((a, b) => b.highest - a.highest);
}
