import { parentPort, workerData } from 'node:worker_threads';
import { WakegateError } from '../../errors.js';
import { openSecondLookLevels, type SecondLookLevels } from '../../features/index.js';
import { type Clip, readCorpus } from '../corpus/corpus.js';
import { listScenes, readScene } from '../corpus/distillation-set.js';
import { type Fold, isHeldOut } from '../corpus/folds.js';
import { keywordScenes } from '../corpus/keyword-scenes.js';
import { readMistakes } from '../corpus/mistakes.js';
import { atLevel, makeScenes, type Scene, type Span } from '../corpus/scenes.js';
import { type SpokenCounts, spokenWords } from '../corpus/spoken-words.js';
import { EMBEDDING, EMBEDDING_WINDOW_SAMPLES } from '../corpus/teacher.js';
import { SECOND_FEATURES, SECOND_HOP_FRAMES } from '../network/second-network.js';
import { Random } from '../random.js';
import { Augmenter } from './augment.js';
import { backgroundOf, type RecordingSet, readDevCorpora } from './background.js';
import { throughNarrowBand } from './band-limit.js';

export interface SecondKeywordFeederSettings {
  readonly sets: readonly RecordingSet[];
  readonly seed: number;
  /** The step that the first batch is for: batches follow from it and the seed. */
  readonly fromStep: number;
  readonly keywords: readonly string[];
  readonly voices: SpokenCounts;
  /** What a first network was wrong about, as `writeMistakes` keeps it; null for none. */
  readonly mistakes: string | null;
  /** The part of the recordings that is left out; null for none. */
  readonly fold: Fold | null;
  /** Corpora whose dev recordings are learned from too. */
  readonly alsoDev: readonly string[];
  readonly counts: SecondCounts;
  readonly embeddings: number;
  /** Frames in a window, those of one embedding, and of one position. */
  readonly frames: number;
  readonly framesOfOne: number;
  readonly framesOfPosition: number;
  readonly positions: number;
  readonly levels: SecondLookLevels;
}

/** Windows of each kind in a batch, in this order. */
export interface SecondCounts {
  readonly keyword: number;
  /** Around keywords: other words, halves of keywords, speech. */
  readonly other: number;
  readonly noise: number;
  /** What a first network was wrong about, as it sounds where a second look is asked for. */
  readonly mistake: number;
  /** Speech of all kinds, with the teacher's embeddings. */
  readonly scene: number;
}

export interface SecondKeywordBatch {
  /** [keyword + other + noise + mistake + scene, frames, bands] */
  readonly levels: Float32Array<ArrayBuffer>;
  /** [keyword + other + noise + mistake + scene, positions]: 0 for none, 1 .. keywords, or {@link UNSURE}. */
  readonly labels: Int32Array<ArrayBuffer>;
  /** [scene, embeddings, 96] */
  readonly targets: Float32Array<ArrayBuffer>;
  /** [scene]: 1 where the teacher was asked about a scene, else 0. */
  readonly taught: Float32Array<ArrayBuffer>;
}

/** A position too early or too late for a keyword, and not without it either: nothing is learned from it. */
export const UNSURE = -1;
/** A keyword is asked about from just before its end to 0.75 s after it, as a detection is that late at most. */
const ASKED_SAMPLES = [-960, 12_000] as const;
/** From so long before its end, and as long after it as it may be heard at all, it is neither there nor not. */
const UNSURE_SAMPLES = [-5_600, 36_000] as const;

const POOLS = { keyword: 40, scene: 40, noise: 16, mistake: 24 };
const REPLACED = { keyword: 0.5, scene: 0.35, noise: 0.1, mistake: 0.5 };
/** So many mistakes are heard one after another, a second look that late after each at most. */
const MISTAKES_IN_SCENE = 16;
const MISTAKE_SAMPLES = [-960, 4_800] as const;
const NOISE_SAMPLES = 30 * 16_000;
const NARROW_SHARE = 0.25;
/** Vocal tracts are that much longer or shorter. */
const WARPS = [0.88, 0.92, 0.96, 1, 1, 1, 1.04, 1.08, 1.12];

type Levels = ReturnType<typeof openSecondLookLevels>;

interface Heard {
  readonly levels: Float32Array;
  readonly spans: readonly Span[];
  readonly embeddings: Float32Array;
}

/** Both kinds of levels have these. */
const { bands, hopSamples, windowSamples } = SECOND_FEATURES;

class SecondKeywordFeeder {
  readonly #settings: SecondKeywordFeederSettings;
  readonly #random: Random;
  readonly #augmenter: Augmenter;
  readonly #background: readonly Clip[];
  readonly #heldOut: ReadonlySet<string>;
  readonly #keywordScenes: ReturnType<typeof keywordScenes>;
  readonly #untaught: readonly Clip[];
  readonly #mistakes: readonly Clip[];
  /** One for each of {@link WARPS}. */
  readonly #makers: readonly Levels[];
  readonly #pools: Record<keyof typeof POOLS, Heard[]> = { keyword: [], scene: [], noise: [], mistake: [] };
  #order: (string | Scene)[] = [];

  private constructor(
    settings: SecondKeywordFeederSettings,
    words: readonly Clip[],
    background: readonly Clip[],
    heldOut: ReadonlySet<string>,
    untaught: readonly Clip[],
    mistakes: readonly Clip[],
  ) {
    this.#settings = settings;
    this.#mistakes = mistakes;
    this.#untaught = untaught;
    this.#makers = WARPS.map((warp) => openSecondLookLevels(settings.levels, warp));
    this.#random = new Random(settings.seed + 1000 * settings.fromStep);
    this.#background = background;
    this.#heldOut = heldOut;
    this.#augmenter = new Augmenter(background, this.#random);
    this.#keywordScenes = keywordScenes(words, settings.keywords, this.#random);
  }

  static async open(settings: SecondKeywordFeederSettings): Promise<SecondKeywordFeeder> {
    const { sets, fold, keywords, voices, seed, alsoDev } = settings;
    const words: Clip[] = [];
    const heldOut = new Set<string>();
    const background: Clip[] = [];
    for (const { data, cache } of sets) {
      const clips = await readCorpus('train', cache, { data });
      background.push(...backgroundOf(clips));
      for (const clip of clips) {
        if (fold !== null && isHeldOut(clip, fold)) heldOut.add(clip.path);
        else if (clip.kind === 'word' || clip.kind === 'speech') words.push(clip);
      }
    }
    const untaught = await readDevCorpora(alsoDev, sets);
    words.push(...untaught.filter(({ kind }) => kind === 'word' || kind === 'speech'));
    background.push(...backgroundOf(untaught));
    const { cache } = sets[0];
    words.push(...(await spokenWords(keywords, voices, seed, cache)));
    const mistakes = settings.mistakes === null ? [] : await readMistakes(settings.mistakes);
    const isLearned = (clip: Clip) =>
      (clip.split === 'train' || alsoDev.includes(clip.corpus)) && (fold === null || !isHeldOut(clip, fold));
    const learned = mistakes.filter(isLearned);
    if (settings.counts.mistake > 0 && learned.length === 0) {
      throw new WakegateError(
        'WG_DATA_INVALID',
        `${settings.mistakes} has no mistake in what this network learns from: collect them with the same --also-dev, or leave out --mistakes`,
      );
    }
    words.push(...learned);
    return new SecondKeywordFeeder(
      settings,
      words,
      background.filter(({ path }) => !heldOut.has(path)),
      heldOut,
      untaught,
      learned,
    );
  }

  /** Must be awaited before the next one is asked for. */
  async batch(): Promise<SecondKeywordBatch> {
    await this.#refresh('keyword', async () => this.#nextKeywordScene());
    await this.#refresh('scene', () => this.#nextScene());
    await this.#refresh('noise', async () => this.#nextNoise());
    const { counts, frames, positions, embeddings } = this.#settings;
    if (counts.mistake > 0) await this.#refresh('mistake', async () => this.#nextMistakes());
    const size = counts.keyword + counts.other + counts.noise + counts.mistake + counts.scene;
    const batch: SecondKeywordBatch = {
      levels: new Float32Array(size * frames * bands),
      labels: new Int32Array(size * positions),
      targets: new Float32Array(counts.scene * embeddings * EMBEDDING),
      taught: new Float32Array(counts.scene),
    };
    let item = 0;
    const put = (from: Heard, first: number) => {
      batch.levels.set(from.levels.subarray(first * bands, (first + frames) * bands), item * frames * bands);
      for (let p = 0; p < positions; p++) batch.labels[item * positions + p] = this.#labelOf(from, first, p);
      item++;
    };
    for (let i = 0; i < counts.keyword; i++)
      put(...this.#drawNear(this.#pools.keyword, [0, ASKED_SAMPLES[1]]));
    for (let i = 0; i < counts.other; i++) put(...this.#drawOther(this.#pools.keyword));
    for (let i = 0; i < counts.noise; i++) put(...this.#drawOther(this.#pools.noise));
    for (let i = 0; i < counts.mistake; i++) put(...this.#drawNear(this.#pools.mistake, MISTAKE_SAMPLES));
    const { framesOfOne } = this.#settings;
    const lead = Math.round(
      (EMBEDDING_WINDOW_SAMPLES - ((framesOfOne - 1) * hopSamples + windowSamples)) / hopSamples,
    );
    for (let i = 0; i < counts.scene; ) {
      const scene = this.#random.pick(this.#pools.scene);
      const isTaught = scene.embeddings.length > 0;
      const first = isTaught ? this.#random.index(scene.embeddings.length / EMBEDDING - embeddings) : 0;
      const from = isTaught
        ? first * SECOND_HOP_FRAMES + lead
        : this.#random.index(scene.levels.length / bands - frames);
      if (this.#touches(scene, from)) continue;
      put(scene, from);
      const at = first * EMBEDDING;
      batch.targets.set(
        scene.embeddings.subarray(at, at + embeddings * EMBEDDING),
        i * embeddings * EMBEDDING,
      );
      batch.taught[i++] = isTaught ? 1 : 0;
    }
    return batch;
  }

  async #refresh(kind: keyof typeof POOLS, make: () => Promise<Heard>): Promise<void> {
    const pool = this.#pools[kind];
    if (pool.length < POOLS[kind]) {
      do pool.push(await make());
      while (pool.length < POOLS[kind] / 4);
    } else if (this.#random.chance(REPLACED[kind])) pool[this.#random.index(pool.length)] = await make();
  }

  /** Of the position that ends with a window's frame: what is heard there, by the spans of the scene. */
  #labelOf(scene: Heard, firstFrame: number, position: number): number {
    const last = firstFrame + position * SECOND_HOP_FRAMES + this.#settings.framesOfPosition - 1;
    const end = last * hopSamples + windowSamples;
    let label = 0;
    for (const span of scene.spans) {
      const keyword = this.#settings.keywords.indexOf(span.label);
      if (keyword < 0) continue;
      const after = end - span.end;
      if (after >= ASKED_SAMPLES[0] && after <= ASKED_SAMPLES[1]) return keyword + 1;
      if (after > UNSURE_SAMPLES[0] && after < UNSURE_SAMPLES[1]) label = UNSURE;
    }
    return label;
  }

  /** A window that ends so soon after a keyword or a mistake, as one that a second look is asked about does. */
  #drawNear(pool: readonly Heard[], [soonest, latest]: readonly [number, number]): [Heard, number] {
    const { frames, keywords } = this.#settings;
    for (;;) {
      const scene = this.#random.pick(pool);
      const span = this.#random.pick(scene.spans);
      if (pool === this.#pools.keyword && !keywords.includes(span.label)) continue;
      const end = span.end + this.#random.between(soonest, latest);
      const first = Math.round((end - windowSamples) / hopSamples) + 1 - frames;
      if (first >= 0 && (first + frames) * bands <= scene.levels.length) return [scene, first];
    }
  }

  #drawOther(pool: readonly Heard[]): [Heard, number] {
    const { frames } = this.#settings;
    const scene = this.#random.pick(pool);
    return [scene, this.#random.index(scene.levels.length / bands - frames)];
  }

  /** Whether a window of a taught scene has something of a keyword, or of what is left out. */
  #touches(scene: Heard, firstFrame: number): boolean {
    const start = firstFrame * hopSamples;
    const end = start + this.#settings.frames * hopSamples;
    return scene.spans.some(
      ({ label, path, start: from, end: to }) =>
        from < end && to > start && (this.#settings.keywords.includes(label) || this.#heldOut.has(path)),
    );
  }

  #nextKeywordScene(): Heard {
    const { samples, spans } = this.#keywordScenes.next().value as { samples: Int16Array; spans: Span[] };
    const heard = this.#random.chance(0.15) ? samples : this.#augmenter.scene(samples);
    return this.#heard(heard, spans, new Float32Array(0), this.#random.pick(this.#makers));
  }

  async #nextScene(): Promise<Heard> {
    if (this.#order.length === 0) {
      const { sets } = this.#settings;
      const taught = await Promise.all(sets.map(({ cache }) => listScenes('train', cache)));
      this.#order = this.#random.shuffled([...taught.flat(), ...makeScenes(this.#untaught, this.#random)]);
    }
    const next = this.#order.pop()!;
    const { samples, spans, embeddings } =
      typeof next === 'string' ? await readScene(next) : { ...next, embeddings: new Float32Array(0) };
    const heard = this.#random.chance(0.15) ? samples : this.#augmenter.scene(samples);
    // As it is: the teacher's embeddings are those of this voice.
    return this.#heard(heard, spans, embeddings, this.#makers[WARPS.indexOf(1)]!);
  }

  #nextMistakes(): Heard {
    const random = this.#random;
    const drawn = Array.from({ length: MISTAKES_IN_SCENE }, () => random.pick(this.#mistakes));
    const length = drawn.reduce((sum, { samples }) => sum + samples.length, 0);
    const samples = new Int16Array(length + MISTAKE_SAMPLES[1]);
    const spans: Span[] = [];
    let at = 0;
    for (const { samples: mistake, label, kind, path } of drawn) {
      samples.set(atLevel(mistake, random.between(-27, -15)), at);
      spans.push({ label, kind, path, start: at, end: at + mistake.length });
      at += mistake.length;
    }
    const heard = random.chance(0.4) ? samples : this.#augmenter.scene(samples);
    return this.#heard(heard, spans, new Float32Array(0), random.pick(this.#makers));
  }

  #nextNoise(): Heard {
    const random = this.#random;
    const samples = new Int16Array(NOISE_SAMPLES);
    const loud = this.#background.filter(({ kind }) => kind !== 'speech');
    for (let at = 0; at < NOISE_SAMPLES; ) {
      const from = random.pick(loud).samples;
      const length = Math.min(NOISE_SAMPLES - at, from.length, Math.round(random.between(1, 8) * 16_000));
      const start = random.index(from.length - length + 1);
      const gain = 10 ** (random.between(-25, 6) / 20);
      for (let i = 0; i < length; i++)
        samples[at + i] = Math.max(-32_768, Math.min(32_767, gain * from[start + i]));
      at += length;
    }
    return this.#heard(samples, [], new Float32Array(0), random.pick(this.#makers));
  }

  #heard(samples: Int16Array, spans: readonly Span[], embeddings: Float32Array, maker: Levels): Heard {
    const parts = 4;
    const length = Math.ceil(samples.length / parts);
    for (let at = 0; at < samples.length; at += length) {
      if (this.#random.chance(NARROW_SHARE))
        throughNarrowBand(samples.subarray(at, at + length), this.#random);
    }
    return { levels: maker.frames(samples), spans, embeddings };
  }
}

if (parentPort) {
  const feeder = await SecondKeywordFeeder.open(workerData as SecondKeywordFeederSettings);
  let turn = Promise.resolve();
  parentPort.on('message', () => {
    turn = turn.then(async () => {
      const batch = await feeder.batch();
      const { levels, labels, targets, taught } = batch;
      parentPort!.postMessage(batch, [levels.buffer, labels.buffer, targets.buffer, taught.buffer]);
    });
  });
  parentPort.postMessage({ ready: 'ready' });
}
