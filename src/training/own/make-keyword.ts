import { mkdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { WakegateError } from '../../errors.js';
import { type ModelPack, type OwnKeyword, trunkOf } from '../../model/index.js';
import { type Bank, readBank } from '../bank/bank.js';
import { Random } from '../random.js';
import { Kokoro } from '../voices/kokoro.js';
import { voicesFolder } from '../voices/voices-folder.js';
import { Embedder } from './embedder.js';
import { type Examples, makeExamples, openAugmenter, type SpokenClip } from './examples.js';
import { adviceFor, type Forecast, forecastOf, whyRefused } from './forecast.js';
import { type GateWeights, trainGate } from './gate-trainer.js';
import { HEAD_EMBEDDINGS, type Stream, trainHead } from './head-trainer.js';
import type { Perceptron } from './perceptron.js';
import type { Phrase } from './phrase.js';
import { gateReach, type Heard, hear, hearExamples, peaksOf } from './score.js';
import { CLIP_COUNTS, type ClipCounts, speakPhrase } from './speak-phrase.js';
import { checkTakes, type Take } from './takes.js';

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

const COPIES = 10;
const NEAR_COPIES = 8;
const HELD_OUT_COPIES = 3;
const TAKE_COPIES = 30;
const HEAD_STEPS = 3000;
const GATE_STEPS = 1000;
const HIDDEN = 40;
/** False accepts an hour that are allowed on the dev part of the bank. */
const PER_HOUR = 0.3;
/** Nothing is detected below, however quiet the bank is. */
const LEAST_THRESHOLD = 0.4;
const MOST_THRESHOLD = 0.98;
/** Of what the head hears, the gate may stop this share. */
const GATE_STOPS = 0.01;

/**
 * Makes a keyword from text, and from recordings where there are some: speaks it, hears it through noise and rooms, trains a head and a
 * gate against the bank, chooses the threshold, and says how well it is going to work.
 *
 * @throws WakegateError WG_KEYWORD_INVALID where it cannot work, or where takes are not usable; WG_DATA_INVALID without a bank;
 *   WG_PROGRAM_MISSING without voices
 */
export async function makeKeyword(settings: MakeKeyword): Promise<MadeKeyword> {
  const { pack, name, phrase, takes = [], clips = CLIP_COUNTS, seed = 1, anyway = false } = settings;
  const report = settings.onProgress ?? (() => {});
  const embedder = await Embedder.load(pack);
  const { tf } = embedder.backend;
  report({ stage: 'bank', done: 0, of: 1 });
  const bank = await embeddedBank(pack, embedder, settings.cache, (done, of) =>
    report({ stage: 'bank', done, of }),
  );
  const kokoro = await Kokoro.load(voicesFolder()).catch(() => null);
  const spoken = await speakPhrase(phrase, clips, kokoro, join(settings.folder, 'clips'), (done, of) =>
    report({ stage: 'speak', done, of }),
  );

  const random = new Random(seed);
  const augmenter = openAugmenter(spoken.near, random);
  const mistakes: SpokenClip[] = (settings.mistakes ?? []).map((samples) => ({ samples, speaker: -1 }));
  const own: SpokenClip[] = takes.map(({ samples }) => ({ samples, speaker: -1 }));
  const total =
    spoken.phrase.length * COPIES +
    (spoken.near.length + mistakes.length) * NEAR_COPIES +
    spoken.heldOut.length * HELD_OUT_COPIES +
    own.length * TAKE_COPIES;
  let made = 0;
  const examplesOf = (from: readonly SpokenClip[], copies: number): Examples => {
    const before = made;
    const examples = makeExamples(pack, embedder, from, spoken.near, copies, augmenter, random, (done) =>
      report({ stage: 'listen', done: before + done, of: total }),
    );
    made += examples.count;
    return examples;
  };
  const synthetic = examplesOf(spoken.phrase, COPIES);
  const near = examplesOf([...spoken.near, ...mistakes], NEAR_COPIES);
  const heldOut = examplesOf(spoken.heldOut, HELD_OUT_COPIES);
  const takeExamples = own.length > 0 ? examplesOf(own, TAKE_COPIES) : null;
  const positives = takeExamples ? [synthetic, takeExamples] : [synthetic];
  const { size, channels } = embedder;

  const steps = settings.steps ?? HEAD_STEPS;
  const trained = (withTakes: boolean): Perceptron =>
    trainHead({
      tf,
      size,
      positives: withTakes ? positives : [synthetic],
      shares: withTakes && takeExamples ? [0.6, 0.4] : [1],
      near,
      bank: bank.train,
      random,
      hidden: HIDDEN,
      steps,
      onStep: (step) => {
        if (step % 50 === 0) report({ stage: 'train', done: step, of: steps });
      },
    });
  const clean = own.length > 0 ? examplesOfTakes(own) : null;
  if (clean) checkTakes(takes, hearExamples(tf, trained(false), null, clean, size, channels));
  const head = trained(true);
  report({ stage: 'measure', done: 0, of: 1 });
  const gate = shifted(
    trainGate({
      channels,
      positives,
      near,
      bank: bank.trainLevels,
      random,
      steps: Math.min(steps, GATE_STEPS),
    }),
    [heldOut, ...(takeExamples ? [takeExamples] : [])],
    channels,
  );

  const heard = hear(tf, head, gate, { stream: bank.dev, levels: bank.devLevels, size, channels });
  const heldOutScores = hearExamples(tf, head, gate, heldOut, size, channels);
  const threshold = chooseThreshold(heard, bank.hours.dev, heldOutScores);
  const forecast = forecastOf({
    heard,
    threshold,
    devHours: bank.hours.dev,
    sources: bank.devSources,
    heldOut: heldOutScores,
    near: hearExamples(tf, head, gate, near, size, channels),
    takes: clean && hearExamples(tf, head, gate, clean, size, channels),
  });
  const advice = adviceFor(phrase, forecast, { takes: takes.length, isNeural: kokoro !== null });
  const why = whyRefused(phrase, forecast);
  if (why !== null && !anyway) throw new WakegateError('WG_KEYWORD_INVALID', why);
  const keyword: OwnKeyword = {
    name,
    phrase: phrase.text,
    trunk: trunkOf(pack),
    threshold: Math.round(threshold * 1e4) / 1e4,
    patience: 1,
    head: { embeddings: HEAD_EMBEDDINGS, size, ...head, b2: head.b2[0] },
    gate: { taps: gate.weights.length / channels, channels, ...gate },
    made: {
      at: new Date().toISOString(),
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

  /** Takes as they are, and once more in noise. */
  function examplesOfTakes(own: readonly SpokenClip[]): Examples {
    return makeExamples(pack, embedder, own, [], 1, augmenter, random);
  }
}

/** The gate with the highest bar that stops next to none of what is to be heard. */
function shifted(gate: GateWeights, examples: readonly Examples[], channels: number): GateWeights {
  const reach = examples.flatMap((some) => [...gateReach(gate, some, channels)]).sort((a, b) => a - b);
  const bar = reach[Math.floor(reach.length * GATE_STOPS)];
  return { ...gate, bias: gate.bias - bar };
}

/**
 * The lowest threshold with few enough false accepts in the bank; a higher one where voices that training never heard are heard there just
 * as well, since the bank is small and a home is not.
 */
function chooseThreshold({ scores }: Heard, hours: number, heldOut: Float32Array): number {
  const peaks = peaksOf(scores, LEAST_THRESHOLD);
  const allowed = Math.floor(PER_HOUR * hours);
  const bank = peaks.length > allowed ? peaks[allowed].score + 1e-4 : LEAST_THRESHOLD;
  const sorted = Float32Array.from(heldOut).sort();
  const free = 0.7 * sorted[Math.floor(sorted.length * 0.02)];
  return Math.min(MOST_THRESHOLD, Math.max(bank, LEAST_THRESHOLD, Math.min(free, 0.8)));
}

interface EmbeddedBank {
  readonly train: Stream;
  readonly trainLevels: Uint8Array;
  readonly dev: Stream;
  readonly devLevels: Uint8Array;
  /** Where each part of dev ends, in steps, and what it is. */
  readonly devSources: readonly { readonly kind: string; readonly corpus: string; readonly until: number }[];
  readonly hours: Bank['hours'];
  readonly sha256: string;
}

/** The bank with its embeddings, which take a while: they are kept for the next keyword. */
async function embeddedBank(
  pack: ModelPack,
  embedder: Embedder,
  cache: string,
  onProgress: (done: number, of: number) => void,
): Promise<EmbeddedBank> {
  const bank = await readBank(pack);
  const levelsOfSplit = (split: 'train' | 'dev') =>
    new Uint8Array(
      Buffer.concat(bank.parts.filter((part) => part.split === split).map(({ levels }) => levels)),
    );
  const trainLevels = levelsOfSplit('train');
  const devLevels = levelsOfSplit('dev');
  const path = join(cache, `bank-${bank.sha256.slice(0, 12)}.embeddings`);
  const counts = [trainLevels, devLevels].map(({ length }) => embedder.countOf(length / embedder.channels));
  const bytes = (counts[0] + counts[1]) * embedder.size;
  let values: Int8Array;
  if ((await stat(path).catch(() => null))?.size === bytes) values = new Int8Array(await readFile(path));
  else {
    values = new Int8Array(bytes);
    values.set(embedder.embed(trainLevels));
    onProgress(counts[0], counts[0] + counts[1]);
    values.set(embedder.embed(devLevels), counts[0] * embedder.size);
    await mkdir(cache, { recursive: true });
    const part = `${path}.${process.pid}.part`;
    await writeFile(part, values);
    await rename(part, path);
  }
  let until = 0;
  const devSources = bank.parts
    .filter(({ split }) => split === 'dev')
    .map(({ kind, corpus, levels }) => {
      until += levels.length / embedder.channels;
      return { kind, corpus, until };
    });
  const split = counts[0] * embedder.size;
  return {
    train: { values: values.subarray(0, split), count: counts[0] },
    trainLevels,
    dev: { values: values.subarray(split), count: counts[1] },
    devLevels,
    devSources,
    hours: bank.hours,
    sha256: bank.sha256,
  };
}
