import { SAMPLE_RATE } from '../../audio/index.js';
import type { Clip } from '../corpus/corpus.js';
import { activeRms } from '../corpus/scenes.js';
import type { Random } from '../random.js';
import { throughNarrowBand } from './band-limit.js';

/** Room, noise and equipment change every this many samples of a scene. */
const CONDITION_SAMPLES: readonly [number, number] = [4 * SAMPLE_RATE, 12 * SAMPLE_RATE];

export interface AugmentSettings {
  /** Share of conditions with something mixed in, and its level below the speech in dB. */
  readonly noisy: number;
  readonly snrDb: readonly [number, number];
  readonly reverberant: number;
  readonly gainDb: readonly [number, number];
  /** Share that goes through a channel of a lower rate, such as a telephone. */
  readonly narrow: number;
  /** Share that is louder than the microphone can take. */
  readonly clipped: number;
}

export const AUGMENT: AugmentSettings = {
  noisy: 0.75,
  snrDb: [-5, 25],
  reverberant: 0.3,
  gainDb: [-26, 6],
  narrow: 0,
  clipped: 0,
};

/** Values of white noise that are made once and read from random places, since making new ones would be most of the work. */
const WHITE_NOISE_VALUES = 1 << 18;

/** What changes clean speech on its way to a microphone in a home. */
export class Augmenter {
  readonly #noise: readonly Int16Array[];
  readonly #music: readonly Int16Array[];
  readonly #speech: readonly Int16Array[];
  readonly #random: Random;
  readonly #settings: AugmentSettings;
  /** Of a triangular distribution over -1 .. 1, with a variance of 1/6. */
  readonly #white: Float32Array;

  constructor(clips: readonly Clip[], random: Random, settings = AUGMENT) {
    const ofKind = (kind: Clip['kind']) =>
      clips.filter((clip) => clip.kind === kind).map((clip) => clip.samples);
    this.#noise = ofKind('noise');
    this.#music = ofKind('music');
    this.#speech = ofKind('speech');
    this.#random = random;
    this.#settings = settings;
    this.#white = Float32Array.from({ length: WHITE_NOISE_VALUES }, () => random.next() + random.next() - 1);
  }

  /** A copy of `samples` as heard under conditions that change every few seconds. */
  scene(samples: Int16Array): Int16Array {
    const out = new Int16Array(samples.length);
    for (let start = 0; start < samples.length; ) {
      const end = Math.min(samples.length, start + Math.round(this.#random.between(...CONDITION_SAMPLES)));
      out.set(this.condition(samples.subarray(start, end)), start);
      start = end;
    }
    return out;
  }

  /** A copy of `samples` as heard under one condition. */
  condition(samples: Int16Array): Int16Array {
    const random = this.#random;
    const settings = this.#settings;
    let heard = new Float32Array(samples);
    if (random.chance(settings.reverberant)) heard = reverberated(heard, random);
    if (random.chance(0.5)) equalize(heard, random);
    const rms = activeRms(heard) || 32_768 * 10 ** (random.between(-50, -25) / 20);
    if (random.chance(settings.noisy))
      this.#mix(heard, rms * 10 ** (-random.between(...settings.snrDb) / 20));
    let gain = 10 ** (random.between(...settings.gainDb) / 20);
    // The noise of the microphone itself, below all else; sometimes none, as in a synthesized file.
    const floor = random.chance(0.85) ? 32_768 * 10 ** (random.between(-85, -50) / 20) : 0;
    // Some clipping is fine, as people shout into microphones.
    gain = Math.min(gain, 60_000 / Math.max(1, rms * 5));
    // A share of 0 draws nothing, so that recipes from before there were these have the same numbers.
    if (settings.clipped > 0 && random.chance(settings.clipped)) {
      gain = (random.between(0.2, 0.8) * 32_768) / Math.max(1, rms);
    }
    const out = new Int16Array(heard.length);
    const white = this.#white;
    for (let i = 0, at = this.#whiteFrom(); i < out.length; i++, at = (at + 1) % WHITE_NOISE_VALUES) {
      const sample = Math.round(heard[i] * gain + floor * white[at]);
      out[i] = Math.max(-32_768, Math.min(32_767, sample));
    }
    if (settings.narrow > 0 && random.chance(settings.narrow)) throughNarrowBand(out, random);
    return out;
  }

  #whiteFrom(): number {
    return this.#random.index(WHITE_NOISE_VALUES);
  }

  /** Adds noise, music, babble or generated noise with an RMS of `level`. */
  #mix(heard: Float32Array, level: number): void {
    const random = this.#random;
    const kind = random.next();
    if (kind < 0.4) this.#add(heard, this.#noise, level);
    else if (kind < 0.62) this.#add(heard, this.#music, level);
    else if (kind < 0.84) {
      const voices = 1 + random.index(4);
      // A single voice in the background has to stay there.
      const each = (voices === 1 ? Math.min(level, level * 0.5) : level) / Math.sqrt(voices);
      for (let voice = 0; voice < voices; voice++) this.#add(heard, this.#speech, each);
    } else {
      this.#addGenerated(heard, level);
    }
  }

  /** Adds white noise coloured by a random one-pole filter, sometimes with a hum. */
  #addGenerated(heard: Float32Array, level: number): void {
    const random = this.#random;
    const colour = random.between(0, 0.98);
    // The filter scales the variance by (1 - c)^2 / (1 - c^2).
    const gain = level / Math.sqrt((1 / 6) * ((1 - colour) / (1 + colour)));
    const hum = random.chance(0.25) ? level * random.between(0.5, 2) : 0;
    const humStep = (2 * Math.PI * random.pick([50, 60, 100, 120, 150, 180, 440, 1000])) / SAMPLE_RATE;
    let state = 0;
    for (let i = 0, at = this.#whiteFrom(); i < heard.length; i++, at = (at + 1) % WHITE_NOISE_VALUES) {
      state = colour * state + (1 - colour) * this.#white[at];
      heard[i] += gain * state + (hum > 0 ? hum * Math.sin(humStep * i) : 0);
    }
  }

  #add(heard: Float32Array, from: readonly Int16Array[], level: number): void {
    let at = 0;
    while (at < heard.length) {
      const clip = this.#random.pick(from);
      if (clip.length < 1600) continue;
      const start = this.#random.index(Math.max(1, clip.length - heard.length));
      const length = Math.min(heard.length - at, clip.length - start);
      const gain = level / (activeRms(clip.subarray(start, start + length)) || 1);
      for (let i = 0; i < length; i++) heard[at + i] += gain * clip[start + i];
      at += length;
    }
  }
}

/**
 * Convolved with a synthetic room: a direct path, early reflections and a tail of sparse random taps that falls by
 * 60 dB in 0.15 to 0.8 s.
 */
export function reverberated(samples: Float32Array, random: Random): Float32Array<ArrayBuffer> {
  const decaySamples = random.between(0.15, 0.8) * SAMPLE_RATE;
  const wet = random.between(0.3, 1);
  const out = new Float32Array(samples);
  const taps = 48;
  for (let tap = 0; tap < taps; tap++) {
    const delay = Math.round(32 + (decaySamples * 0.6 * (tap + random.next())) / taps);
    const gain =
      wet * 10 ** ((-3 * delay) / decaySamples) * random.between(0.05, 0.5) * (random.chance(0.5) ? 1 : -1);
    const length = out.length;
    for (let i = delay, from = 0; i < length; i++, from++) out[i] += gain * samples[from];
  }
  return out;
}

/** A tilt of the spectrum up or down, and now and then the narrow band of a cheap microphone. In place. */
function equalize(samples: Float32Array, random: Random): void {
  const tilt = random.between(-0.6, 0.6);
  let before = 0;
  for (let i = 0; i < samples.length; i++) {
    const sample = samples[i];
    samples[i] = sample + tilt * before;
    before = sample;
  }
  if (random.chance(0.3)) {
    const low = random.between(0.3, 0.8);
    let state = 0;
    for (let i = 0; i < samples.length; i++) {
      state += low * (samples[i] - state);
      samples[i] = state;
    }
  }
  if (random.chance(0.3)) {
    const high = random.between(0.01, 0.12);
    let state = 0;
    for (let i = 0; i < samples.length; i++) {
      state += high * (samples[i] - state);
      samples[i] -= state;
    }
  }
}
