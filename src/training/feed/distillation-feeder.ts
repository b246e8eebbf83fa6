import { parentPort, workerData } from 'node:worker_threads';
import { readCorpus } from '../corpus/corpus.js';
import { readScenes, type TaughtScene } from '../corpus/distillation-set.js';
import { EMBEDDING, EMBEDDING_HOP_SAMPLES, embeddingEndingWith } from '../corpus/teacher.js';
import type { OnProgress } from '../progress.js';
import { Random } from '../random.js';
import { Augmenter } from './augment.js';
import type { FeederMessage } from './feeder.js';
import { FEATURES, mfccFrames } from './mfcc-frames.js';
import { moments } from './moments-of.js';

/** Settings of the feeder. */
export interface FeederSettings {
  readonly split: 'train' | 'dev';
  readonly cache: string;
  readonly seed: number;
  readonly batch: number;
  /** Frames in a window, and embeddings that the network gives for them. */
  readonly frames: number;
  readonly embeddings: number;
  /** Frames from a window's first to the last one that its first embedding sees. */
  readonly firstEmbeddingFrame: number;
  /** Clean audio instead of augmented. */
  readonly clean: boolean;
}

export interface Batch {
  /** [batch, frames, 20] */
  readonly frames: Float32Array<ArrayBuffer>;
  /** [batch, embeddings, 96] */
  readonly targets: Float32Array<ArrayBuffer>;
}

/** Augmented scenes to draw windows from; one is replaced per batch, so each is drawn from about 150 times. */
const POOL = 48;

interface HeardScene {
  readonly frames: Float32Array;
  readonly embeddings: Float32Array;
}

/**
 * Runs in a worker thread next to training. Makes batches of noisy windows, with the teacher's embeddings of the clean ones. Each
 * message asks for one batch.
 */
async function feed(settings: FeederSettings): Promise<void> {
  const say = (message: FeederMessage<ReturnType<typeof standardization>>) =>
    parentPort!.postMessage(message);
  const onProgress: OnProgress = (progress) => say({ progress });
  const random = new Random(settings.seed);
  const scenes = await readScenes(settings.split, settings.cache);
  const augmenter = new Augmenter(await readCorpus(settings.split, settings.cache, { onProgress }), random);
  const hear = (scene: TaughtScene): HeardScene => ({
    frames: mfccFrames(settings.clean ? scene.samples : augmenter.scene(scene.samples)),
    embeddings: scene.embeddings,
  });
  let order: TaughtScene[] = [];
  const nextScene = (): TaughtScene => {
    if (order.length === 0) order = random.shuffled(scenes);
    return order.pop()!;
  };
  const pool: HeardScene[] = [];
  parentPort!.on('message', () => {
    if (pool.length < POOL) pool.push(...Array.from({ length: 8 }, () => hear(nextScene())));
    else pool[random.index(POOL)] = hear(nextScene());
    const batch = drawBatch(pool, settings, random);
    parentPort!.postMessage(batch, [batch.frames.buffer, batch.targets.buffer]);
  });
  say({ ready: standardization(scenes) });
}

function drawBatch(pool: readonly HeardScene[], settings: FeederSettings, random: Random): Batch {
  const { coefficients, hopSamples } = FEATURES;
  const frames = new Float32Array(settings.batch * settings.frames * coefficients);
  const targets = new Float32Array(settings.batch * settings.embeddings * EMBEDDING);
  const framesPerEmbedding = EMBEDDING_HOP_SAMPLES / hopSamples;
  const lag = embeddingEndingWith(settings.firstEmbeddingFrame, hopSamples);
  for (let item = 0; item < settings.batch; item++) {
    const scene = random.pick(pool);
    const choices = scene.embeddings.length / EMBEDDING - settings.embeddings - lag;
    const first = random.index(choices);
    const fromFrame = first * framesPerEmbedding * coefficients;
    frames.set(
      scene.frames.subarray(fromFrame, fromFrame + settings.frames * coefficients),
      item * settings.frames * coefficients,
    );
    const from = (first + lag) * EMBEDDING;
    targets.set(
      scene.embeddings.subarray(from, from + settings.embeddings * EMBEDDING),
      item * settings.embeddings * EMBEDDING,
    );
  }
  return { frames, targets };
}

/** Mean and standard deviation of the teacher's embeddings and of clean MFCCs, over some of the scenes. */
function standardization(scenes: readonly TaughtScene[]) {
  const some = scenes.filter((_, i) => i % 8 === 0);
  return {
    embedding: moments(
      some.map((scene) => scene.embeddings),
      EMBEDDING,
    ),
    mfcc: moments(
      some.map((scene) => mfccFrames(scene.samples)),
      FEATURES.coefficients,
    ),
  };
}

if (parentPort) await feed(workerData as FeederSettings);
