import { SAMPLE_RATE } from '../../audio/index.js';
import type { ModelPack } from '../../model/index.js';
import { levelsOf } from '../bank/levels.js';
import type { SecondEmbedder } from '../bank/second-embedder.js';
import type { Clip } from '../corpus/corpus.js';
import { activeRms } from '../corpus/scenes.js';
import { wordRegion } from '../corpus/word-region.js';
import { AUGMENT, Augmenter } from '../feed/augment.js';
import type { Random } from '../random.js';
import type { Embedder } from './embedder.js';

/** Steps of an example: 2.88 s. */
const STEPS = 72;
const STEP_SAMPLES = 640;
const SAMPLES = STEPS * STEP_SAMPLES;
/** From the end of the word to that of the example, in samples: 0.5 s, and up to a position more, so that words end anywhere in one. */
const AFTER_END = 8000;

/** Embeddings of many examples of one length: [count, embeddings, size]. */
export interface Examples {
  readonly values: Int8Array;
  readonly count: number;
  /** Of each example. */
  readonly embeddings: number;
  /** What they were made of: [count, steps, channels]. */
  readonly levels: Uint8Array;
  readonly steps: number;
  /** Steps from the end of the word to that of each example. */
  readonly after: Float32Array;
  /** Who speaks, by example. */
  readonly speaker: readonly number[];
  /** What the second look makes of the same sound, where there is one. */
  readonly second: HeardExamples | null;
}

/** What a head is trained on. */
export type HeardExamples = Pick<Examples, 'values' | 'count' | 'embeddings' | 'after'>;

export interface SpokenClip {
  readonly samples: Int16Array;
  /** Number of who speaks. */
  readonly speaker: number;
}

export interface ExampleOptions {
  /** Whether noise, rooms and microphones change the sound; by default all but half of the first copies. */
  readonly conditions?: 'most' | 'none' | 'all';
  readonly second?: SecondEmbedder | null;
  readonly onDone?: (done: number) => void;
}

/**
 * Examples of clips of one phrase: between silence or other speech, at several speeds, in noise and rooms, through many microphones.
 *
 * @param others what may be said before and after
 */
export function makeExamples(
  pack: ModelPack,
  embedder: Embedder,
  clips: readonly SpokenClip[],
  others: readonly SpokenClip[],
  copies: number,
  augmenter: Augmenter,
  random: Random,
  { conditions = 'most', second = null, onDone = () => {} }: ExampleOptions = {},
): Examples {
  const count = clips.length * copies;
  const span = STEPS * pack.compression.channels;
  const levels = new Uint8Array(count * span);
  const after = new Float32Array(count);
  const speaker: number[] = [];
  const embeddings = embedder.countOf(STEPS);
  const looked = new Int8Array(second ? count * embeddings * second.size : 0);
  let at = 0;
  for (let copy = 0; copy < copies; copy++) {
    for (const clip of clips) {
      const { samples, end } = arrange(clip.samples, others, random);
      const isClean = conditions === 'none' || (conditions === 'most' && copy === 0 && random.chance(0.5));
      const heard = isClean ? samples : augmenter.condition(samples);
      const own = levelsOf(pack, heard);
      levels.set(own.subarray(own.length - span), at * span);
      if (second) {
        // Both end with the example: position p of the one is of the same sound as position p of the other.
        const end = heard.subarray(heard.length - second.samplesOf(embeddings));
        looked.set(second.embed(end), at * embeddings * second.size);
      }
      after[at] = (heard.length - end) / STEP_SAMPLES;
      speaker.push(clip.speaker);
      at++;
      if (at % 100 === 0) onDone(at);
    }
  }
  const values = embedder.embedAll(levels, count);
  const seconds = second && { values: looked, count, embeddings, after };
  return { values, count, embeddings, levels, steps: STEPS, after, speaker, second: seconds };
}

/** The clip at the end of an example, with what is said before and after. */
function arrange(clip: Int16Array, others: readonly SpokenClip[], random: Random) {
  const region = wordRegion(clip);
  const word = respeeded(clip.subarray(region.start, region.end), random.between(0.88, 1.14));
  const out = new Int16Array(SAMPLES + 2 * STEP_SAMPLES);
  const end = out.length - AFTER_END - random.index(2 * STEP_SAMPLES);
  const start = Math.max(0, end - word.length);
  const level = activeRms(word);
  out.set(word.subarray(word.length - (end - start)), start);
  if (others.length > 0 && random.chance(0.5)) {
    const before = random.pick(others).samples;
    const gap = random.index(4800);
    const length = Math.min(before.length, start - gap);
    if (length > 0) add(out, before.subarray(before.length - length), start - gap - length, level, random);
  }
  if (others.length > 0 && random.chance(0.3)) {
    const next = random.pick(others).samples;
    const from = end + 800 + random.index(4800);
    add(out, next.subarray(0, Math.max(0, out.length - from)), from, level, random);
  }
  return { samples: out, end };
}

function add(out: Int16Array, clip: Int16Array, at: number, level: number, random: Random): void {
  const gain = ((level || 1) / (activeRms(clip) || level || 1)) * 10 ** (random.between(-6, 3) / 20);
  for (let i = 0; i < clip.length; i++) {
    out[at + i] = Math.max(-32_768, Math.min(32_767, out[at + i] + gain * clip[i]));
  }
}

/** Played so many times as fast, which also moves its pitch. */
function respeeded(samples: Int16Array, speed: number): Int16Array {
  const out = new Int16Array(Math.floor((samples.length - 1) / speed));
  for (let i = 0; i < out.length; i++) {
    const place = i * speed;
    const from = Math.floor(place);
    out[i] = samples[from] + (place - from) * (samples[from + 1] - samples[from]);
  }
  return out;
}

const NOISE_SECONDS = 8;

/** An augmenter whose noise and music are generated, and whose voices are those that speak here: no recording is needed. */
export function openAugmenter(others: readonly SpokenClip[], random: Random): Augmenter {
  const clip = (kind: Clip['kind'], samples: Int16Array): Clip => ({
    path: '',
    split: 'train',
    kind,
    label: kind,
    corpus: 'generated',
    speaker: '',
    samples,
  });
  const clips = [
    ...Array.from({ length: 12 }, () => clip('noise', generatedNoise(random))),
    ...Array.from({ length: 8 }, () => clip('music', generatedMusic(random))),
    ...others.map(({ samples }) => clip('speech', samples)),
  ];
  if (others.length === 0) clips.push(clip('speech', generatedNoise(random)));
  return new Augmenter(clips, random, { ...AUGMENT, noisy: 0.6, snrDb: [3, 30], narrow: 0.1, clipped: 0.03 });
}

/** Noise of one colour that swells and falls, as of fans, water, traffic, with knocks. */
function generatedNoise(random: Random): Int16Array {
  const out = new Int16Array(NOISE_SECONDS * SAMPLE_RATE);
  const colour = random.between(0, 0.98);
  const swell = random.chance(0.5) ? random.between(0.3, 6) : 0;
  const knocks = random.chance(0.5) ? random.between(0.5, 6) : 0;
  let state = 0;
  let knock = 0;
  for (let i = 0; i < out.length; i++) {
    if (knocks > 0 && random.next() < knocks / SAMPLE_RATE) knock = 1;
    knock *= 0.999;
    state = colour * state + (1 - colour) * (random.next() + random.next() - 1);
    const swelling = swell === 0 ? 1 : 0.6 + 0.4 * Math.sin((2 * Math.PI * swell * i) / SAMPLE_RATE);
    out[i] = 8000 * (state * swelling + knock * (random.next() - 0.5));
  }
  return out;
}

/** Tunes of tones with overtones over a beat. */
function generatedMusic(random: Random): Int16Array {
  const out = new Float32Array(NOISE_SECONDS * SAMPLE_RATE);
  const beat = Math.round(random.between(0.15, 0.5) * SAMPLE_RATE);
  const base = random.between(80, 300);
  const brightness = random.between(0.3, 0.8);
  for (let start = 0; start < out.length; start += beat * (1 + random.index(2))) {
    const pitch = base * 2 ** (random.pick([0, 2, 4, 5, 7, 9, 11, 12, 16, 19]) / 12);
    const length = Math.min(beat * 2, out.length - start);
    for (let overtone = 1; overtone <= 5 && pitch * overtone < 7000; overtone++) {
      addTone(out, start, length, pitch * overtone, 2500 * brightness ** overtone);
    }
    for (let i = 0; i < Math.min(1000, length); i++) out[start + i] += (3000 - 3 * i) * (random.next() - 0.5);
  }
  return Int16Array.from(out, (sample) => Math.max(-32_768, Math.min(32_767, sample)));
}

/** A tone that dies away, by the recurrence of a damped oscillator. */
function addTone(out: Float32Array, start: number, length: number, pitch: number, size: number): void {
  const decay = Math.exp(-3 / length);
  const turn = 2 * decay * Math.cos((2 * Math.PI * pitch) / SAMPLE_RATE);
  let before = 0;
  let now = size * Math.sin((2 * Math.PI * pitch) / SAMPLE_RATE);
  for (let i = 0; i < length; i++) {
    out[start + i] += now;
    const next = turn * now - decay * decay * before;
    before = now;
    now = next;
  }
}
