import { cp, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Classifier, openBackend } from '../../classifier/index.js';
import { WakegateError } from '../../errors.js';
import { type ModelPack, readPack } from '../../model/index.js';
import type { Clip } from '../corpus/corpus.js';
import { packMeasuredOn } from '../evaluation/fold-packs.js';
import { countInterval } from '../evaluation/intervals.js';
import { listenToClip } from '../evaluation/listen-to-clip.js';
import { atSnr } from '../feed/add-noise.js';
import type { SecondMoments } from '../feed/second-feeder.js';
import { secondShapeOf } from '../fit/speech-embedding-trunk.js';
import { readWeightMap } from '../network/weights.js';
import { Random } from '../random.js';
import { addSecondLook, joinSecondLook, type SecondLookChoices } from './add-second-look.js';
import type { KeywordScores } from './calibrate-keywords.js';
import { calibrateSecondLook, type SecondLookCalibration } from './calibrate-second-look.js';
import { exportSecond } from './second-model.js';

export interface AddCalibratedOptions {
  /** Folder of the pack, which is changed. */
  readonly directory: string;
  /** Null to keep the second look that the pack has. */
  readonly run: string | null;
  /** Folder of the distillation. */
  readonly trunk: string;
  /**
   * Runs of the same recipe: what one of them did not learn from, and `run` did, is measured by it. Each gets a pack of its own beside its
   * weights, `pack`.
   */
  readonly folds?: readonly string[];
  /** Recordings that neither network was trained on, or `run` alone where there are folds. */
  readonly clips: readonly Clip[];
  /** In all of these together as counted, or the most an hour by the upper end of the 95 % interval (Garwood). */
  readonly falseAccepts: { readonly count: number } | { readonly perHourAtMost: number };
  /** Of the second look's logit, in the sum with the first. */
  readonly weight: number;
  /** How sure both have to be at least, by the mean of their logits. */
  readonly lowest?: number;
}

interface Part {
  readonly directory: string;
  readonly write: (choices: SecondLookChoices) => Promise<void>;
}

function partAsItIs(directory: string): Part {
  return { directory, write: (choices) => joinSecondLook(directory, choices) };
}

async function partOf(run: string, directory: string, trunk: string, keywords: number): Promise<Part> {
  const weights = await readWeightMap(join(run, 'averaged.bin'));
  const second = await exportSecond(await secondShapeOf(trunk), weights, keywords);
  const { levels } = JSON.parse(await readFile(join(trunk, 'moments.json'), 'utf8')) as SecondMoments;
  const { alsoDev = [] } = JSON.parse(await readFile(join(run, 'settings.json'), 'utf8').catch(() => '{}'));
  const made = alsoDev.length > 0 ? { alsoDev } : {};
  return { directory, write: (choices) => addSecondLook(directory, second, levels, { ...choices, made }) };
}

/** Smoothed posterior from which on a second look is asked for: lower than any threshold, and reached a few dozen times an hour of speech. */
const ASK = 0.3;
/** Half of the positives are heard in noise at this level, since thresholds have to do for both. */
const NOISE_SNR_DB = 10;

/** Gives a pack the second look of a run, then thresholds and biases by which both are right on recordings that they have not heard. */
export async function addCalibrated(
  options: AddCalibratedOptions,
): Promise<SecondLookCalibration & { readonly budget: number; readonly negativeHours: number }> {
  await openBackend('wasm');
  const { directory, folds = [], trunk, clips, falseAccepts, weight, lowest } = options;
  const names = (await readPack(directory)).keywords.map(({ name }) => name);
  const parts = [
    options.run === null ? partAsItIs(directory) : await partOf(options.run, directory, trunk, names.length),
  ];
  for (const run of folds) {
    const own = join(run, 'pack');
    await cp(directory, own, { recursive: true });
    parts.push(await partOf(run, own, trunk, names.length));
  }
  const add = async (
    biases: Readonly<Record<string, number>>,
    thresholds: Readonly<Record<string, number>>,
  ) => {
    const keywords = Object.fromEntries(names.map((name) => [name, { ask: ASK, bias: biases[name] ?? 0 }]));
    for (const { write } of parts) await write({ weight, keywords, thresholds });
  };
  await add({}, {});
  const packs: ModelPack[] = [];
  for (const { directory } of parts) packs.push(await readPack(directory));
  const scores = await scoresOf(packs, clips);
  const { negativeHours } = scores;
  const budget =
    'count' in falseAccepts ? falseAccepts.count : mostAccepts(falseAccepts.perHourAtMost, negativeHours);
  const calibrated = calibrateSecondLook(scores.alone, scores.joined, budget, lowest);
  await add(calibrated.biases, calibrated.thresholds);
  return { ...calibrated, budget, negativeHours };
}

/**
 * The most false accepts in so many hours that still show a rate.
 *
 * @throws WakegateError WG_DATA_INVALID where not even none does
 */
export function mostAccepts(perHour: number, hours: number): number {
  const shows = (count: number) => countInterval(count, hours)[1] <= perHour;
  if (!shows(0)) {
    throw new WakegateError(
      'WG_DATA_INVALID',
      `${hours.toFixed(2)} h without a false accept do not show that there are at most ${perHour} an hour, as ` +
        `${countInterval(0, hours)[1].toFixed(2)} are possible: add recordings, or allow a count with --false-accepts`,
    );
  }
  let most = 0;
  while (shows(most + 1)) most++;
  return most;
}

/** What each keyword scored, alone and after a second look, in clips that hold it and in recordings that hold none. */
async function scoresOf(packs: readonly ModelPack[], clips: readonly Clip[]) {
  const names = packs[0].keywords.map(({ name }) => name);
  // Nothing reaches a threshold of 1, so that every candidate is looked at.
  const [asking, ...folds] = packs.map((pack) => ({
    ...pack,
    keywords: pack.keywords.map((keyword) => ({ ...keyword, threshold: 1 })),
  }));
  const classifiers = new Map([asking, ...folds].map((pack) => [pack, new Classifier({ pack })]));
  const empty = () => names.map((keyword) => ({ keyword, own: [] as number[], others: [] as number[] }));
  const [alone, joined] = [empty(), empty()];
  const noises = clips.filter(({ kind }) => kind === 'noise').map(({ samples }) => samples);
  const random = new Random(2000 + NOISE_SNR_DB);
  let negativeSamples = 0;
  for (const { kind, label, corpus, samples } of clips) {
    const pack = packMeasuredOn(corpus, asking, folds);
    const keyword = kind === 'word' ? names.indexOf(label) : -1;
    if (keyword < 0) negativeSamples += samples.length;
    const noisy = keyword < 0 || noises.length === 0 ? [] : [atSnr(samples, noises, NOISE_SNR_DB, random)];
    for (const heard of [samples, ...noisy]) {
      const { account } = await listenToClip(heard, pack, classifiers.get(pack)!);
      for (const [k, name] of names.entries()) {
        if (keyword >= 0 && k !== keyword) continue;
        const side = keyword < 0 ? 'others' : 'own';
        alone[k]![side].push(account.scores[name]!);
        joined[k]![side].push(account.joinedScores![name]!);
      }
    }
  }
  for (const classifier of classifiers.values()) await classifier.close();
  const both: { alone: readonly KeywordScores[]; joined: readonly KeywordScores[] } = { alone, joined };
  return { ...both, negativeHours: negativeSamples / 16_000 / 3600 };
}
