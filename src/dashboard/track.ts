import type { Detected, DetectReport, ScoresAt, WakegateClient } from '../client/index.js';

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

/** With what a file is to be heard: what is in use, but for these. */
export interface How {
  /** Id of a pack. */
  readonly model?: string;
  readonly thresholds?: Readonly<Record<string, number>>;
}

export interface Heard {
  readonly report: DetectReport;
  readonly track: Track;
}

/** Has a file heard, with all that is thought on the way. */
export async function hear(client: WakegateClient, file: Blob, how: How): Promise<Heard> {
  const report = await client.detect(file, { ...how, track: true });
  return { report, track: trackOf(report) };
}

export function trackOf({ track, thresholds, detections }: DetectReport): Track {
  return { gate: track?.gate ?? null, positions: track?.positions ?? [], thresholds, detections };
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
