import { SAMPLE_RATE } from '../../audio/index.js';
import type { Random } from '../random.js';
import type { Clip } from './corpus.js';

/** Where a clip lies in a scene, in samples. */
export interface Span {
  readonly label: string;
  readonly kind: Clip['kind'];
  /** Of the recording that it comes from, in the corpus. */
  readonly path: string;
  readonly start: number;
  readonly end: number;
}

/** About a minute of clean clips, one after another with gaps between them. */
export interface Scene {
  readonly samples: Int16Array;
  readonly spans: readonly Span[];
}

const SCENE_SAMPLES = 60 * SAMPLE_RATE;
const MAX_GAP_SAMPLES = 9_600;

/** How fast clips are played in scenes. Null: as recorded. */
export interface ScenePaces {
  readonly word: readonly [number, number];
  readonly speech: readonly [number, number] | null;
}

export const AS_RECORDED: ScenePaces = { word: [0.88, 1.12], speech: null };
/** The same speech at other speeds sounds like other people, which is worth having where there is little speech. */
export const PACED: ScenePaces = { word: [0.8, 1.25], speech: [0.8, 1.25] };

/**
 * Joins clips into scenes. Speech and words of the commands corpus come once, wake words twice; each clip at a level
 * of its own.
 */
export function* makeScenes(
  clips: readonly Clip[],
  random: Random,
  paces: ScenePaces = AS_RECORDED,
): Generator<Scene> {
  const turns: Clip[] = [];
  for (const clip of clips) {
    if (clip.kind !== 'word' && clip.kind !== 'speech') continue;
    turns.push(clip);
    if (clip.kind === 'word' && clip.corpus !== 'speech-commands') turns.push(clip);
  }
  let parts: { samples: Int16Array; start: number }[] = [];
  let spans: Span[] = [];
  let at = 0;
  for (const clip of random.shuffled(turns)) {
    const pace = clip.kind === 'word' ? paces.word : paces.speech;
    const paced = pace ? atSpeed(clip.samples, random.between(...pace)) : clip.samples;
    const samples = atLevel(paced, random.between(-27, -17));
    at += random.index(MAX_GAP_SAMPLES);
    parts.push({ samples, start: at });
    spans.push({ label: clip.label, kind: clip.kind, path: clip.path, start: at, end: at + samples.length });
    at += samples.length;
    if (at >= SCENE_SAMPLES) {
      yield join(parts, spans, at);
      [parts, spans, at] = [[], [], 0];
    }
  }
  if (at > 0) yield join(parts, spans, at);
}

function join(
  parts: readonly { samples: Int16Array; start: number }[],
  spans: Span[],
  length: number,
): Scene {
  const samples = new Int16Array(length);
  for (const part of parts) samples.set(part.samples, part.start);
  return { samples, spans };
}

/** Played `speed` times as fast, pitch and all (cubic interpolation through four samples, Catmull and Rom 1974). */
export function atSpeed(samples: Int16Array, speed: number): Int16Array {
  const length = Math.floor(samples.length / speed);
  const out = new Int16Array(length);
  const last = samples.length - 1;
  for (let i = 0; i < length; i++) {
    const position = i * speed;
    const k = Math.floor(position);
    const x = position - k;
    const a = samples[k > 0 ? k - 1 : 0];
    const b = samples[k];
    const c = samples[k < last ? k + 1 : last];
    const d = samples[k + 1 < last ? k + 2 : last];
    const value = b + 0.5 * x * (c - a + x * (2 * a - 5 * b + 4 * c - d + x * (3 * (b - c) + d - a)));
    out[i] = Math.max(-32_768, Math.min(32_767, Math.round(value)));
  }
  return out;
}

/** Scaled so that its active parts (within 25 dB of the loudest 20 ms) have an RMS of `dbfs`, short of clipping. */
export function atLevel(samples: Int16Array, dbfs: number): Int16Array {
  const rms = activeRms(samples);
  if (rms === 0) return samples;
  let peak = 1;
  for (let i = 0; i < samples.length; i++) peak = Math.max(peak, Math.abs(samples[i]));
  const gain = Math.min((32_768 * 10 ** (dbfs / 20)) / rms, 32_000 / peak);
  const out = new Int16Array(samples.length);
  for (let i = 0; i < out.length; i++) out[i] = Math.round(samples[i] * gain);
  return out;
}

/** RMS over the 20 ms blocks that are within 25 dB of the loudest one; 0 for silence. */
export function activeRms(samples: Int16Array | Float32Array): number {
  const block = 320;
  const powers: number[] = [];
  for (let start = 0; start + block <= samples.length; start += block) {
    let sum = 0;
    for (let i = start; i < start + block; i++) sum += samples[i] * samples[i];
    powers.push(sum / block);
  }
  const floor = Math.max(...powers, 0) * 10 ** -2.5;
  const active = powers.filter((power) => power >= floor);
  return active.length === 0 ? 0 : Math.sqrt(active.reduce((a, b) => a + b, 0) / active.length);
}
