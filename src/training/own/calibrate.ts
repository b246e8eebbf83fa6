import type * as TensorFlow from '@tensorflow/tfjs-core';
import { logit, sigmoid } from '../../classifier/logit.js';
import type { EmbeddedBank } from './embedded-bank.js';
import type { Examples } from './examples.js';
import type { GateWeights } from './gate-trainer.js';
import { scoreStream } from './head-trainer.js';
import { asksIn, joinedLogits, rateAt, scoreAt, tailOf, UNASKED } from './joint.js';
import type { Length } from './phrase.js';
import { type Hearing, hear, hearExamples, peaksOf } from './score.js';
import type { Opinions } from './train-opinions.js';

/**
 * False accepts an hour that are aimed at in the dev part of the bank: of words of one syllable, which are within more words than the bank
 * has, and of longer ones.
 */
const PER_HOUR = { short: 0.5, long: 0.7 };
/** Of what that part foretells, so much was counted in other recordings (docs/reference/training.md). */
const ELSEWHERE = 0.7;
/** Where the held out voices are heard just as well, fewer are: the bank is small, and a home is not. */
const FEW_PER_HOUR = 0.05;
/** Of the held out voices that many may be lost by that. */
const LOST = 0.01;
/** Thresholds of the first opinion alone, as posteriors. */
const THRESHOLD: readonly [least: number, most: number] = [0.4, 0.98];
/** What both opinions together have to be, however quiet the bank is, as a sum of logits: a home is not as quiet. */
const LEAST_JOINED = -0.5;
/** False accepts that are expected at least, even where none was counted: as many as there are in one half of all such cases. */
const UNSEEN = 0.7;
/** How often the second opinion may be asked for, an hour of the bank: it costs as much as fifty handoffs. */
const ASKS_PER_HOUR = 40;
/** Scores of the first opinion from which on it may be asked for. */
const ASKS = [0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5] as const;

export interface Calibration {
  readonly threshold: number;
  readonly hearing: Hearing;
  /** Of the dev part of the bank at each position, as the daemon would have them; and whether the gate is open. */
  readonly scores: Float32Array;
  readonly open: Uint8Array;
  /** False accepts an hour that are to be expected. */
  readonly perHour: number;
}

/** Chooses the threshold on the dev part of the bank: one that holds for the first opinion alone, and for both, whose sum is moved. */
export function calibrate(
  settings: Opinions & {
    readonly tf: typeof TensorFlow;
    readonly size: number;
    readonly channels: number;
    readonly gate: GateWeights;
    readonly bank: EmbeddedBank;
    /** Whether the phrase is said in the sound of a position of dev. */
    readonly isLeftOut: (position: number) => boolean;
    /** Of dev, without what is left out. */
    readonly hours: number;
    /** By voices that training never hears. */
    readonly heldOut: readonly Examples[];
    readonly length: Length;
  },
): Calibration {
  const { tf, size, channels, head, secondHead, gate, bank, heldOut, isLeftOut, hours, length } = settings;
  const aim = { hours, perHour: PER_HOUR[length] };
  const { dev, devLevels, second: secondBank } = bank;
  const { scores, open } = hear(tf, head, gate, { stream: dev, levels: devLevels, size, channels });
  for (let p = 0; p < scores.length; p++) if (isLeftOut(p)) scores[p] = 0;
  const alone: Hearing = { tf, size, channels, head, gate };
  const first = barOf(scores.map(logit), aim, heardIn(alone, heldOut), logit(THRESHOLD[0]));
  const threshold = Math.min(THRESHOLD[1], sigmoid(first.bar));
  if (!secondHead || !secondBank) return { threshold, hearing: alone, scores, open, perHour: first.perHour };

  const ask = ASKS.find((least) => asksIn(scores, least) <= ASKS_PER_HOUR * hours) ?? ASKS[ASKS.length - 1];
  const { size: secondSize, dev: values } = secondBank;
  const logits = scoreStream(tf, secondHead, secondSize, { values, count: values.length / secondSize });
  const joined = joinedLogits(scores, logits, ask);
  const opinion = { head: secondHead, size: secondSize, ask, bias: 0 };
  const heard = heardIn({ ...alone, second: opinion }, heldOut);
  const both = barOf(joined, aim, heard, LEAST_JOINED);
  const bias = logit(threshold) - both.bar;
  return {
    threshold,
    hearing: { ...alone, second: { ...opinion, bias } },
    scores: joined.map((sum) => sigmoid(sum + bias)),
    open,
    perHour: both.perHour,
  };
}

/** The highest logit in each of some examples. */
function heardIn(hearing: Hearing, examples: readonly Examples[]): Float32Array {
  return Float32Array.from(examples.flatMap((some) => [...hearExamples(hearing, some)]).map(logit));
}

/** How far over a peak of the bank a logit is that does not let it through. */
const OVER = 0.1;

/**
 * The logit with few enough false accepts in the bank; a higher one where it costs nothing. For as many as are aimed at, none is needed
 * over the highest peak of the bank, whatever its tail looks like.
 *
 * @param heldOut the highest logit of each example
 */
export function barOf(
  logits: Float32Array,
  { hours, perHour }: { readonly hours: number; readonly perHour: number },
  heldOut: Float32Array,
  least: number,
) {
  const peaks = peaksOf(logits, UNASKED / 2).map(({ score }) => score);
  const tail = tailOf(peaks, hours);
  if (tail === null) {
    const tooMany = peaks[Math.floor(perHour * hours)];
    const bar = tooMany === undefined ? least : Math.max(least, tooMany + OVER);
    const count = peaks.filter((score) => score >= bar).length;
    return { bar, perHour: (ELSEWHERE * Math.max(UNSEEN, count)) / hours };
  }
  const free = Float32Array.from(heldOut).sort()[Math.floor(heldOut.length * LOST)];
  const enough = Math.min(scoreAt(tail, perHour), peaks[0] + OVER);
  const bar = Math.max(least, enough, Math.min(free, scoreAt(tail, FEW_PER_HOUR)));
  return { bar, perHour: ELSEWHERE * Math.max(UNSEEN / hours, rateAt(tail, bar)) };
}
