import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { readCorpus } from '../corpus/corpus.js';
import type { Fold } from '../corpus/folds.js';
import type { SpokenCounts } from '../corpus/spoken-words.js';
import { EMBEDDING } from '../corpus/teacher.js';
import { AUGMENT, type AugmentSettings } from '../feed/augment.js';
import type { RecordingSet } from '../feed/background.js';
import { Feeder } from '../feed/feeder.js';
import type { KeywordBatch, KeywordFeederSettings, PoolSizes, WindowCounts } from '../feed/keyword-feeder.js';
import { KeywordNetwork, trainableVariables } from '../network/keyword-network.js';
import { type Moments, standardized } from '../network/moments.js';
import { type NetworkShape, SHAPE, spans } from '../network/network.js';
import { readWeightMap, setWeights } from '../network/weights.js';
import type { OnProgress } from '../progress.js';
import { Adam } from './adam.js';
import { HardNegatives } from './hard-negatives.js';
import { gateLoss, headsLoss, type LossWeights } from './heads-loss.js';
import { type LoopOptions, runLoop } from './loop.js';
import { DevSet } from './whole-clip.js';

export interface HeadsSettings {
  readonly cache: string;
  /** More recordings than those of the data folder. */
  readonly more: readonly RecordingSet[];
  /** What an earlier network was wrong about, as `writeMistakes` keeps it; null for none. */
  readonly mistakes: string | null;
  readonly augment: AugmentSettings;
  /** Folder of the trunk's run, and of this one. */
  readonly trunk: string;
  readonly run: string;
  /** Weights of an earlier run to start from, instead of the trunk's and new heads. */
  readonly init: string | null;
  readonly seed: number;
  readonly keywords: readonly string[];
  readonly voices: SpokenCounts;
  /** The part of the corpus that is held out, to count false accepts on; null for none. */
  readonly fold: Fold | null;
  /** Trains the gate and nothing else: what is handed over, and what the classifier makes of it, stays as it is. */
  readonly gateOnly: boolean;
  readonly steps: number;
  /** Steps from one checkpoint, and one measurement of dev, to the next. */
  readonly checkpointEvery: number;
  /** Steps at the start in which only the heads are trained. */
  readonly headSteps: number;
  readonly learningRate: number;
  readonly counts: WindowCounts;
  readonly pools: PoolSizes;
  /** Hard negatives in a batch. They are mined every `mining.every` steps, from `mining.batches` batches. */
  readonly hard: number;
  readonly mining: { readonly every: number; readonly batches: number };
  readonly weights: LossWeights;
}

export const WAKE_WORDS = [
  'alexa',
  'computer',
  'jarvis',
  'smart_mirror',
  'snowboy',
  'view_glass',
  'athena',
  'amelia',
] as const;

export const HEADS: HeadsSettings = {
  cache: '.cache',
  more: [],
  mistakes: null,
  augment: AUGMENT,
  trunk: '.cache/trunk-1',
  run: '.cache/heads-1',
  init: null,
  seed: 1,
  keywords: WAKE_WORDS,
  voices: { keyword: 100, near: 16 },
  fold: null,
  gateOnly: false,
  steps: 5000,
  checkpointEvery: 1000,
  headSteps: 300,
  learningRate: 1e-3,
  counts: { keyword: 40, other: 24, noise: 28, scene: 48 },
  pools: { keyword: 40, scene: 48, noise: 24 },
  hard: 32,
  mining: { every: 250, batches: 16 },
  weights: { gate: 0.5, positiveGate: 3, distillation: 0.3, beta: 0.1 },
};

/** For a gate that is trained alone: more of what it has to open for in noise, and of the noise and music that it is to stay shut in. */
export const GATE_ONLY = {
  gateOnly: true,
  headSteps: 0,
  counts: { keyword: 64, other: 12, noise: 56, scene: 24 },
  augment: { ...AUGMENT, noisy: 0.85, snrDb: [0, 20] },
} as const satisfies Partial<HeadsSettings>;

const EMBEDDINGS = 24;

/**
 * Trains gate head and keyword head on a distilled trunk, then all of it together, with hard negatives that are mined on the way.
 *
 * @throws WakegateError WG_DATA_INVALID where `run` holds a run with other settings
 */
export async function trainHeads(
  settings: HeadsSettings,
  options: LoopOptions & { readonly shape?: NetworkShape } = {},
): Promise<void> {
  const { shape = SHAPE, onProgress } = options;
  const { mfcc, embedding } = JSON.parse(
    await readFile(join(settings.trunk, 'standardization.json'), 'utf8'),
  ) as Record<string, Moments>;
  const network = new KeywordNetwork(shape, settings.keywords, mfcc, settings.seed);
  const frames = spans.framesForFrontSteps(shape, spans.stepsForEmbeddings(shape, EMBEDDINGS));
  const hard = new HardNegatives(settings.hard, frames * shape.coefficients);
  const heads = new Adam(trainableVariables(network.headLayers));
  const whole = new Adam(trainableVariables(network.layers));
  const gate = new Adam(trainableVariables(network.gate.layers));
  const isHeadOnly = (step: number) => step <= settings.headSteps;
  const optimizerAt = (step: number) => (settings.gateOnly ? gate : isHeadOnly(step) ? heads : whole);
  const dev = new DevSet(await readCorpus('dev', settings.cache, { onProgress }), settings.keywords);

  /** One step on a batch and the hard negatives drawn for it. */
  const descend = (step: number, batch: KeywordBatch, hardFrames: Float32Array): number =>
    tf.tidy(() => {
      const inputs = new Float32Array(batch.frames.length + hardFrames.length);
      inputs.set(batch.frames);
      inputs.set(hardFrames, batch.frames.length);
      const windows = inputs.length / (frames * shape.coefficients);
      const x = network.standardize(inputs, windows);
      const { counts, weights } = settings;
      if (settings.gateOnly) {
        const activations = network.front.apply(x, { training: false }) as tf.Tensor;
        return gate.minimize(
          () =>
            gateLoss(
              network.gate.apply(activations, { training: true }) as tf.Tensor,
              counts.keyword,
              weights.positiveGate,
            ),
          learningRate(step, settings),
        );
      }
      const targets = standardized(batch.targets, [counts.scene, EMBEDDINGS, 1, EMBEDDING], embedding);
      return optimizerAt(step).minimize(
        () => headsLoss(network.forward(x, true, !isHeadOnly(step)), batch.labels, targets, counts, weights),
        learningRate(step, settings),
      );
    });

  await runLoop(
    {
      run: settings.run,
      settings: { ...settings, shape },
      layers: network.layers,
      steps: settings.steps,
      checkpointEvery: settings.checkpointEvery,
      reportEvery: 50,
      decayAt: (step) => (step < 1000 ? 0.9 : 0.98),
      optimizerAt,
      extra: hard,
      initialize: async () => {
        if (settings.init) network.setWeights(await readWeightMap(settings.init));
        else setWeights(network.trunkLayers, await readWeightMap(join(settings.trunk, 'averaged.bin')));
      },
      openLeg: async (from) => {
        const feeder = await startFeeder(settings, shape, frames, from, onProgress);
        network.reseed(settings.seed + from);
        hard.reseed(settings.seed + from);
        return {
          train: async (step) => {
            const batch = await feeder.next();
            if (step % settings.mining.every === 0) {
              for (let i = 0; i < settings.mining.batches; i++)
                hard.mine(network, await feeder.next(), settings.counts);
            }
            return descend(step, batch, hard.draw());
          },
          counts: () => ({ 'hard negatives': hard.size }),
          close: () => feeder.stop(),
        };
      },
      measure: async () => dev.figures(network),
    },
    options,
  );
}

function startFeeder(
  settings: HeadsSettings,
  shape: NetworkShape,
  frames: number,
  fromStep: number,
  onProgress?: OnProgress,
): Promise<Feeder<null, KeywordBatch>> {
  const feederSettings: KeywordFeederSettings = {
    cache: settings.cache,
    more: settings.more,
    mistakes: settings.mistakes,
    augment: settings.augment,
    seed: settings.seed,
    fromStep,
    keywords: settings.keywords,
    voices: settings.voices,
    fold: settings.fold,
    frames,
    embeddings: EMBEDDINGS,
    firstEmbeddingFrame: spans.framesForFrontSteps(shape, spans.stepsForEmbeddings(shape, 1)) - 1,
    counts: settings.counts,
    pools: settings.pools,
  };
  return Feeder.start(new URL('../feed/keyword-feeder.js', import.meta.url), feederSettings, onProgress);
}

/** Warm-up over 150 steps from the start, and from where the trunk joins in; then a cosine down to a hundredth. */
function learningRate(step: number, { headSteps, steps, learningRate }: HeadsSettings): number {
  const headOnly = step <= headSteps;
  const since = step - (headOnly ? 0 : headSteps);
  const cosine = headOnly ? 1 : 0.5 * (1 + Math.cos((Math.PI * since) / (steps - headSteps)));
  return learningRate * Math.max(0.01, cosine) * Math.min(1, since / 150);
}
