import { parentPort, workerData } from 'node:worker_threads';
import { LogMel } from '../../features/log-mel.js';
import { listScenes, readScene } from '../corpus/distillation-set.js';
import { EMBEDDING, EMBEDDING_WINDOW_SAMPLES } from '../corpus/teacher.js';
import type { Moments } from '../network/moments.js';
import { SECOND_FEATURES, SECOND_HOP_FRAMES } from '../network/second-network.js';
import { Random } from '../random.js';
import { Augmenter } from './augment.js';
import { type RecordingSet, readBackground } from './background.js';
import { throughNarrowBand } from './band-limit.js';
import { moments } from './moments-of.js';

export interface SecondFeederSettings {
  readonly split: 'train' | 'dev';
  readonly sets: readonly RecordingSet[];
  readonly seed: number;
  readonly batch: number;
  readonly embeddings: number;
  /** Frames in a window, and those that its first embedding sees. */
  readonly frames: number;
  readonly framesOfOne: number;
  /** Clean sound instead of augmented. */
  readonly clean: boolean;
}

export interface SecondBatch {
  /** [batch, frames, bands] */
  readonly levels: Float32Array<ArrayBuffer>;
  /** [batch, embeddings, 96] */
  readonly targets: Float32Array<ArrayBuffer>;
}

export interface SecondMoments {
  readonly levels: Moments;
  readonly embedding: Moments;
}

/** Scenes as they were heard, to draw windows from, and how many of them are replaced at each batch: making one costs as much as a step. */
const POOL = 48;
const REPLACED = 1 / 3;
const NARROW_SHARE = 0.25;
/** A narrow band lasts about so long. */
const CONDITION_SAMPLES = 10 * 16_000;

interface Heard {
  readonly levels: Float32Array;
  readonly embeddings: Float32Array;
}

/** Runs in a worker thread: windows of noisy sound with the teacher's embeddings of the clean one. Scenes are read as they are needed. */
async function feed(settings: SecondFeederSettings): Promise<void> {
  const { batch, frames, embeddings, framesOfOne, sets, split, clean } = settings;
  const random = new Random(settings.seed);
  const logMel = new LogMel(SECOND_FEATURES);
  const { bands, hopSamples, windowSamples } = SECOND_FEATURES;
  const augmenter = new Augmenter(await readBackground(split, sets), random);
  let order: string[] = [];
  const next = async (): Promise<Heard> => {
    if (order.length === 0) {
      order = random.shuffled((await Promise.all(sets.map(({ cache }) => listScenes(split, cache)))).flat());
    }
    const scene = await readScene(order.pop()!);
    const samples = clean ? scene.samples : augmenter.scene(scene.samples);
    if (!clean) {
      for (let at = 0; at < samples.length; at += CONDITION_SAMPLES) {
        if (random.chance(NARROW_SHARE))
          throughNarrowBand(samples.subarray(at, at + CONDITION_SAMPLES), random);
      }
    }
    return { levels: logMel.frames(samples), embeddings: scene.embeddings };
  };
  // The student's first embedding ends with the same sample as the teacher's.
  const lead = Math.round(
    (EMBEDDING_WINDOW_SAMPLES - ((framesOfOne - 1) * hopSamples + windowSamples)) / hopSamples,
  );
  const draw = (pool: readonly Heard[]): SecondBatch => {
    const levels = new Float32Array(batch * frames * bands);
    const targets = new Float32Array(batch * embeddings * EMBEDDING);
    for (let item = 0; item < batch; item++) {
      const scene = random.pick(pool);
      const first = random.index(scene.embeddings.length / EMBEDDING - embeddings);
      const from = (first * SECOND_HOP_FRAMES + lead) * bands;
      levels.set(scene.levels.subarray(from, from + frames * bands), item * frames * bands);
      const at = first * EMBEDDING;
      targets.set(scene.embeddings.subarray(at, at + embeddings * EMBEDDING), item * embeddings * EMBEDDING);
    }
    return { levels, targets };
  };

  const pool: Heard[] = [];
  while (pool.length < POOL / 4) pool.push(await next());
  let turn = Promise.resolve();
  parentPort!.on('message', () => {
    turn = turn.then(async () => {
      if (pool.length < POOL) pool.push(await next(), await next());
      else if (random.chance(REPLACED)) pool[random.index(POOL)] = await next();
      const made = draw(pool);
      parentPort!.postMessage(made, [made.levels.buffer, made.targets.buffer]);
    });
  });
  const ready: SecondMoments = {
    levels: plainMoments(
      pool.map(({ levels }) => levels),
      bands,
    ),
    embedding: plainMoments(
      pool.map(({ embeddings }) => embeddings),
      EMBEDDING,
    ),
  };
  parentPort!.postMessage({ ready });
}

/** As plain arrays, which are kept as JSON. */
function plainMoments(parts: readonly Float32Array[], width: number): Moments {
  const { mean, deviation } = moments(parts, width);
  return { mean: Array.from(mean), deviation: Array.from(deviation) };
}

if (parentPort) await feed(workerData as SecondFeederSettings);
