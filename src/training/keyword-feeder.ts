import { parentPort, workerData } from 'node:worker_threads';
import { Augmenter } from './augment.js';
import { type Clip, readCorpus } from './corpus.js';
import { readScenes } from './distillation-set.js';
import { keywordScenes } from './keyword-scenes.js';
import { FEATURES, mfccFrames } from './mfcc-frames.js';
import { Random } from './random.js';
import type { Span } from './scenes.js';
import { EMBEDDING, EMBEDDING_HOP_SAMPLES, embeddingEndingWith } from './teacher.js';

export interface KeywordFeederSettings {
  readonly cache: string;
  readonly seed: number;
  readonly keywords: readonly string[];
  /** Frames in a window, embeddings that the network gives for it, and the last frame that the first of them sees. */
  readonly frames: number;
  readonly embeddings: number;
  readonly firstEmbeddingFrame: number;
  readonly counts: WindowCounts;
}

/** Windows of each kind in a batch, in this order. */
export interface WindowCounts {
  readonly keyword: number;
  /** Around keywords: other words, halves of keywords, speech. */
  readonly other: number;
  /** Noise, music, silence. */
  readonly noise: number;
  /** Speech with the teacher's embeddings. */
  readonly scene: number;
}

export interface KeywordBatch {
  /** [keyword + other + noise + scene, frames, 20] */
  readonly frames: Float32Array<ArrayBuffer>;
  /** [keyword], each 1 .. keywords */
  readonly labels: Int32Array<ArrayBuffer>;
  /** [scene, embeddings, 96] */
  readonly targets: Float32Array<ArrayBuffer>;
}

const KEYWORD_POOL = 36;
const SCENE_POOL = 48;
const NOISE_POOL = 16;
const NOISE_SAMPLES = 30 * 16_000;
/** A keyword ends at most this long before the end of its window. */
const LATEST_END_SAMPLES = 10_400;
/** A window is negative only where no keyword overlaps more than this with its end. */
const STRAY_SAMPLES = 1_600;

interface Heard {
  readonly frames: Float32Array;
  readonly spans: readonly Span[];
}

const { hopSamples, coefficients } = FEATURES;

class KeywordFeeder {
  readonly #settings: KeywordFeederSettings;
  readonly #random: Random;
  readonly #augmenter: Augmenter;
  readonly #noises: readonly Clip[];
  readonly #nextKeywordScene: () => Heard;
  readonly #nextScene: () => Heard & { embeddings: Float32Array };
  readonly #keywordPool: Heard[] = [];
  readonly #scenePool: (Heard & { embeddings: Float32Array })[] = [];
  readonly #noisePool: Heard[] = [];

  private constructor(
    settings: KeywordFeederSettings,
    clips: readonly Clip[],
    taught: Awaited<ReturnType<typeof readScenes>>,
  ) {
    this.#settings = settings;
    this.#random = new Random(settings.seed);
    this.#augmenter = new Augmenter(clips, this.#random);
    this.#noises = clips.filter((clip) => clip.kind === 'noise' || clip.kind === 'music');
    const scenes = keywordScenes(clips, settings.keywords, this.#random);
    this.#nextKeywordScene = () => {
      const scene = scenes.next().value as { samples: Int16Array; spans: Span[] };
      const samples = this.#random.chance(0.15) ? scene.samples : this.#augmenter.scene(scene.samples);
      return { frames: mfccFrames(samples), spans: scene.spans };
    };
    this.#nextScene = () => {
      const scene = this.#random.pick(taught);
      const samples = this.#random.chance(0.15) ? scene.samples : this.#augmenter.scene(scene.samples);
      return { frames: mfccFrames(samples), spans: scene.spans, embeddings: scene.embeddings };
    };
  }

  static async open(settings: KeywordFeederSettings): Promise<KeywordFeeder> {
    const clips = await readCorpus('train', settings.cache);
    return new KeywordFeeder(settings, clips, await readScenes('train', settings.cache));
  }

  batch(): KeywordBatch {
    refresh(this.#keywordPool, KEYWORD_POOL, 2, this.#nextKeywordScene, this.#random);
    refresh(this.#scenePool, SCENE_POOL, 1, this.#nextScene, this.#random);
    refresh(this.#noisePool, NOISE_POOL, 1, () => this.#nextNoise(), this.#random);
    const { counts, frames, embeddings, keywords } = this.#settings;
    const size = counts.keyword + counts.other + counts.noise + counts.scene;
    const batch: KeywordBatch = {
      frames: new Float32Array(size * frames * coefficients),
      labels: new Int32Array(counts.keyword),
      targets: new Float32Array(counts.scene * embeddings * EMBEDDING),
    };
    let item = 0;
    const put = (from: Heard, firstFrame: number) => {
      const window = from.frames.subarray(firstFrame * coefficients, (firstFrame + frames) * coefficients);
      batch.frames.set(window, item++ * frames * coefficients);
    };
    for (let i = 0; i < counts.keyword; i++) {
      const { scene, span, endFrame } = this.#drawKeyword();
      batch.labels[i] = keywords.indexOf(span.label) + 1;
      put(scene, endFrame - frames);
    }
    for (let i = 0; i < counts.other; i++) this.#putNegative(this.#keywordPool, put);
    for (let i = 0; i < counts.noise; i++) this.#putNegative(this.#noisePool, put);
    const framesPerEmbedding = EMBEDDING_HOP_SAMPLES / hopSamples;
    const lag = embeddingEndingWith(this.#settings.firstEmbeddingFrame, hopSamples);
    for (let i = 0; i < counts.scene; i++) {
      for (;;) {
        const scene = this.#random.pick(this.#scenePool);
        const first = this.#random.index(scene.embeddings.length / EMBEDDING - embeddings - lag);
        if (this.#holdsKeyword(scene, first * framesPerEmbedding + frames)) continue;
        put(scene, first * framesPerEmbedding);
        const from = (first + lag) * EMBEDDING;
        batch.targets.set(
          scene.embeddings.subarray(from, from + embeddings * EMBEDDING),
          i * embeddings * EMBEDDING,
        );
        break;
      }
    }
    return batch;
  }

  /** A keyword of the pool that is whole in a window, and the frame at which that window ends. */
  #drawKeyword() {
    for (;;) {
      const scene = this.#random.pick(this.#keywordPool);
      const span = this.#random.pick(scene.spans);
      if (!this.#settings.keywords.includes(span.label)) continue;
      const end = span.end + this.#random.between(-800, LATEST_END_SAMPLES);
      const endFrame = Math.round(end / hopSamples);
      if (endFrame < this.#settings.frames || endFrame * coefficients > scene.frames.length) continue;
      return { scene, span, endFrame };
    }
  }

  #putNegative(pool: readonly Heard[], put: (from: Heard, firstFrame: number) => void): void {
    const { frames } = this.#settings;
    for (;;) {
      const scene = this.#random.pick(pool);
      const endFrame = frames + this.#random.index(scene.frames.length / coefficients - frames);
      if (this.#holdsKeyword(scene, endFrame)) continue;
      put(scene, endFrame - frames);
      return;
    }
  }

  /** Whether the window that ends before `endFrame` has more than a little of a keyword that it could be blamed for. */
  #holdsKeyword(scene: Heard, endFrame: number): boolean {
    const end = endFrame * hopSamples;
    const start = end - this.#settings.frames * hopSamples;
    return scene.spans.some(
      (span) =>
        this.#settings.keywords.includes(span.label) &&
        span.end > start + STRAY_SAMPLES &&
        span.start < end - STRAY_SAMPLES,
    );
  }

  #nextNoise(): Heard {
    const random = this.#random;
    const samples = new Int16Array(NOISE_SAMPLES);
    for (let at = 0; at < NOISE_SAMPLES; ) {
      const clip = random.pick(this.#noises).samples;
      const start = random.index(Math.max(1, clip.length - 160_000));
      const length = Math.min(NOISE_SAMPLES - at, clip.length - start, 160_000);
      const gain = 10 ** (random.between(-30, 6) / 20);
      for (let i = 0; i < length; i++)
        samples[at + i] = Math.max(-32_768, Math.min(32_767, clip[start + i] * gain));
      at += length;
      if (random.chance(0.3)) at += random.index(16_000);
    }
    return { frames: mfccFrames(random.chance(0.6) ? samples : this.#augmenter.scene(samples)), spans: [] };
  }
}

function refresh<T>(pool: T[], size: number, replaced: number, make: () => T, random: Random): void {
  if (pool.length === 0) while (pool.length < size) pool.push(make());
  for (let i = 0; i < replaced; i++) pool[random.index(size)] = make();
}

if (parentPort) {
  const feeder = await KeywordFeeder.open(workerData as KeywordFeederSettings);
  parentPort.on('message', () => {
    const batch = feeder.batch();
    parentPort!.postMessage(batch, [batch.frames.buffer, batch.labels.buffer, batch.targets.buffer]);
  });
  parentPort.postMessage('ready');
}
