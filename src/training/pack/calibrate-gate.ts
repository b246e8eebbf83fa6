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
 * @param noisy keywords in noise, of which it may stop a share of its own, as counted; false for none
 */
export function calibrateGate(
  heldOut: readonly HeldOut[],
  budget: number,
  confident = true,
  noisy: { readonly positives: readonly Clip[]; readonly budget: number } | false = false,
): GateCalibration {
  const highestOf = (pack: ModelPack, clips: readonly Clip[]) =>
    clips.map((clip) => traceGate(pack, clip).scores.reduce((a, b) => Math.max(a, b), 0));
  const highest = heldOut.flatMap(({ pack, positives }) => highestOf(pack, positives)).sort((a, b) => a - b);
  const noisyHighest = noisy ? highestOf(heldOut[0].pack, noisy.positives).sort((a, b) => a - b) : [];
  const traces = heldOut.flatMap(({ pack, negatives }) => negatives.map((clip) => traceGate(pack, clip)));
  const { hangoverSteps } = heldOut[0].pack.gate;
  const curve: CurvePoint[] = [];
  let threshold: number | null = null;
  for (const candidate of candidates(highest, noisyHighest)) {
    const stops = below(highest, candidate);
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
    const keeps = (confident ? upper : rate) <= budget;
    const keepsNoisy = !noisy || below(noisyHighest, candidate) <= noisy.budget * noisyHighest.length;
    if (threshold === null || (keeps && keepsNoisy)) threshold = candidate;
  }
  return { threshold: threshold!, curve };
}

/** Thresholds just under the scores of the positives that are stopped first, lowest first. */
function candidates(...sorted: readonly (readonly number[])[]): number[] {
  const found = new Set<number>();
  for (const highest of sorted) {
    for (let stops = 0; stops < highest.length && stops <= highest.length * 0.1; stops = nextOf(stops)) {
      found.add(Math.floor(highest[stops] * 1e5) / 1e5);
    }
  }
  return [...found].sort((a, b) => a - b);
}

function below(scores: readonly number[], threshold: number): number {
  return scores.filter((score) => score < threshold).length;
}

/** Every count at first, then in growing steps, so that a curve has about thirty points. */
function nextOf(stops: number): number {
  return Math.max(stops + 1, Math.round(stops * 1.15));
}
