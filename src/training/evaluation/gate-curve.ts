import type { ModelPack } from '../../model/index.js';
import type { Clip } from '../corpus/corpus.js';
import { traceGate } from './gate-trace.js';
import { stopRate } from './stop-rate.js';

/** What the gate stops at one threshold. */
export interface GatePoint {
  readonly threshold: number;
  /** Share of keyword clips in which it never opens. */
  readonly falseStops: number;
  /** Share of steps stopped, by kind of recording. */
  readonly stopped: Readonly<Record<string, number>>;
}

const SHARES = [0, 0.002, 0.005, 0.01, 0.02, 0.03, 0.05, 0.1, 0.2] as const;

/**
 * The gate's trade-off, at thresholds that stop given shares of the keyword clips.
 *
 * @param highest the gate's highest score in each keyword clip
 * @param negatives by kind; the level gate is left out
 */
export function gateCurve(
  pack: ModelPack,
  highest: readonly number[],
  negatives: Readonly<Record<string, readonly Clip[]>>,
): GatePoint[] {
  const traces = Object.entries(negatives).map(
    ([kind, clips]) => [kind, clips.map((clip) => traceGate(pack, clip).scores)] as const,
  );
  const sorted = [...highest].sort((a, b) => a - b);
  const counts = new Set(SHARES.map((share) => Math.floor(share * sorted.length)));
  return [...counts].map((count) => {
    const threshold = sorted[count];
    return {
      threshold,
      falseStops: sorted.filter((score) => score < threshold).length / sorted.length,
      stopped: Object.fromEntries(
        traces.map(([kind, scores]) => [kind, stopRate(scores, threshold, pack.gate.hangoverSteps)]),
      ),
    };
  });
}
