import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { readAudioFile, SAMPLE_RATE } from '../../src/audio/index.js';
import { convolved } from '../../src/training/conditions/convolve.js';
import { roomResponse } from '../../src/training/conditions/room.js';
import { readManifest } from '../../src/training/corpus/manifest.js';
import { wordRegion } from '../../src/training/corpus/word-region.js';
import type { Random } from '../../src/training/random.js';

/** Before the first word, so that a canceller has learned the room. */
const LEAD_SECONDS = 8;
const SLOT_SECONDS = 3.5;
/** Of the words at the microphone, in dBFS. */
const WORD_DBFS = -26;
/** Of the microphone itself. */
const NOISE_DBFS = -65;
/** From the program that plays to the loudspeaker. */
const LATENCY_SAMPLES = 0.04 * SAMPLE_RATE;

export interface SpokenWord {
  readonly keyword: string;
  /** In samples. */
  readonly start: number;
  readonly end: number;
}

/** Somebody says words in a room in which a loudspeaker plays. */
export interface Household {
  /** int16 at 16 kHz, without what the loudspeaker plays. */
  readonly words: Float64Array;
  readonly spoken: readonly SpokenWord[];
  /** What the loudspeaker is given, and what of it arrives at the microphone. */
  readonly played: Float64Array;
  readonly arrives: Float64Array;
}

/** @param keywords of whom `count` words of dev are drawn, as evenly as there are */
export async function household(
  data: string,
  kind: 'speech' | 'music',
  keywords: readonly string[],
  count: number,
  random: Random,
): Promise<Household> {
  const manifest = join(data, 'manifest.csv');
  if (!existsSync(manifest))
    throw new Error(`there are no recordings at ${manifest}: name them in WAKEGATE_DATA`);
  const dev = (await readManifest(manifest)).filter(({ split }) => split === 'dev');
  const length = Math.round((LEAD_SECONDS + count * SLOT_SECONDS) * SAMPLE_RATE);
  const mouth = roomResponse({ distance: 2, rt60: 0.4 }, random);
  const loudspeaker = roomResponse({ distance: 0.8, rt60: 0.4 }, random);

  const words = new Float64Array(length);
  const spoken: SpokenWord[] = [];
  for (let i = 0; i < count; i++) {
    const keyword = keywords[i % keywords.length];
    const { file } = random.pick(dev.filter(({ kind, label }) => kind === 'word' && label === keyword));
    const clip = await readAudioFile(file);
    const region = wordRegion(clip);
    const dry = Float64Array.from(clip.subarray(region.start, region.end));
    const padded = new Float64Array(dry.length + 0.4 * SAMPLE_RATE);
    padded.set(dry);
    const wet = convolved(padded, mouth);
    scale(wet, WORD_DBFS, dry.length);
    const start = Math.round((LEAD_SECONDS + (i + random.between(0.1, 0.3)) * SLOT_SECONDS) * SAMPLE_RATE);
    for (let n = 0; n < wet.length && start + n < length; n++) words[start + n] += wet[n];
    spoken.push({ keyword, start, end: start + dry.length });
  }

  const played = new Float64Array(length);
  const sources = random.shuffled(dev.filter((recording) => recording.kind === kind));
  for (let at = 0, i = 0; at < length; i++) {
    const clip = await readAudioFile(sources[i % sources.length].file);
    if (clip.length < 2 * SAMPLE_RATE) continue;
    // From the middle of a long piece, so that there are several.
    const from = clip.length > 40 * SAMPLE_RATE ? random.index(clip.length - 30 * SAMPLE_RATE) : 0;
    const part = clip.subarray(from, from + Math.min(30 * SAMPLE_RATE, length - at));
    const loud = Float64Array.from(part);
    scale(loud, -20);
    played.set(loud.subarray(0, length - at), at);
    at += loud.length;
  }
  // A small loudspeaker is not linear, which no linear filter can follow.
  const driven = new Float64Array(length);
  for (let n = LATENCY_SAMPLES; n < length; n++) {
    driven[n] = 16_384 * Math.tanh(played[n - LATENCY_SAMPLES] / 16_384);
  }
  return { words, spoken, played, arrives: convolved(driven, loudspeaker) };
}

/** What the microphone gives. @param db of the loudspeaker over the words; null where it plays nothing */
export function recorded({ words, arrives }: Household, db: number | null, random: Random): Int16Array {
  const gain = db === null ? 0 : 10 ** ((WORD_DBFS + db - dbfsOf(arrives)) / 20);
  const noise = 32_768 * 10 ** (NOISE_DBFS / 20);
  return Int16Array.from(words, (word, n) => {
    const sample = word + gain * arrives[n] + noise * random.normal();
    return Math.max(-32_768, Math.min(32_767, Math.round(sample)));
  });
}

/** To a level over the first samples, or all. */
function scale(samples: Float64Array, dbfs: number, count = samples.length): void {
  const gain = 10 ** ((dbfs - dbfsOf(samples.subarray(0, count))) / 20);
  for (let i = 0; i < samples.length; i++) samples[i] *= gain;
}

function dbfsOf(samples: Float64Array): number {
  const power = samples.reduce((sum, value) => sum + value * value, 0) / samples.length;
  return 10 * Math.log10(power / 32_768 ** 2 + 1e-20);
}
