import { FrameStream } from '../features/index.js';
import { GatedFront } from '../gate/gated-front.js';
import type { ModelPack, PackDescription } from '../model/index.js';
import type { Clip } from './corpus.js';
import { rateUpperBound } from './intervals.js';

type CurvePoint = NonNullable<PackDescription['gate']['curve']>[number];

/** The gate, over recordings: what it lets through at each threshold. */
export interface GateCalibration {
  readonly threshold: number;
  readonly curve: CurvePoint[];
}

export interface GateTrace {
  readonly clip: Clip;
  /** Gate score of each step. */
  readonly scores: Float32Array;
}

const TAIL_SAMPLES = 12_800;
const CONFIDENCE = 0.95;

/**
 * Chooses the highest gate threshold whose false-stop rate is within `budget`, and records the trade-off. With
 * `confident`, it is the upper Clopper-Pearson bound at 95 % that has to be within it, which takes 300 positives or
 * more for a budget of 1 %.
 *
 * @param positives clips that hold a keyword each
 * @param negatives speech, noise and music
 */
export function calibrateGate(
  pack: ModelPack,
  positives: readonly Clip[],
  negatives: readonly Clip[],
  budget: number,
  confident: boolean,
): GateCalibration {
  const highest = positives
    .map((clip) => traceGate(pack, clip).scores.reduce((a, b) => Math.max(a, b), 0))
    .sort((a, b) => a - b);
  const traces = negatives.map((clip) => traceGate(pack, clip));
  const { hangoverSteps } = pack.gate;
  const curve: CurvePoint[] = [];
  let threshold = highest[0];
  for (let stops = 0; stops <= highest.length * 0.1; stops++) {
    // Just under the score of the next positive: `stops` of them never reach it.
    const candidate = Math.floor(highest[stops] * 1e5) / 1e5;
    if (curve.some((point) => point.threshold === candidate)) continue;
    const rate = stops / highest.length;
    const bound = rateUpperBound(stops, highest.length, CONFIDENCE);
    const stopped = (kind: Clip['kind']) =>
      stopRate(
        traces.filter(({ clip }) => clip.kind === kind),
        candidate,
        hangoverSteps,
      );
    curve.push({
      threshold: candidate,
      falseStopRate: rate,
      falseStopUpper95: bound,
      stoppedSpeech: stopped('speech'),
      stoppedNoise: stopped('noise'),
      stoppedMusic: stopped('music'),
    });
    if ((confident ? bound : rate) <= budget) threshold = candidate;
  }
  return { threshold, curve };
}

/** The gate's score at every step of a clip, as the stream gives it. */
export function traceGate(pack: ModelPack, clip: Clip, visit?: (front: GatedFront) => void): GateTrace {
  const stream = new FrameStream(pack.features);
  const front = new GatedFront(pack);
  const padded = new Int16Array(clip.samples.length + (clip.kind === 'word' ? TAIL_SAMPLES : 0));
  padded.set(clip.samples);
  const { coefficients } = pack.features;
  const frames = new Float32Array(stream.framesFor(padded.length) * coefficients);
  const count = stream.push(padded, 0, frames);
  const scores = new Float32Array(count >> 1);
  for (let frame = 0; frame < count; frame++) {
    if (!front.push(frames, frame * coefficients)) continue;
    scores[front.step] = front.score;
    visit?.(front);
  }
  return { clip, scores };
}

/** Windows that would be handed over for positives: each clip's at the step of its highest score. */
export function* handoffWindows(pack: ModelPack, positives: readonly Clip[]): Generator<Uint8Array> {
  for (const clip of positives) {
    const window = new Uint8Array(pack.handoff.windowSteps * pack.compression.channels);
    let best = -1;
    traceGate(pack, clip, (front) => {
      if (front.score <= best) return;
      best = front.score;
      front.copyWindow(window);
    });
    yield window;
  }
}

export function stopRate(traces: readonly GateTrace[], threshold: number, hangoverSteps: number): number {
  let [stopped, steps] = [0, 0];
  for (const { scores } of traces) {
    let hangover = 0;
    for (const score of scores) {
      if (score >= threshold) hangover = hangoverSteps + 1;
      if (hangover === 0) stopped++;
      else hangover--;
      steps++;
    }
  }
  return steps === 0 ? 0 : stopped / steps;
}
