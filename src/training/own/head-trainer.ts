import type * as TensorFlow from '@tensorflow/tfjs-core';
import { EMBEDDING_SCALE, HEAD_EMBEDDINGS } from '../bank/embeddings.js';
import { valuesOf } from '../bank/values-of.js';
import type { Random } from '../random.js';
import type { HeardExamples } from './examples.js';
import { meanOf, type Perceptron, trainPerceptron } from './perceptron.js';

/** A long stream of embeddings, [count, size]. */
export interface Stream {
  readonly values: Int8Array;
  readonly count: number;
}

export interface HeadTraining {
  readonly tf: typeof TensorFlow;
  /** Numbers in an embedding. */
  readonly size: number;
  readonly positives: readonly HeardExamples[];
  /** How often each of the positives is drawn. */
  readonly shares: readonly number[];
  readonly near: HeardExamples;
  /** Without the keyword. */
  readonly bank: Stream;
  /** Of each place of the bank, what is added to its logit when the bank is searched: another opinion of it. */
  readonly priors?: Float32Array;
  /** Whether a window that begins at a place of the bank is of no use: the phrase itself is said there. */
  readonly isLeftOut?: (place: number) => boolean;
  readonly random: Random;
  readonly hidden: number;
  readonly steps: number;
  readonly onStep?: (step: number, loss: number) => void;
}

const POSITIVE_BATCH = 48;
const NEAR_BATCH = 32;
const BANK_BATCH = 64;
const HARD_BATCH = 48;
/** Positions after the end of the word, in embeddings, at which it is to be heard: the detector averages four. */
const HEARD: readonly [number, number] = [0.3, 5.6];
const LEARNING_RATE = 2e-3;
const DECAY = 0.2;
/** Of the numbers that a head hears, so many are hidden from it in training: there are few voices to learn from. */
const DROPOUT = 0.6;
/** What is not quite sure: labels are so far from 0 and 1. */
const SMOOTHED = 0.01;
/** When the bank is searched for what the head gets wrong, as shares of all steps. */
const MINE_AT = [0.2, 0.45, 0.7];
/** Of the bank that is searched each time. */
const MINED = 0.5;
const HARD_PLACES = 2000;
/** Nothing is hard below this logit. */
const LEAST_HARD = -4;
/** Masks of dropout are read from random places of this many. */
const MASK_VALUES = 1 << 17;

/** Heads whose mean is taken: each is wrong about other sounds. */
const MEMBERS = 4;

/** Trains heads against the bank, each by its share of the steps, and takes their mean. */
export function trainHead(settings: HeadTraining): Perceptron {
  const steps = Math.ceil(settings.steps / MEMBERS);
  return meanOf(
    Array.from({ length: MEMBERS }, (_, member) =>
      trainMember({
        ...settings,
        steps,
        hidden: Math.ceil(settings.hidden / MEMBERS),
        onStep: (step, loss) => settings.onStep?.(member * steps + step, loss),
      }),
    ),
  );
}

function trainMember(settings: HeadTraining): Perceptron {
  const { tf, size, positives, shares, near, bank, random, hidden, steps } = settings;
  const { isLeftOut = () => false } = settings;
  const inputs = HEAD_EMBEDDINGS * size;
  const kept = 1 / (1 - DROPOUT) / EMBEDDING_SCALE;
  const mask = Float32Array.from({ length: MASK_VALUES }, () => (random.chance(DROPOUT) ? 0 : kept));
  const mineAt = new Set(MINE_AT.map((share) => Math.round(share * steps)));
  let hard: Int32Array = new Int32Array(0);
  return trainPerceptron({
    tf,
    inputs,
    hidden,
    batch: POSITIVE_BATCH + NEAR_BATCH + BANK_BATCH + HARD_BATCH,
    steps,
    learningRate: LEARNING_RATE,
    decay: DECAY,
    random,
    onStep: settings.onStep,
    fill: ({ x, labels }, step, current) => {
      if (mineAt.has(step)) hard = mine(settings, current);
      let row = 0;
      const put = (from: Int8Array, at: number, label: number) => {
        const out = row * inputs;
        for (let i = 0, m = random.index(MASK_VALUES); i < inputs; i++, m = (m + 1) % MASK_VALUES) {
          x[out + i] = from[at + i] * mask[m];
        }
        labels[row++] = label;
      };
      for (let i = 0; i < POSITIVE_BATCH; i++) {
        const examples = positives[drawn(shares, random)];
        const example = random.index(examples.count);
        put(examples.values, heardPlace(examples, example, random) * size, 1 - SMOOTHED);
      }
      for (let i = 0; i < NEAR_BATCH; i++) {
        const place = random.index(near.count) * near.embeddings;
        put(near.values, (place + random.index(near.embeddings - HEAD_EMBEDDINGS + 1)) * size, SMOOTHED);
      }
      for (let i = 0; i < BANK_BATCH + HARD_BATCH; i++) {
        const isHard = i >= BANK_BATCH && hard.length > 0;
        let place = isHard ? hard[random.index(hard.length)] : random.index(bank.count - HEAD_EMBEDDINGS);
        while (isLeftOut(place)) place = random.index(bank.count - HEAD_EMBEDDINGS);
        put(bank.values, place * size, 0);
      }
    },
  });
}

function drawn(shares: readonly number[], random: Random): number {
  let turn = random.next() * shares.reduce((sum, share) => sum + share, 0);
  for (let i = 0; i < shares.length; i++) {
    turn -= shares[i];
    if (turn < 0) return i;
  }
  return shares.length - 1;
}

/** Where a window begins that ends while the word of an example has just been said. */
function heardPlace({ embeddings, after }: HeardExamples, example: number, random: Random): number {
  const positions = embeddings - HEAD_EMBEDDINGS + 1;
  const [least, most] = HEARD;
  const first = Math.max(0, Math.ceil(after[example] / 2 - most));
  const last = Math.min(positions - 1, Math.floor(after[example] / 2 - least));
  const back = first + random.index(Math.max(1, last - first + 1));
  return example * embeddings + positions - 1 - back;
}

/** Embeddings that are scored at a time. */
const BLOCK = 4096;

/** Logits of every window of a stream, [count - 15]. */
export function scoreStream(
  tf: typeof TensorFlow,
  { hidden, w1, b1, w2, b2 }: Perceptron,
  size: number,
  { values, count }: Stream,
): Float32Array {
  const out = new Float32Array(Math.max(0, count - HEAD_EMBEDDINGS + 1));
  const width = HEAD_EMBEDDINGS * hidden;
  // [16, size, hidden] -> [size, 16 * hidden]: each embedding meets all taps at once, and the taps are added up shifted.
  const taps = new Float32Array(w1.length);
  for (let tap = 0; tap < HEAD_EMBEDDINGS; tap++) {
    for (let i = 0; i < size; i++) {
      const from = (tap * size + i) * hidden;
      taps.set(w1.subarray(from, from + hidden), i * width + tap * hidden);
    }
  }
  const kernel = tf.tensor2d(taps, [size, width]);
  const sums = new Float32Array(hidden);
  for (let first = 0; first < out.length; first += BLOCK) {
    const many = Math.min(BLOCK, out.length - first);
    const rows = many + HEAD_EMBEDDINGS - 1;
    const products = valuesOf(tf, () => {
      const x = new Float32Array(rows * size);
      for (let i = 0, from = first * size; i < x.length; i++) x[i] = values[from + i] / EMBEDDING_SCALE;
      return tf.matMul(tf.tensor2d(x, [rows, size]), kernel);
    });
    for (let n = 0; n < many; n++) {
      sums.set(b1);
      for (let tap = 0; tap < HEAD_EMBEDDINGS; tap++) {
        const at = (n + tap) * width + tap * hidden;
        for (let h = 0; h < hidden; h++) sums[h] += products[at + h];
      }
      let logit = b2[0];
      for (let h = 0; h < hidden; h++) if (sums[h] > 0) logit += sums[h] * w2[h];
      out[first + n] = logit;
    }
  }
  kernel.dispose();
  return out;
}

/** The places of the bank that sound most like the keyword, each with its neighbours. */
function mine({ tf, size, bank, priors, random, isLeftOut }: HeadTraining, head: Perceptron): Int32Array {
  const count = Math.ceil(bank.count * MINED);
  const first = random.index(bank.count - count + 1);
  const part = { values: bank.values.subarray(first * size, (first + count) * size), count };
  const logits = scoreStream(tf, head, size, part);
  if (priors) for (let n = 0; n < logits.length; n++) logits[n] += priors[first + n];
  const places: number[] = [];
  for (let n = 1; n + 1 < logits.length; n++) {
    const isPeak = logits[n] > LEAST_HARD && logits[n] >= logits[n - 1] && logits[n] > logits[n + 1];
    if (isPeak && !isLeftOut?.(first + n)) places.push(n);
  }
  places.sort((a, b) => logits[b] - logits[a]);
  return Int32Array.from(
    places.slice(0, HARD_PLACES).flatMap((n) => [first + n - 1, first + n, first + n + 1]),
  );
}
