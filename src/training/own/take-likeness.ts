import type { ModelPack } from '../../model/index.js';
import { levelsOf } from '../bank/levels.js';
import { wordRegion } from '../corpus/word-region.js';
import type { Embedder } from './embedder.js';
import type { Take } from './takes.js';

const STEP_SAMPLES = 640;
/** Of silence before the word, so that each of its embeddings looks back on as much. */
const BEFORE_STEPS = 40;
const AFTER_SAMPLES = 6400;
/** Samples from one embedding to the next. */
const HOP_SAMPLES = 1280;
/** Fewer takes do not say which of them is the odd one. */
const LEAST_TAKES = 3;

/**
 * How unlike the two takes that are nearest to it each take is, 0 to 2: embeddings are compared by the cosine between them, along the
 * cheapest way through both takes (dynamic time warping). Takes of one word by one speaker have 0.06, those of other words 0.25.
 */
export function unlikeness(pack: ModelPack, embedder: Embedder, takes: readonly Take[]): number[] {
  if (takes.length < LEAST_TAKES) return takes.map(() => 0);
  const rows = takes.map(({ samples }) => directions(pack, embedder, samples));
  return rows.map((own, i) => {
    const others = rows.filter((_, j) => j !== i).map((other) => distance(own, other));
    const [nearest, next] = others.sort((a, b) => a - b);
    return (nearest + next) / 2;
  });
}

/** The embeddings of the word in a take, of length 1. */
function directions(pack: ModelPack, embedder: Embedder, samples: Int16Array): Float32Array[] {
  const { start, end } = wordRegion(samples);
  const padded = new Int16Array(BEFORE_STEPS * STEP_SAMPLES + (end - start) + AFTER_SAMPLES);
  padded.set(samples.subarray(start, end), BEFORE_STEPS * STEP_SAMPLES);
  const values = embedder.embed(levelsOf(pack, padded));
  const { size } = embedder;
  const count = values.length / size;
  const wanted = Math.ceil((end - start + AFTER_SAMPLES) / HOP_SAMPLES);
  return Array.from({ length: Math.min(count, wanted) }, (_, i) => {
    const at = (count - Math.min(count, wanted) + i) * size;
    const row = Float32Array.from(values.subarray(at, at + size));
    const length = Math.hypot(...row) || 1;
    return row.map((value) => value / length);
  });
}

/** The mean of what the cheapest way through both costs. */
function distance(a: readonly Float32Array[], b: readonly Float32Array[]): number {
  let before = new Float64Array(b.length + 1).fill(Number.POSITIVE_INFINITY);
  before[0] = 0;
  for (const row of a) {
    const now = new Float64Array(b.length + 1).fill(Number.POSITIVE_INFINITY);
    for (const [j, other] of b.entries()) {
      let cosine = 0;
      for (let k = 0; k < row.length; k++) cosine += row[k] * other[k];
      now[j + 1] = 1 - cosine + Math.min(before[j], before[j + 1], now[j]);
    }
    before = now;
  }
  return before[b.length] / (a.length + b.length);
}
