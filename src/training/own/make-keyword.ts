import { join } from 'node:path';
import { WakegateError } from '../../errors.js';
import { ENGLISH, type ModelPack, type OwnKeyword, trunkOf } from '../../model/index.js';
import { HEAD_EMBEDDINGS } from '../bank/embeddings.js';
import { SecondEmbedder } from '../bank/second-embedder.js';
import { Random } from '../random.js';
import { Kokoro } from '../voices/kokoro.js';
import { voicesFolder } from '../voices/voices-folder.js';
import { calibrate } from './calibrate.js';
import { embeddedBank } from './embedded-bank.js';
import { Embedder, STEPS_PER_EMBEDDING } from './embedder.js';
import {
  type ExampleOptions,
  type Examples,
  makeExamples,
  openAugmenter,
  type SpokenClip,
} from './examples.js';
import { adviceFor, type Forecast, forecastOf, whyRefused } from './forecast.js';
import { onDisk } from './full-disk.js';
import { movedGate } from './gate-bar.js';
import { GATE_TAPS, trainGate } from './gate-trainer.js';
import { LeftOut } from './left-out.js';
import { lengthOf, type Phrase } from './phrase.js';
import { hearExamples } from './score.js';
import { CLIP_COUNTS, type ClipCounts, QUICK_COUNTS, speakPhrase } from './speak-phrase.js';
import { unlikeness } from './take-likeness.js';
import { checkTakes, type Take } from './takes.js';
import { trainOpinions } from './train-opinions.js';

export interface MakeKeyword {
  readonly pack: ModelPack;
  readonly name: string;
  readonly phrase: Phrase;
  /** Recordings of the phrase by those who are going to say it. */
  readonly takes?: readonly Take[];
  /** Recordings that set an earlier version off, or might. */
  readonly mistakes?: readonly Int16Array[];
  /** What is spoken is kept here, so that an interrupted run continues. */
  readonly folder: string;
  /** The embeddings of the bank are kept here. */
  readonly cache: string;
  readonly clips?: ClipCounts;
  /** For the voices of the takes: without Kokoro, which takes most of the time. */
  readonly quick?: boolean;
  /** Fewer for a test. */
  readonly steps?: number;
  readonly seed?: number;
  /** Writes it though the forecast is bad. */
  readonly anyway?: boolean;
  readonly onProgress?: (progress: KeywordProgress) => void;
}

/** How far the work is. */
export interface KeywordProgress {
  readonly stage: 'bank' | 'speak' | 'listen' | 'train' | 'measure';
  readonly done: number;
  readonly of: number;
}

export interface MadeKeyword {
  readonly keyword: OwnKeyword;
  readonly forecast: Forecast;
  readonly advice: readonly string[];
}

const HOURS_OF_STEP = 0.04 / 3600;
const COPIES = 10;
const NEAR_COPIES = 8;
/** So many times as often what a person says is none is learned from: there are few of them, and they are what is heard where it is used. */
const MISTAKE_WEIGHT = 4;
/** Of what the forecast comes from: as it is spoken, and in noise and rooms. */
const HELD_OUT_COPIES = { none: 4, all: 2 } as const;
const TAKE_COPIES = 30;
const HEAD_STEPS = 4000;
/** Of one voice there is less to learn, and it is to be ready in two minutes. */
const QUICK_STEPS = 2000;
const GATE_STEPS = 1000;
const HIDDEN = 40;
/** Parts into which takes are divided: each is heard by a keyword that was trained with the others. */
const FOLDS = 2;
/** Of all steps, those of a keyword that is only made to hear takes that it was not trained with. */
const FOLD_STEPS = 0.4;

/**
 * Makes a keyword from text, and from recordings where there are some: speaks it, hears it through noise and rooms, trains two heads and
 * a gate against the bank, chooses the threshold, and says how well it is going to work.
 *
 * @throws WakegateError WG_KEYWORD_INVALID where it cannot work, or where takes are not usable; WG_DATA_INVALID without a bank;
 *   WG_PROGRAM_MISSING without voices; WG_STATE_UNUSABLE for a full disk
 */
export async function makeKeyword(settings: MakeKeyword): Promise<MadeKeyword> {
  return onDisk(settings.folder, () => make(settings));
}

async function make(settings: MakeKeyword): Promise<MadeKeyword> {
  const { pack, name, phrase, takes = [], quick = false, seed = 1, anyway = false } = settings;
  const clips = settings.clips ?? (quick ? QUICK_COUNTS : CLIP_COUNTS);
  const report = settings.onProgress ?? (() => {});
  const embedder = await Embedder.load(pack);
  const { tf } = embedder.backend;
  report({ stage: 'bank', done: 0, of: 1 });
  const bank = await embeddedBank(pack, embedder, settings.cache, (done, of) =>
    report({ stage: 'bank', done, of }),
  );
  const secondEmbedder = bank.second && (await SecondEmbedder.load(pack, embedder.backend));
  const kokoro = quick ? null : await Kokoro.load(voicesFolder()).catch(() => null);
  const spoken = await speakPhrase(phrase, clips, kokoro, join(settings.folder, 'clips'), (done, of) =>
    report({ stage: 'speak', done, of }),
  );
  await kokoro?.close();

  const random = new Random(seed);
  const augmenter = openAugmenter(spoken.near, random);
  const mistakes = settings.mistakes ?? [];
  const alike: SpokenClip[] = [
    ...spoken.near,
    ...Array.from({ length: MISTAKE_WEIGHT }, () =>
      mistakes.map((samples) => ({ samples, speaker: -1 })),
    ).flat(),
  ];
  const folds =
    takes.length === 0 ? [] : Array.from({ length: Math.min(FOLDS, takes.length) }, () => [] as SpokenClip[]);
  for (const [i, { samples }] of takes.entries()) folds[i % folds.length].push({ samples, speaker: -1 });
  const total =
    spoken.phrase.length * COPIES +
    alike.length * NEAR_COPIES +
    spoken.heldOut.length * (HELD_OUT_COPIES.none + HELD_OUT_COPIES.all) +
    takes.length * TAKE_COPIES;
  let made = 0;
  const examplesOf = (
    from: readonly SpokenClip[],
    copies: number,
    others = spoken.near,
    conditions: ExampleOptions['conditions'] = 'most',
  ): Examples => {
    const before = made;
    const examples = makeExamples(pack, embedder, from, others, copies, augmenter, random, {
      conditions,
      second: secondEmbedder,
      onDone: (done) => report({ stage: 'listen', done: before + done, of: total }),
    });
    made += examples.count;
    return examples;
  };
  const synthetic = examplesOf(spoken.phrase, COPIES);
  const near = examplesOf(alike, NEAR_COPIES);
  const heldOut = {
    quiet: examplesOf(spoken.heldOut, HELD_OUT_COPIES.none, spoken.near, 'none'),
    noisy: examplesOf(spoken.heldOut, HELD_OUT_COPIES.all, spoken.near, 'all'),
  };
  const takeExamples = folds.map((fold) => examplesOf(fold, TAKE_COPIES));
  /** Takes as they are: half of them once more in noise. */
  const cleanTakes = folds.map((fold) => examplesOf(fold, 1, []));

  const { size, channels } = embedder;
  const leftOut = {
    train: new LeftOut(bank.words?.clipsSaying('train', phrase.text) ?? []),
    dev: new LeftOut(bank.words?.clipsSaying('dev', phrase.text) ?? []),
  };
  const isLeftOut = (split: 'train' | 'dev') => (position: number) => {
    const from = STEPS_PER_EMBEDDING * position;
    return leftOut[split].touches(from, from + embedder.stepsOfPosition);
  };
  const steps = settings.steps ?? (quick ? QUICK_STEPS : HEAD_STEPS);
  const opinions = (
    positives: readonly Examples[],
    share: number,
    heardAs: 'train' | 'measure',
    against = bank,
  ) =>
    trainOpinions({
      tf,
      size,
      bank: against,
      isLeftOut: isLeftOut('train'),
      positives: [synthetic, ...positives],
      near,
      random,
      hidden: HIDDEN,
      steps: Math.round(steps * share),
      onStep: (done, of) => report({ stage: heardAs, done, of }),
    });
  if (!anyway) {
    checkTakes(takes, unlikeness(pack, embedder, takes), () => {
      const { head } = opinions([], FOLD_STEPS, 'measure', { ...bank, second: null });
      const hearing = { tf, size, channels, head, gate: null };
      const scores = cleanTakes.map((some) => hearExamples(hearing, some));
      return takes.map((_, i) => scores[i % folds.length][Math.floor(i / folds.length)]);
    });
  }
  const all = opinions(takeExamples, 1, 'train');
  report({ stage: 'measure', done: 0, of: 1 });
  const gate = movedGate(
    trainGate({
      channels,
      positives: [synthetic, ...takeExamples],
      near,
      bank: bank.trainLevels,
      isLeftOut: (step) => leftOut.train.touches(step, step + GATE_TAPS),
      random,
      steps: Math.min(steps, GATE_STEPS),
    }),
    [heldOut.quiet, heldOut.noisy, ...takeExamples],
    bank.devLevels,
    channels,
  );
  const length = lengthOf(phrase);
  const devHours = bank.hours.dev - leftOut.dev.steps * HOURS_OF_STEP;
  const common = {
    ...{ tf, size, channels, gate, bank, heldOut: [heldOut.quiet, heldOut.noisy] },
    isLeftOut: isLeftOut('dev'),
    hours: devHours,
    length,
  };
  const { threshold, hearing, scores, open, perHour } = calibrate({ ...all, ...common });
  const takesHeard = cleanTakes.flatMap((clean, fold) => {
    const others = takeExamples.filter((_, i) => i !== fold);
    const trained = calibrate({ ...opinions(others, FOLD_STEPS, 'measure'), ...common });
    return [...hearExamples(trained.hearing, clean)].map((score) => score >= trained.threshold);
  });
  const forecast = forecastOf({
    scores,
    open,
    perHour,
    threshold,
    devHours,
    leftOut: bank.words && {
      clips: leftOut.train.clips + leftOut.dev.clips,
      minutes: 60 * HOURS_OF_STEP * (leftOut.train.steps + leftOut.dev.steps),
    },
    sources: bank.devSources,
    quiet: hearExamples(hearing, heldOut.quiet),
    noisy: hearExamples(hearing, heldOut.noisy),
    near: hearExamples(hearing, near),
    takesHeard: takes.length > 0 ? takesHeard : null,
    length,
  });
  const advice = adviceFor(phrase, forecast, { takes: takes.length, isNeural: kokoro !== null || quick });
  const { takesMissed } = forecast;
  // Strangers are not what it is for.
  const why = whyRefused(phrase, quick && takesMissed ? { ...forecast, missed: takesMissed } : forecast);
  if (why !== null && !anyway) throw new WakegateError('WG_KEYWORD_INVALID', why);
  const { head, second } = hearing;
  const keyword: OwnKeyword = {
    name,
    phrase: phrase.text,
    trunk: trunkOf(pack),
    threshold: Math.round(threshold * 1e4) / 1e4,
    patience: 1,
    head: { embeddings: HEAD_EMBEDDINGS, size, ...head, b2: head.b2[0] },
    gate: { taps: gate.weights.length / channels, channels, ...gate },
    second: second
      ? {
          head: { embeddings: HEAD_EMBEDDINGS, size: second.size, ...second.head, b2: second.head.b2[0] },
          weightsSha256: pack.secondLook!.weightsSha256,
          ask: second.ask,
          bias: Math.round(second.bias * 1e4) / 1e4,
        }
      : null,
    made: {
      at: new Date().toISOString(),
      ...(phrase.language !== ENGLISH && { language: phrase.language }),
      voices: kokoro ? 'kokoro-82m, flite, festival, espeak-ng' : 'flite, festival, espeak-ng',
      clips: { spoken: spoken.phrase.length, near: spoken.near.length, heldOut: spoken.heldOut.length },
      takes: takes.length,
      mistakes: mistakes.length,
      bank: bank.sha256,
      seed,
    },
    forecast: { ...forecast },
  };
  return { keyword, forecast, advice };
}
