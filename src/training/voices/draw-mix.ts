import type { Random } from '../random.js';
import { KOKORO_VOICES, type KokoroMix, type KokoroVoice } from './kokoro.js';

/** Voices that training never hears, of both sexes and several accents: for dev. */
export const HELD_OUT: readonly KokoroVoice[] = [
  'af_nova',
  'am_liam',
  'bf_lily',
  'bm_lewis',
  'em_santa',
  'hf_beta',
  'jf_nezumi',
  'zm_yunxia',
];
const TRAINED = KOKORO_VOICES.filter((voice) => !HELD_OUT.includes(voice));
/** Of those who speak in training: two voices mixed, which sound like a third. */
const MIXED_SHARE = 0.5;
/** After a word, what makes its tune: said, called, asked, or in the middle of a sentence. */
const ENDINGS = ['.', '.', '.', '!', '!', '?', ',', ''] as const;

/** Those of a sentence of its own. */
const CALLS = ['.', '.', '!', '?'] as const;

/** One way in which Kokoro speaks. */
export interface Delivery {
  readonly mix: KokoroMix;
  readonly speed: number;
  /** Written after what is said. */
  readonly ending: string;
}

/** A delivery for training. */
export function drawDelivery(random: Random): Delivery {
  const voice = random.pick(TRAINED);
  if (!random.chance(MIXED_SHARE)) return delivery(random, [{ voice, weight: 1 }]);
  // Not of women with men only, nor within one language: whoever is drawn.
  const other = random.pick(TRAINED.filter((one) => one !== voice));
  const weight = Math.round(random.between(50, 80)) / 100;
  return delivery(random, [
    { voice, weight },
    { voice: other, weight: 1 - weight },
  ]);
}

/** A delivery by a voice that training never hears. */
export function drawHeldOutDelivery(random: Random): Delivery {
  return delivery(random, [{ voice: random.pick(HELD_OUT), weight: 1 }]);
}

/**
 * A delivery by such a voice as a person calls a device: as a sentence of its own, at a usual pace. With a comma after it, or nothing, some
 * voices swallow half of a short word.
 */
export function drawHeldOutCall(random: Random): Delivery {
  const speed = Math.round(random.between(90, 115)) / 100;
  return { mix: [{ voice: random.pick(HELD_OUT), weight: 1 }], speed, ending: random.pick(CALLS) };
}

/** By `mix`, at a speed and with an ending that are drawn. */
export function delivery(random: Random, mix: KokoroMix): Delivery {
  const speed = Math.round(random.between(80, 125)) / 100;
  return { mix, speed, ending: random.pick(ENDINGS) };
}

/** The name of who speaks, such as `af_bella` or `af_bella-70-am_adam`. */
export function speakerOf([first, second]: KokoroMix): string {
  return second ? `${first.voice}-${Math.round(first.weight * 100)}-${second.voice}` : first.voice;
}
