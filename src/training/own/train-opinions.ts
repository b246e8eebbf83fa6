import type * as TensorFlow from '@tensorflow/tfjs-core';
import { logit, sigmoid } from '../../classifier/logit.js';
import { HEAD_EMBEDDINGS } from '../bank/embeddings.js';
import { originOf, type SecondBank } from '../bank/second-bank.js';
import type { Random } from '../random.js';
import type { EmbeddedBank } from './embedded-bank.js';
import type { Examples, HeardExamples } from './examples.js';
import { scoreStream, trainHead } from './head-trainer.js';
import type { Perceptron } from './perceptron.js';
import { smoothed } from './score.js';

/** What hears a keyword: a head on the embeddings of the trunk, and one on those of the second look. */
export interface Opinions {
  readonly head: Perceptron;
  /** Null for a pack that has none. */
  readonly secondHead: Perceptron | null;
}

export interface OpinionTraining {
  readonly tf: typeof TensorFlow;
  /** Numbers in an embedding of the trunk. */
  readonly size: number;
  readonly bank: EmbeddedBank;
  /** Whether the phrase is said in the window that begins with an embedding of train. */
  readonly isLeftOut: (place: number) => boolean;
  /** Synthesized voices, then takes. */
  readonly positives: readonly Examples[];
  readonly near: Examples;
  readonly random: Random;
  readonly hidden: number;
  readonly steps: number;
  readonly onStep?: (done: number, of: number) => void;
}

/** Of what is drawn, synthesized voices where there are takes. */
const SYNTHETIC_SHARE = 0.6;
/** What the first opinion can add to or take from that of the second when hard places are looked for. */
const MOST_PRIOR = 6;
/** Of a place that is no sound that was ever heard: the seam of two stretches. */
const NOWHERE = -100;

/** Trains both heads against the bank; the second hardest where the first is wrong. */
export function trainOpinions(settings: OpinionTraining): Opinions {
  const { tf, size, bank, positives, near, random, hidden, steps, isLeftOut, onStep } = settings;
  const takes = positives.length - 1;
  const shares = positives.map(
    (_, i) => (takes === 0 || i > 0 ? 1 : 0) * (takes === 0 ? 1 : (1 - SYNTHETIC_SHARE) / takes),
  );
  if (takes > 0) shares[0] = SYNTHETIC_SHARE;
  const isTwice = bank.second !== null && positives.every(({ second }) => second) && near.second !== null;
  const of = isTwice ? 2 * steps : steps;
  const shared = { tf, shares, random, hidden, steps };
  const head = trainHead({
    ...shared,
    size,
    positives,
    near,
    bank: bank.train,
    isLeftOut,
    onStep: (step) => step % 50 === 0 && onStep?.(step, of),
  });
  if (!isTwice) return { head, secondHead: null };
  const scores = smoothed(scoreStream(tf, head, size, bank.train).map(sigmoid));
  const secondHead = trainHead({
    ...shared,
    size: bank.second!.size,
    positives: positives.map((some) => asStored(some, bank.second!)),
    near: asStored(near, bank.second!),
    bank: { values: bank.second!.train, count: bank.second!.train.length / bank.second!.size },
    priors: priorsOf(bank.second!, scores),
    isLeftOut: (place) => isLeftOut(originOf(bank.second!, place)),
    onStep: (step) => step % 50 === 0 && onStep?.(steps + step, of),
  });
  return { head, secondHead };
}

function asStored({ second }: Examples, bank: SecondBank): HeardExamples {
  return { ...second!, values: bank.asStored(second!.values) };
}

/** What the first opinion says of each place of the second look's bank. */
function priorsOf(bank: SecondBank, scores: Float32Array): Float32Array {
  const priors = new Float32Array(bank.train.length / bank.size);
  for (let n = 0; n < priors.length; n++) {
    const isSeam = n % bank.stretch > bank.stretch - HEAD_EMBEDDINGS;
    const first = logit(scores[originOf(bank, n)] ?? 0);
    priors[n] = isSeam ? NOWHERE : Math.max(-MOST_PRIOR, Math.min(MOST_PRIOR, first));
  }
  return priors;
}
