import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import type { Fold } from '../corpus/folds.js';
import type { SpokenCounts } from '../corpus/spoken-words.js';
import { EMBEDDING } from '../corpus/teacher.js';
import type { RecordingSet } from '../feed/background.js';
import { Feeder } from '../feed/feeder.js';
import type { SecondMoments } from '../feed/second-feeder.js';
import type {
  SecondCounts,
  SecondKeywordBatch,
  SecondKeywordFeederSettings,
} from '../feed/second-keyword-feeder.js';
import { trainableVariables } from '../network/keyword-network.js';
import { standardized } from '../network/moments.js';
import { SecondKeywordNetwork } from '../network/second-keyword-network.js';
import {
  framesForEmbeddings,
  isSpeechEmbedding,
  levelsOf,
  SECOND_SHAPE,
  type SecondShape,
} from '../network/second-network.js';
import { readWeightMap, setWeights, type WeightMap } from '../network/weights.js';
import { Random } from '../random.js';
import { Adam } from './adam.js';
import { WAKE_WORDS } from './heads.js';
import { type LoopOptions, runLoop } from './loop.js';

export interface SecondKeywordSettings {
  readonly sets: readonly RecordingSet[];
  /** Folder of the distilled body. */
  readonly trunk: string;
  readonly run: string;
  readonly seed: number;
  readonly keywords: readonly string[];
  readonly voices: SpokenCounts;
  /** What the first network is wrong about (`train mistakes`); null for none. */
  readonly mistakes: string | null;
  /** Weights of an earlier run to continue from, instead of the distilled body's and a new head; null for none. */
  readonly init: string | null;
  /** Weights of an earlier run, of which only the head is taken, for the distilled body; null for a new head. */
  readonly head: string | null;
  /** The part of the recordings that is held out, to count false accepts on; null for none. */
  readonly fold: Fold | null;
  /** Corpora whose dev recordings are learned from too, so that this network cannot be measured on them. */
  readonly alsoDev: readonly string[];
  readonly steps: number;
  readonly headSteps: number;
  readonly checkpointEvery: number;
  readonly learningRate: number;
  readonly embeddings: number;
  readonly counts: SecondCounts;
  /** Windows of each batch that it was wrong about before. */
  readonly hard: number;
  readonly distillation: number;
}

export const SECOND_KEYWORDS: Omit<SecondKeywordSettings, 'sets'> = {
  trunk: '.cache/second-trunk',
  run: '.cache/second-words',
  seed: 7,
  keywords: WAKE_WORDS,
  voices: { keyword: 60, near: 6 },
  mistakes: null,
  init: null,
  head: null,
  fold: null,
  alsoDev: [],
  steps: 2000,
  headSteps: 150,
  checkpointEvery: 250,
  learningRate: 1e-3,
  embeddings: 20,
  counts: { keyword: 24, other: 16, noise: 6, mistake: 16, scene: 28 },
  hard: 16,
  distillation: 0.3,
};

/** Hard windows that are kept, the oldest replaced first; of a batch's windows without a keyword, the worst are added. */
const HARD_POOL = 1500;
const HARD_SHARE = 1 / 8;
const HARD_FLOOR = 0.02;

/**
 * Trains the keyword head of the second look on its distilled body, then all of it. Positions are judged one by one, as a second look
 * asks about one.
 *
 * @throws WakegateError WG_DATA_INVALID where the folder holds a run with other settings
 */
export async function trainSecondKeywords(
  settings: SecondKeywordSettings,
  options: LoopOptions & { readonly shape?: SecondShape } = {},
): Promise<void> {
  const { shape = SECOND_SHAPE, onProgress } = options;
  const { sets, ...kept } = settings;
  const { embeddings, keywords, seed } = settings;
  const counts = settings.mistakes === null ? { ...settings.counts, mistake: 0 } : settings.counts;
  const moments = JSON.parse(await readFile(join(settings.trunk, 'moments.json'), 'utf8')) as SecondMoments;
  const network = new SecondKeywordNetwork(shape, keywords.length, embeddings, moments.levels, seed);
  const { frames, positions } = network;
  const levels = levelsOf(shape);
  const windowLength = frames * levels.bands;
  const heads = new Adam(trainableVariables(network.head.layers));
  const whole = new Adam(trainableVariables(network.layers));
  // A body that is not ours stays as it is, and one that never joins in.
  const isFrozen = isSpeechEmbedding(shape) || settings.headSteps >= settings.steps;
  const isHeadOnly = (step: number) => isFrozen || step <= settings.headSteps;
  const optimizerAt = (step: number) => (isHeadOnly(step) ? heads : whole);
  const hard = new HardWindows(windowLength, positions);
  const feederSettings: Omit<SecondKeywordFeederSettings, 'seed' | 'fromStep'> = {
    sets,
    keywords,
    voices: settings.voices,
    mistakes: settings.mistakes,
    fold: settings.fold,
    alsoDev: settings.alsoDev,
    counts,
    embeddings,
    frames,
    framesOfOne: framesForEmbeddings(shape, 1),
    framesOfPosition: framesForEmbeddings(shape, shape.headEmbeddings),
    positions,
    levels,
  };

  const trainStep = (batch: SecondKeywordBatch, step: number, random: Random): number => {
    const drawn = hard.draw(settings.hard, random);
    const size = batch.labels.length / positions;
    const windows = size + drawn.count;
    const heard = new Float32Array(windows * windowLength);
    heard.set(batch.levels);
    heard.set(drawn.levels, batch.levels.length);
    const labels = new Int32Array(windows * positions);
    labels.set(batch.labels);
    labels.set(drawn.labels, batch.labels.length);
    return tf.tidy(() => {
      const x = network.standardize(heard, windows);
      const targets = standardized(
        batch.targets,
        [counts.scene, embeddings, 1, EMBEDDING],
        moments.embedding,
      );
      if (isFrozen) {
        const embeddings = network.embeddings(x);
        return heads.minimize(
          () => {
            const logits = network.head.apply(embeddings, { training: true }) as tf.Tensor;
            hard.observe(batch, tf.softmax(logits));
            return positionLoss(logits, labels);
          },
          learningRate(step, { ...settings, headSteps: 0 }),
        );
      }
      return optimizerAt(step).minimize(
        () => {
          const forward = network.forward(x, true, !isHeadOnly(step));
          hard.observe(batch, tf.softmax(forward.logits));
          const scenes = tf.slice(
            forward.embeddings,
            [size - counts.scene, 0, 0, 0],
            [counts.scene, embeddings, 1, EMBEDDING],
          );
          // A scene without a teacher's opinion teaches its labels only.
          const asked = tf.reshape(tf.tensor1d(batch.taught), [counts.scene, 1, 1, 1]);
          const apart = tf.mul(asked, tf.squaredDifference(scenes, targets));
          const taught = tf.mul(settings.distillation, tf.mean(apart));
          return tf.add(positionLoss(forward.logits, labels), taught) as tf.Scalar;
        },
        learningRate(step, settings),
      );
    });
  };

  await runLoop(
    {
      run: settings.run,
      settings: { ...kept, shape },
      layers: network.layers,
      steps: settings.steps,
      checkpointEvery: settings.checkpointEvery,
      reportEvery: 25,
      decayAt: (step) => (step < 600 ? 0.9 : 0.97),
      optimizerAt,
      initialize: async () => {
        if (settings.init) network.setWeights(await readWeightMap(settings.init));
        else setWeights(network.body.layers, await readWeightMap(join(settings.trunk, 'averaged.bin')));
        if (settings.head) setWeights(network.head.layers, await readWeightMap(settings.head));
      },
      openLeg: async (from) => {
        const feeder = await Feeder.start<string, SecondKeywordBatch>(
          new URL('../feed/second-keyword-feeder.js', import.meta.url),
          { ...feederSettings, seed, fromStep: from },
          onProgress,
        );
        network.reseed(seed + from);
        const random = new Random(seed + from);
        return {
          train: async (step) => trainStep(await feeder.next(), step, random),
          counts: () => ({ 'hard windows': hard.size }),
          close: () => feeder.stop(),
        };
      },
      measure: async () => ({}),
      extra: hard,
    },
    options,
  );
}

/**
 * Warm-up over 100 steps from the start, and from where the body joins in; then a cosine down to a hundredth. Where it never joins in, the
 * cosine is that of the head.
 */
function learningRate(step: number, { headSteps, steps, learningRate }: SecondKeywordSettings): number {
  const start = step <= headSteps || headSteps >= steps ? 0 : headSteps;
  const since = step - start;
  const isWarm = step <= headSteps && headSteps < steps;
  const cosine = isWarm ? 1 : 0.5 * (1 + Math.cos((Math.PI * since) / (steps - start)));
  return learningRate * Math.max(0.01, cosine) * Math.min(1, since / 100);
}

/**
 * Cross-entropy over positions that are sure: the mean over those with a keyword, and over those without; of the latter the worst of
 * each window counts as much as all together.
 *
 * @param logits [windows, positions, 1, classes]
 * @param labels [windows * positions], below 0 for unsure
 */
export function positionLoss(logits: tf.Tensor, labels: Int32Array): tf.Scalar {
  const [windows, positions, , classes] = logits.shape;
  const logPosterior = tf.reshape(tf.logSoftmax(logits), [windows * positions, classes]);
  const known = tf.oneHot(
    tf.tensor1d(
      labels.map((label) => Math.max(0, label)),
      'int32',
    ),
    classes,
  );
  const surprise = tf.neg(tf.sum(tf.mul(logPosterior, known), 1));
  const ofKeywords = tf.tensor1d(Float32Array.from(labels, (label) => (label > 0 ? 1 : 0)));
  const ofNone = tf.tensor1d(Float32Array.from(labels, (label) => (label === 0 ? 1 : 0)));
  const meanOver = (mask: tf.Tensor) => tf.div(tf.sum(tf.mul(surprise, mask)), tf.maximum(1, tf.sum(mask)));
  const worst = tf.max(tf.reshape(tf.mul(surprise, ofNone), [windows, positions]), 1);
  return tf.addN([
    meanOver(ofKeywords),
    tf.mul(0.5, meanOver(ofNone)),
    tf.mul(0.5, tf.mean(worst)),
  ]) as tf.Scalar;
}

/** Windows without a keyword in which one was heard: they come again. */
class HardWindows {
  readonly #windowLength: number;
  readonly #positions: number;
  /** Oldest first. */
  #pool: { levels: Float32Array; labels: Int32Array }[] = [];

  constructor(windowLength: number, positions: number) {
    this.#windowLength = windowLength;
    this.#positions = positions;
  }

  get size(): number {
    return this.#pool.length;
  }

  draw(count: number, random: Random): { count: number; levels: Float32Array; labels: Int32Array } {
    const some = this.#pool.length < 2 * count ? 0 : count;
    const levels = new Float32Array(some * this.#windowLength);
    const labels = new Int32Array(some * this.#positions);
    for (let i = 0; i < some; i++) {
      const window = random.pick(this.#pool);
      levels.set(window.levels, i * this.#windowLength);
      labels.set(window.labels, i * this.#positions);
    }
    return { count: some, levels, labels };
  }

  /** Keeps those of a batch that are worst, by the posteriors [windows, positions, 1, classes] of the step that learns from it. */
  observe({ levels, labels }: SecondKeywordBatch, posteriors: tf.Tensor): void {
    const classes = posteriors.shape[3]!;
    const values = posteriors.dataSync();
    const count = labels.length / this.#positions;
    const worst: { window: number; score: number }[] = [];
    for (let window = 0; window < count; window++) {
      let score = 0;
      for (let p = 0; p < this.#positions; p++) {
        const at = window * this.#positions + p;
        if (labels[at] === 0) score = Math.max(score, 1 - values[at * classes]);
        if (labels[at] > 0) score = Number.NEGATIVE_INFINITY;
      }
      if (score > HARD_FLOOR) worst.push({ window, score });
    }
    worst.sort((a, b) => b.score - a.score);
    for (const { window } of worst.slice(0, Math.ceil(count * HARD_SHARE))) {
      this.#pool.push({
        levels: levels.slice(window * this.#windowLength, (window + 1) * this.#windowLength),
        labels: labels.slice(window * this.#positions, (window + 1) * this.#positions),
      });
    }
    this.#pool = this.#pool.slice(-HARD_POOL);
  }

  save(): WeightMap {
    const length = this.#windowLength + this.#positions;
    const values = new Float32Array(this.#pool.length * length);
    this.#pool.forEach(({ levels, labels }, i) => {
      values.set(levels, i * length);
      values.set(labels, i * length + this.#windowLength);
    });
    return new Map([['hard', { shape: [this.#pool.length, length], values }]]);
  }

  restore(saved: WeightMap): void {
    const { shape, values } = saved.get('hard')!;
    const [count, length] = shape;
    this.#pool = Array.from({ length: count }, (_, i) => {
      const one = values.subarray(i * length, (i + 1) * length);
      return {
        levels: one.slice(0, this.#windowLength),
        labels: Int32Array.from(one.subarray(this.#windowLength)),
      };
    });
  }
}
