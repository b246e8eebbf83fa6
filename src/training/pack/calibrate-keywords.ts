import { SAMPLE_RATE } from '../../audio/index.js';
import { Classifier } from '../../classifier/index.js';
import type { Clip } from '../corpus/corpus.js';
import { listenToClip } from '../evaluation/listen-to-clip.js';
import { atSnr } from '../feed/add-noise.js';
import { Random } from '../random.js';
import type { HeldOut } from './calibrate-gate.js';

/** What a keyword scored in recordings: its highest smoothed posterior in each. */
export interface KeywordScores {
  readonly keyword: string;
  /** In clips that hold it, clean and with noise. */
  readonly own: readonly number[];
  /** In recordings that hold no keyword. */
  readonly others: readonly number[];
}

export interface KeywordCalibration {
  readonly thresholds: Readonly<Record<string, number>>;
  /** Recordings without a keyword in which it reaches its threshold. */
  readonly falseAccepts: Readonly<Record<string, number>>;
  readonly negativeHours: number;
}

/** Noise is added at this level for half of the positives, since thresholds have to do for both. */
export const NOISE_SNR_DB = 10;
/** No threshold is lower than this, however well a keyword stands apart. */
export const LOWEST = 0.9;
/** Every threshold is at least this far over the highest score that may not reach it, in logits. */
const CLEARANCE = 0.2;
/** Share of a keyword's clips that may score below what counts as its low end. */
const OUTLIERS = 0.03;

/**
 * A threshold for each keyword, so that all together have at most `falseAcceptsPerHour`. Each starts above its highest score in a
 * recording without a keyword. As long as the rate allows one more false accept, it goes to the keyword that detects most more of its
 * own clips with it. The threshold is in the middle, in logits, between the scores on either side.
 */
export async function calibrateKeywords(
  heldOut: readonly HeldOut[],
  falseAcceptsPerHour: number,
): Promise<KeywordCalibration> {
  const names = heldOut[0].pack.keywords.map(({ name }) => name);
  const own = new Map<string, number[]>(names.map((name) => [name, []]));
  const others = new Map<string, number[]>(names.map((name) => [name, []]));
  let negativeSamples = 0;
  for (const { pack, positives, negatives } of heldOut) {
    const classifier = new Classifier({ pack, backend: 'wasm' });
    const scoresOf = async ({ samples }: Clip) =>
      (await listenToClip(samples, pack, classifier)).account.scores;
    const noises = negatives.filter(({ kind }) => kind === 'noise').map(({ samples }) => samples);
    const random = new Random(2000 + NOISE_SNR_DB);
    for (const clip of positives) {
      const noisy = { ...clip, samples: atSnr(clip.samples, noises, NOISE_SNR_DB, random) };
      for (const heard of [clip, noisy]) own.get(clip.label)!.push((await scoresOf(heard))[clip.label]);
    }
    for (const clip of negatives) {
      negativeSamples += clip.samples.length;
      for (const [name, score] of Object.entries(await scoresOf(clip))) others.get(name)!.push(score);
    }
    await classifier.close();
  }
  const negativeHours = negativeSamples / SAMPLE_RATE / 3600;
  const scores = names.map((keyword) => ({ keyword, own: own.get(keyword)!, others: others.get(keyword)! }));
  const allowed = allowFalseAccepts(scores, Math.floor(falseAcceptsPerHour * negativeHours));
  return {
    thresholds: Object.fromEntries(scores.map((of, i) => [of.keyword, thresholdBetween(of, allowed[i])])),
    falseAccepts: Object.fromEntries(scores.map(({ keyword }, i) => [keyword, allowed[i]])),
    negativeHours,
  };
}

/** How many false accepts each keyword may have, at most `budget` together. */
export function allowFalseAccepts(keywords: readonly KeywordScores[], budget: number): number[] {
  const allowed = keywords.map(() => 0);
  const ranked = keywords.map(({ others }) => descending(others));
  const found = (index: number, count: number) => {
    const ceiling = ranked[index][count] ?? 0;
    return keywords[index].own.filter((score) => score > ceiling).length;
  };
  for (let left = budget; left > 0; ) {
    // One more may gain nothing where two do.
    let best = { index: -1, step: 1, gain: 0 };
    allowed.forEach((now, index) => {
      for (let step = 1; step <= left; step++) {
        const gain = (found(index, now + step) - found(index, now)) / step;
        if (gain > best.gain) best = { index, step, gain };
      }
    });
    if (best.index < 0) break;
    allowed[best.index] += best.step;
    left -= best.step;
  }
  return allowed;
}

/** The threshold of a keyword that so many recordings without it may reach. */
export function thresholdBetween(
  { own, others }: KeywordScores,
  falseAccepts: number,
  lowest = LOWEST,
): number {
  const ranked = descending(others);
  const ceiling = logit(ranked[falseAccepts] ?? 0);
  const lowEnd = logit([...own].sort((a, b) => a - b)[Math.floor(OUTLIERS * own.length)] ?? 0);
  let threshold = Math.max((ceiling + lowEnd) / 2, ceiling + CLEARANCE);
  // A false accept that was allowed for is not paid twice.
  if (falseAccepts > 0) threshold = Math.min(threshold, (ceiling + logit(ranked[falseAccepts - 1])) / 2);
  return Number(Math.max(lowest, logistic(threshold)).toFixed(5));
}

function descending(scores: readonly number[]): number[] {
  return [...scores].sort((a, b) => b - a);
}

function logit(probability: number): number {
  const p = Math.min(1 - 1e-7, Math.max(1e-7, probability));
  return Math.log(p / (1 - p));
}

function logistic(x: number): number {
  return 1 / (1 + Math.exp(-x));
}
