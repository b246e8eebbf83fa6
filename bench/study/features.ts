import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { asBytes, asFloat32 } from '../../src/training/array-bytes.js';
import type { Clip } from '../../src/training/corpus/corpus.js';
import { atSpeed } from '../../src/training/corpus/scenes.js';
import { atSnr } from '../../src/training/feed/add-noise.js';
import { AUGMENT, Augmenter, type AugmentSettings } from '../../src/training/feed/augment.js';
import { FEATURES, mfccFrames } from '../../src/training/feed/mfcc-frames.js';
import { Random } from '../../src/training/random.js';
import { makePieces, PIECE_SAMPLES, type Piece, type PieceCounts, SILENCE } from './task.js';

/** Frames in a window: 1.28 s. */
export const FRAMES = 64;
export const COEFFICIENTS = FEATURES.coefficients;
export const WINDOW_VALUES = FRAMES * COEFFICIENTS;
const WINDOW_SAMPLES = FRAMES * FEATURES.hopSamples;

/** What training hears of a piece. */
export interface Recipe {
  readonly augment: AugmentSettings | null;
  /** Speeds, and whether a piece may lie anywhere in its window. */
  readonly speed: readonly [number, number];
  readonly shift: boolean;
}

/** Milder than for the packs: a run of the study is short. */
const HEARD: AugmentSettings = { ...AUGMENT, noisy: 0.6, snrDb: [5, 25], gainDb: [-18, 6] };
const ALL: Recipe = { augment: HEARD, speed: [0.88, 1.12], shift: true };
export const RECIPES = {
  all: ALL,
  'no noise': { ...ALL, augment: { ...HEARD, noisy: 0 } },
  'none at all': { augment: null, speed: [1, 1], shift: false },
  'no reverberation': { ...ALL, augment: { ...HEARD, reverberant: 0 } },
  'no speed, no shift': { ...ALL, speed: [1, 1], shift: false },
} as const satisfies Record<string, Recipe>;
export type RecipeName = keyof typeof RECIPES;

/** Windows [n, 64, 20] and their classes. */
export interface Windows {
  readonly labels: Uint8Array;
  readonly frames: Float32Array;
}

const TRAIN_PIECES: PieceCounts = { speech: 1500, silence: 1000 };
const DEV_PIECES: PieceCounts = { speech: 700, silence: 350 };
/** Times that each piece is heard, each time otherwise. */
const VARIANTS = 2;
const SEED = 21;
/** Noise in what is called noisy: dB below the word. */
const NOISY_DB = 10;

/** The windows to train on, made once and kept in `folder`. */
export async function trainWindows(
  name: RecipeName,
  clips: () => Promise<Clip[]>,
  folder: string,
): Promise<Windows> {
  return kept(join(folder, `train-${name.replaceAll(/[^a-z]+/g, '-')}`), async () => {
    const train = await clips();
    const pieces = makePieces(train, TRAIN_PIECES, new Random(SEED));
    const random = new Random(SEED + 1);
    const { augment, speed, shift }: Recipe = RECIPES[name];
    const augmenter = augment && new Augmenter(train, random, augment);
    const heard: Piece[] = Array.from({ length: VARIANTS }, () => pieces).flat();
    return asWindows(heard, ({ samples }) => {
      const window = placed(atSpeed(samples, random.between(...speed)), shift ? random.next() : 0.5, random);
      return augmenter ? augmenter.condition(window) : window;
    });
  });
}

/** The windows to measure on: as recorded, or with noise added to all but silence. */
export async function devWindows(
  noisy: boolean,
  clips: () => Promise<Clip[]>,
  folder: string,
): Promise<Windows> {
  return kept(join(folder, noisy ? 'dev-noisy' : 'dev-clean'), async () =>
    asWindows(devSamples(noisy, await clips()), ({ samples }) => samples),
  );
}

/** The same, as sound. */
export function devSamples(noisy: boolean, dev: readonly Clip[]): Piece[] {
  const pieces = makePieces(dev, DEV_PIECES, new Random(SEED + 2));
  const random = new Random(SEED + 3);
  const noises = dev.filter(({ kind }) => kind === 'noise').map(({ samples }) => samples);
  return pieces.map(({ label, samples }) => {
    const window = placed(samples, 0.5, random);
    const added = noisy && label !== SILENCE ? atSnr(window, noises, NOISY_DB, random) : window;
    return { label, samples: added };
  });
}

/** The piece in its window, which continues before and after it as its quietest part does. */
export function placed(samples: Int16Array, where: number, random: Random): Int16Array {
  const window = new Int16Array(WINDOW_SAMPLES);
  const piece = samples.subarray(0, WINDOW_SAMPLES);
  const start = Math.round(where * (WINDOW_SAMPLES - piece.length));
  const floor = quietestRms(piece);
  for (let i = 0; i < WINDOW_SAMPLES; i++) window[i] = Math.round(floor * random.normal());
  window.set(piece, start);
  return window;
}

function quietestRms(samples: Int16Array): number {
  const block = PIECE_SAMPLES / 25;
  let quietest = Number.POSITIVE_INFINITY;
  for (let start = 0; start + block <= samples.length; start += block) {
    let sum = 0;
    for (let i = start; i < start + block; i++) sum += samples[i] ** 2;
    quietest = Math.min(quietest, sum / block);
  }
  return Math.sqrt(quietest);
}

function asWindows(pieces: readonly Piece[], heard: (piece: Piece) => Int16Array): Windows {
  const frames = new Float32Array(pieces.length * WINDOW_VALUES);
  pieces.forEach((piece, i) => {
    frames.set(mfccFrames(heard(piece)), i * WINDOW_VALUES);
    if (i % 5000 === 4999) console.error(`study: heard ${i + 1} of ${pieces.length} windows`);
  });
  return { labels: Uint8Array.from(pieces, ({ label }) => label), frames };
}

async function kept(path: string, make: () => Promise<Windows>): Promise<Windows> {
  try {
    const labels = new Uint8Array(await readFile(`${path}.labels`));
    return { labels, frames: asFloat32(await readFile(`${path}.frames`)) };
  } catch {
    console.error(`study: making ${path}`);
    const made = await make();
    await mkdir(join(path, '..'), { recursive: true });
    await writeFile(`${path}.frames`, asBytes(made.frames));
    await writeFile(`${path}.labels.part`, made.labels);
    await rename(`${path}.labels.part`, `${path}.labels`);
    return made;
  }
}
