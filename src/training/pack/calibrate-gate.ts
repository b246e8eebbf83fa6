import type { ModelPack, PackDescription } from '../../model/index.js';
import type { Clip } from '../corpus/corpus.js';
import { traceGate } from '../evaluation/gate-trace.js';
import { rateUpperBound } from '../evaluation/intervals.js';
import { stopRate } from '../evaluation/stop-rate.js';

type CurvePoint = NonNullable<PackDescription['gate']['curve']>[number];

/** Recordings that a pack's network has never heard: of other speakers than those it was trained on. */
export interface HeldOut {
  readonly pack: ModelPack;
  /** Clips that hold a keyword each. */
  readonly positives: readonly Clip[];
  /** Speech, noise and music. */
  readonly negatives: readonly Clip[];
}

/** The chosen threshold, and what the gate stops at this and others. */
export interface GateCalibration {
  readonly threshold: number;
  readonly curve: CurvePoint[];
}

const CONFIDENCE = 0.95;

/**
 * Chooses the highest gate threshold at which the share of stopped keywords is within `budget` with 95 % confidence
 * (Clopper and Pearson 1934), and records the trade-off. That takes 300 positives or more for a budget of 1 %. Where no
 * threshold does, it is the lowest one of the curve.
 *
 * @param heldOut one network, or several of the same recipe that leave out other speakers each: they are counted together
 * @param confident false for a share that is within `budget` as counted
 */
export function calibrateGate(
  heldOut: readonly HeldOut[],
  budget: number,
  confident = true,
): GateCalibration {
  const traced = (kind: 'positives' | 'negatives') =>
    heldOut.flatMap((part) => part[kind].map((clip) => traceGate(part.pack, clip)));
  const highest = traced('positives')
    .map(({ scores }) => scores.reduce((a, b) => Math.max(a, b), 0))
    .sort((a, b) => a - b);
  const traces = traced('negatives');
  const { hangoverSteps } = heldOut[0].pack.gate;
  const curve: CurvePoint[] = [];
  let threshold: number | null = null;
  for (let stops = 0; stops <= highest.length * 0.1; stops = nextOf(stops)) {
    // Just under the score of the next positive: `stops` of them never reach it.
    const candidate = Math.floor(highest[stops] * 1e5) / 1e5;
    const rate = stops / highest.length;
    const upper = rateUpperBound(stops, highest.length, CONFIDENCE);
    const stopped = (kind: Clip['kind']) =>
      stopRate(
        traces.filter(({ clip }) => clip.kind === kind).map(({ scores }) => scores),
        candidate,
        hangoverSteps,
      ) || 0; // of a kind that there is nothing of
    curve.push({
      threshold: candidate,
      falseStopRate: rate,
      falseStopUpper95: upper,
      stoppedSpeech: stopped('speech'),
      stoppedNoise: stopped('noise'),
      stoppedMusic: stopped('music'),
    });
    if (threshold === null || (confident ? upper : rate) <= budget) threshold = candidate;
  }
  return { threshold: threshold!, curve };
}

/** Every count at first, then in growing steps, so that a curve has about thirty points. */
function nextOf(stops: number): number {
  return Math.max(stops + 1, Math.round(stops * 1.15));
}
