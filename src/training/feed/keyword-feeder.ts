import { parentPort, workerData } from 'node:worker_threads';
import { SAMPLE_RATE } from '../../audio/index.js';
import { type Clip, readCorpus } from '../corpus/corpus.js';
import { readScenes } from '../corpus/distillation-set.js';
import { type Fold, isHeldOut } from '../corpus/folds.js';
import { keywordScenes } from '../corpus/keyword-scenes.js';
import { readMistakes } from '../corpus/mistakes.js';
import { atSpeed, type Span } from '../corpus/scenes.js';
import { type SpokenCounts, spokenWords } from '../corpus/spoken-words.js';
import { EMBEDDING, EMBEDDING_HOP_SAMPLES, embeddingEndingWith } from '../corpus/teacher.js';
import type { OnProgress } from '../progress.js';
import { Random } from '../random.js';
import { Augmenter, type AugmentSettings } from './augment.js';
import type { RecordingSet } from './background.js';
import type { FeederMessage } from './feeder.js';
import { FEATURES, mfccFrames } from './mfcc-frames.js';

export interface KeywordFeederSettings {
  readonly cache: string;
  /** More recordings than those of the data folder. */
  readonly more: readonly RecordingSet[];
  /** What an earlier network was wrong about, as `writeMistakes` keeps it; null for none. */
  readonly mistakes: string | null;
  readonly augment: AugmentSettings;
  readonly seed: number;
  /** The step that the first batch is for: batches follow from it and the seed. */
  readonly fromStep: number;
  readonly keywords: readonly string[];
  readonly voices: SpokenCounts;
  /** The part of the corpus that is held out; null for none. */
  readonly fold: Fold | null;
  /** Frames in a window, embeddings that the network gives for it, and the last frame that the first of them sees. */
  readonly frames: number;
  readonly embeddings: number;
  readonly firstEmbeddingFrame: number;
  readonly counts: WindowCounts;
  readonly pools: PoolSizes;
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

/** Scenes of each kind that windows are drawn from. */
export interface PoolSizes {
  readonly keyword: number;
  readonly scene: number;
  readonly noise: number;
}

/** How many of them are replaced by new ones at each batch; below 1, a chance. */
const REPLACED: PoolSizes = { keyword: 1, scene: 0.5, noise: 0.75 };
const NOISE_SAMPLES = 30 * SAMPLE_RATE;
const MUSIC_SHARE = 0.6;
/** How long before the end of its window a keyword ends: from one to the other. */
const AFTER_END_SAMPLES = [-800, 10_400] as const;
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
  readonly #music: readonly Clip[];
  readonly #heldOut: ReadonlySet<string>;
  readonly #nextKeywordScene: () => Heard;
  readonly #nextScene: () => Heard & { embeddings: Float32Array };
  readonly #keywordPool: Heard[] = [];
  readonly #scenePool: (Heard & { embeddings: Float32Array })[] = [];
  readonly #noisePool: Heard[] = [];

  private constructor(
    settings: KeywordFeederSettings,
    corpus: readonly Clip[],
    taught: Awaited<ReturnType<typeof readScenes>>,
  ) {
    this.#settings = settings;
    const { fold } = settings;
    const heldOut = corpus.filter((clip) => fold !== null && isHeldOut(clip, fold));
    this.#heldOut = new Set(heldOut.map(({ path }) => path));
    const clips = corpus.filter(({ path }) => !this.#heldOut.has(path));
    this.#random = new Random(settings.seed + settings.fromStep);
    this.#augmenter = new Augmenter(clips, this.#random, settings.augment);
    this.#noises = clips.filter(({ kind }) => kind === 'noise');
    this.#music = clips.filter(({ kind }) => kind === 'music');
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

  static async open(settings: KeywordFeederSettings, onProgress: OnProgress): Promise<KeywordFeeder> {
    const { keywords, voices, seed, cache } = settings;
    const corpus = await readCorpus('train', cache, { onProgress });
    const scenes = [...(await readScenes('train', cache)), ...(await readScenes('train-paced', cache))];
    for (const { data, cache } of settings.more) {
      corpus.push(...(await readCorpus('train', cache, { data, onProgress })));
      scenes.push(...(await readScenes('train', cache)));
    }
    if (settings.mistakes !== null) corpus.push(...(await readMistakes(settings.mistakes)));
    corpus.push(...(await spokenWords(keywords, voices, seed, cache, onProgress)));
    return new KeywordFeeder(settings, corpus, scenes);
  }

  batch(): KeywordBatch {
    this.#refresh('keyword', this.#keywordPool, this.#nextKeywordScene);
    this.#refresh('scene', this.#scenePool, this.#nextScene);
    this.#refresh('noise', this.#noisePool, () => this.#nextNoise());
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
        const endFrame = first * framesPerEmbedding + frames;
        if (this.#holdsKeyword(scene, endFrame) || this.#holdsHeldOut(scene, endFrame)) continue;
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

  #refresh<T>(kind: keyof PoolSizes, pool: T[], make: () => T): void {
    const size = this.#settings.pools[kind];
    if (pool.length === 0) while (pool.length < size) pool.push(make());
    if (this.#random.chance(REPLACED[kind])) pool[this.#random.index(size)] = make();
  }

  /** A keyword of the pool that is whole in a window, and the frame at which that window ends. */
  #drawKeyword() {
    for (;;) {
      const scene = this.#random.pick(this.#keywordPool);
      const span = this.#random.pick(scene.spans);
      if (!this.#settings.keywords.includes(span.label)) continue;
      const end = span.end + this.#random.between(...AFTER_END_SAMPLES);
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

  /** Whether the window that ends before `endFrame` has so much of a keyword that a detection in it would be right. */
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

  /** Whether the window that ends before `endFrame` has anything of the part of the corpus that is held out. */
  #holdsHeldOut(scene: Heard, endFrame: number): boolean {
    const end = endFrame * hopSamples;
    const start = end - this.#settings.frames * hopSamples;
    return scene.spans.some((span) => this.#heldOut.has(span.path) && span.end > start && span.start < end);
  }

  #nextNoise(): Heard {
    const random = this.#random;
    const samples = new Int16Array(NOISE_SAMPLES);
    for (let at = 0; at < NOISE_SAMPLES; ) {
      const length = Math.min(NOISE_SAMPLES - at, Math.round(random.between(1, 10) * SAMPLE_RATE));
      const piece = random.chance(MUSIC_SHARE)
        ? this.#pieceOfMusic(length)
        : this.#pacedPiece(this.#noises, length);
      const gain = 10 ** (random.between(-30, 6) / 20);
      for (let i = 0; i < piece.length; i++)
        samples[at + i] = Math.max(-32_768, Math.min(32_767, piece[i] * gain));
      at += piece.length;
      if (random.chance(0.3)) at += random.index(SAMPLE_RATE);
    }
    return { frames: mfccFrames(random.chance(0.6) ? samples : this.#augmenter.scene(samples)), spans: [] };
  }

  /** Sometimes two pieces at once, since there is little music to learn from. */
  #pieceOfMusic(length: number): Int16Array {
    const random = this.#random;
    const piece = this.#pacedPiece(this.#music, length);
    if (random.chance(0.8)) return piece;
    const other = this.#piece(this.#music, piece.length);
    return piece.map((sample, i) => (sample + (other[i] ?? 0)) / 2);
  }

  /** At another speed and pitch than it was recorded. */
  #pacedPiece(from: readonly Clip[], length: number): Int16Array {
    const speed = this.#random.between(0.7, 1.4);
    return atSpeed(this.#piece(from, Math.round(length * speed)), speed);
  }

  #piece(from: readonly Clip[], length: number): Int16Array {
    const { samples } = this.#random.pick(from);
    const start = this.#random.index(Math.max(1, samples.length - length));
    return samples.subarray(start, start + length);
  }
}

if (parentPort) {
  const say = (message: FeederMessage<null>) => parentPort!.postMessage(message);
  const feeder = await KeywordFeeder.open(workerData as KeywordFeederSettings, (progress) =>
    say({ progress }),
  );
  parentPort.on('message', () => {
    const batch = feeder.batch();
    parentPort!.postMessage(batch, [batch.frames.buffer, batch.labels.buffer, batch.targets.buffer]);
  });
  say({ ready: null });
}
