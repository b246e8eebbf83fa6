import type { OwnHead } from '../model/own-keyword-types.js';

/** Nearer than this to 0 or 1, a probability is rounding. */
const CERTAIN = 1e-6;

export function logit(probability: number): number {
  const p = Math.min(1 - CERTAIN, Math.max(CERTAIN, probability));
  return Math.log(p / (1 - p));
}

/** The probability of a logit. */
export function sigmoid(logit: number): number {
  return 1 / (1 + Math.exp(-logit));
}

/** One head is a thousandth of the network: no tensors are worth it. */
export function logitOf({ hidden, w1, b1, w2, b2 }: OwnHead, embeddings: Float32Array): number {
  let logit = b2;
  for (let h = 0; h < hidden; h++) {
    let sum = b1[h];
    for (let i = 0, at = h; i < embeddings.length; i++, at += hidden) sum += embeddings[i] * w1[at];
    if (sum > 0) logit += sum * w2[h];
  }
  return logit;
}
