import { type Interval, rateInterval } from '../../src/training/evaluation/intervals.js';
import { Random } from '../../src/training/random.js';
import type { Answers, RunResult } from './run.js';
import { CLASSES, ELSE, SILENCE } from './task.js';

/** Share of positives, clean and noisy together, that a gate may stop. */
export const FALSE_STOPS = 0.01;

export interface Labels {
  readonly clean: Uint8Array;
  readonly noisy: Uint8Array;
}
export type Condition = keyof Labels;
export const CONDITIONS = ['clean', 'noisy'] as const satisfies Condition[];

/** Which windows an answer is right for. */
export type Rights = readonly boolean[];

/** Mean over the classes of the share that is right, and how often each window counts. */
export function balancedAccuracy(
  labels: Uint8Array,
  right: Rights,
  merged = false,
  weights?: Uint16Array,
): number {
  const classes = merged ? ELSE + 1 : CLASSES.length;
  const [hits, all] = [new Float64Array(classes), new Float64Array(classes)];
  labels.forEach((label, i) => {
    const of = Math.min(label, classes - 1);
    const weight = weights ? weights[i] : 1;
    all[of] += weight;
    if (right[i]) hits[of] += weight;
  });
  return hits.reduce((sum, count, i) => sum + count / all[i], 0) / classes;
}

/** Of the seven classes, as the network answers. */
export function rightOfSeven(labels: Uint8Array, { predicted }: Answers): Rights {
  return predicted.map((answer, i) => answer === labels[i]);
}

/** Of the five words and none: what the gate stops is none, and everything else and silence are the same. */
export function rightBehindGate(
  labels: Uint8Array,
  { predicted }: Answers,
  scores: readonly number[] | null,
  threshold: number,
): Rights {
  return predicted.map((answer, i) => {
    const heard = scores !== null && scores[i] < threshold ? ELSE : answer;
    return Math.min(heard, ELSE) === Math.min(labels[i], ELSE);
  });
}

/** The highest threshold that stops no more than {@link FALSE_STOPS} of the positives of both conditions. */
export function gateThreshold(
  labels: Labels,
  scores: Readonly<Record<Condition, readonly number[]>>,
  share = FALSE_STOPS,
): number {
  const positives = CONDITIONS.flatMap((condition) =>
    scores[condition].filter((_, i) => labels[condition][i] < ELSE),
  ).sort((a, b) => a - b);
  return positives[Math.floor(share * positives.length)];
}

export interface Stops {
  readonly rate: number;
  readonly of: number;
  readonly interval: Interval;
}

/** Windows of a class that the gate stops. */
export function stopsOf(
  label: typeof ELSE | typeof SILENCE,
  labels: Uint8Array,
  scores: readonly number[],
  threshold: number,
): Stops {
  const own = scores.filter((_, i) => labels[i] === label);
  const stopped = own.filter((score) => score < threshold).length;
  return { rate: stopped / own.length, of: own.length, interval: rateInterval(stopped, own.length) };
}

export interface Difference {
  readonly mean: number;
  /** 95 %, over the windows: bootstrap within each class, the same windows for both. */
  readonly overWindows: Interval;
  /** 95 %, over the seeds: Student's t; null of a single seed. */
  readonly overSeeds: Interval | null;
}

const RESAMPLES = 1000;
/** 97.5 % quantile of Student's t by degrees of freedom. */
const STUDENT = [Number.NaN, 12.706, 4.303, 3.182, 2.776] as const;

/** Balanced accuracy of some runs minus that of others, run by run of the same seed. */
export function difference(
  labels: Uint8Array,
  pairs: readonly (readonly [Rights, Rights])[],
  merged = false,
): Difference {
  const of = (weights?: Uint16Array) =>
    pairs.map(
      ([a, b]) => balancedAccuracy(labels, a, merged, weights) - balancedAccuracy(labels, b, merged, weights),
    );
  const each = of();
  const mean = average(each);
  const random = new Random(77);
  const members = CLASSES.map((_, label) => [...labels.keys()].filter((i) => labels[i] === label));
  const resampled = Array.from({ length: RESAMPLES }, () => {
    const weights = new Uint16Array(labels.length);
    for (const some of members) for (let k = 0; k < some.length; k++) weights[random.pick(some)]++;
    return average(of(weights));
  }).sort((a, b) => a - b);
  const overWindows: Interval = [
    resampled[Math.floor(0.025 * RESAMPLES)],
    resampled[Math.floor(0.975 * RESAMPLES)],
  ];
  if (each.length < 2) return { mean, overWindows, overSeeds: null };
  const variance = each.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (each.length - 1);
  const half = STUDENT[each.length - 1] * Math.sqrt(variance / each.length);
  return { mean, overWindows, overSeeds: [mean - half, mean + half] };
}

export function average(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0) / values.length;
}

/** What a run came to. */
export interface Summary {
  readonly name: string;
  readonly seconds: number;
  /** Balanced accuracy of seven classes, the gate left open. */
  readonly accuracy: Readonly<Record<Condition, number>>;
  readonly gate: {
    readonly threshold: number;
    readonly stopped: Readonly<Record<Condition, { readonly speech: Stops; readonly silence: Stops }>>;
    readonly zeros: number;
    /** 1 - entropy of the levels / 32 bits, on clean positives. */
    readonly compression: number;
  } | null;
}

export function summary(run: RunResult, labels: Labels): Summary {
  const accuracy = (condition: Condition) =>
    balancedAccuracy(labels[condition], rightOfSeven(labels[condition], run[condition]));
  const base = {
    name: run.settings.name,
    seconds: run.seconds,
    accuracy: { clean: accuracy('clean'), noisy: accuracy('noisy') },
  };
  if (!run.settings.gate) return { ...base, gate: null };
  const scores = { clean: run.clean.scores, noisy: run.noisy.scores };
  const threshold = gateThreshold(labels, scores);
  const stopped = (condition: Condition) => ({
    speech: stopsOf(ELSE, labels[condition], scores[condition], threshold),
    silence: stopsOf(SILENCE, labels[condition], scores[condition], threshold),
  });
  return {
    ...base,
    gate: {
      threshold,
      stopped: { clean: stopped('clean'), noisy: stopped('noisy') },
      zeros: run.clean.zeros!,
      compression: 1 - run.clean.bits! / 32,
    },
  };
}
