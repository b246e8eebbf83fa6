import type * as TensorFlow from '@tensorflow/tfjs-core';
import { sigmoid } from '../../classifier/logit.js';
import { HEAD_EMBEDDINGS } from '../bank/embeddings.js';
import { DETECTOR } from '../network/decision.js';
import type { Examples } from './examples.js';
import { gateHolds } from './gate-bar.js';
import type { GateWeights } from './gate-trainer.js';
import { type Stream, scoreStream } from './head-trainer.js';
import { joinedLogits } from './joint.js';
import type { Perceptron } from './perceptron.js';

/** How a keyword is heard in a stream, as the daemon would hear it. */
export interface Heard {
  /** Mean of the posteriors of the last positions at each one; 0 while the gate is shut. */
  readonly scores: Float32Array;
  /** Whether the gate is open. */
  readonly open: Uint8Array;
}

/** What a keyword makes of a stream of levels and of the embeddings that come of them. */
export function hear(
  tf: typeof TensorFlow,
  head: Perceptron,
  gate: GateWeights | null,
  { stream, levels, size, channels }: { stream: Stream; levels: Uint8Array; size: number; channels: number },
): Heard {
  const logits = scoreStream(tf, head, size, stream);
  const posteriors = new Float32Array(logits.length);
  const open = new Uint8Array(logits.length).fill(1);
  if (gate) {
    const holds = gateHolds(gate, levels, channels);
    // Both end with the same step: the first position ends with step 50, the first score of the gate with step 32.
    const ahead = holds.length - logits.length;
    for (let p = 0; p < open.length; p++) open[p] = holds[ahead + p] >= 0 ? 1 : 0;
  }
  for (let p = 0; p < logits.length; p++) posteriors[p] = open[p] ? sigmoid(logits[p]) : 0;
  return { scores: smoothed(posteriors), open };
}

/** What hears examples: head, gate and, where there is one, the second opinion. */
export interface Hearing {
  readonly tf: typeof TensorFlow;
  readonly size: number;
  readonly channels: number;
  readonly head: Perceptron;
  readonly gate: GateWeights | null;
  readonly second?: SecondOpinion | null;
}

export interface SecondOpinion {
  readonly head: Perceptron;
  readonly size: number;
  readonly ask: number;
  /** Added to the sum of logits. */
  readonly bias: number;
}

/** Highest score in each example. */
export function hearExamples(hearing: Hearing, examples: Examples): Float32Array {
  const { tf, size, channels, head, gate, second } = hearing;
  const best = new Float32Array(examples.count);
  const { embeddings, steps } = examples;
  for (let i = 0; i < examples.count; i++) {
    const stream = rowsOf(examples.values, i, embeddings, size);
    const levels = examples.levels.subarray(i * steps * channels, (i + 1) * steps * channels);
    let { scores } = hear(tf, head, gate, { stream, levels, size, channels });
    if (second && examples.second) {
      const rows = rowsOf(examples.second.values, i, examples.second.embeddings, second.size);
      scores = heardTwice(tf, scores, second, rows);
    }
    for (const score of scores) if (score > best[i]) best[i] = score;
  }
  return best;
}

/** Joined scores at each position, 0 where the second opinion is not asked. */
export function heardTwice(
  tf: typeof TensorFlow,
  scores: Float32Array,
  { head, size, ask, bias }: SecondOpinion,
  stream: Stream,
): Float32Array {
  const joined = joinedLogits(scores, scoreStream(tf, head, size, stream), ask);
  return joined.map((sum) => sigmoid(sum + bias));
}

function rowsOf(values: Int8Array, i: number, embeddings: number, size: number): Stream {
  return { values: values.subarray(i * embeddings * size, (i + 1) * embeddings * size), count: embeddings };
}

/** Highest scores of a stream, none within the refractory time of a higher one, highest first. */
export function peaksOf(
  scores: Float32Array,
  least: number,
): { readonly score: number; readonly at: number }[] {
  const apart = Math.round(DETECTOR.refractoryMs / 80);
  const places = [...scores.keys()].filter((at) => scores[at] >= least).sort((a, b) => scores[b] - scores[a]);
  const taken = new Uint8Array(scores.length);
  const peaks: { score: number; at: number }[] = [];
  for (const at of places) {
    if (taken[at]) continue;
    peaks.push({ score: scores[at], at });
    taken.fill(1, Math.max(0, at - apart), at + apart + 1);
  }
  return peaks;
}

/** The mean of the last posteriors at each position, as the detector takes it. */
export function smoothed(posteriors: Float32Array): Float32Array {
  const { smoothingPositions } = DETECTOR;
  const scores = new Float32Array(posteriors.length);
  for (let p = 0; p < scores.length; p++) {
    let sum = 0;
    for (let back = 0; back < smoothingPositions && back <= p; back++) sum += posteriors[p - back];
    scores[p] = sum / smoothingPositions;
  }
  return scores;
}

/** Positions that a stream of so many embeddings has. */
export function positionsOf(embeddings: number): number {
  return Math.max(0, embeddings - HEAD_EMBEDDINGS + 1);
}
