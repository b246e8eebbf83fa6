import type { Random } from '../random.js';

/** One way of speaking: program, voice, pace and pitch. */
export interface Voice {
  readonly name: string;
  /** Writes a WAV file. */
  speak(text: string, path: string): Promise<unknown>;
}

/** Voices to draw from. */
export interface Voices {
  /** A voice for training. */
  draw(random: Random): Voice;
  /** A voice that training never hears, for dev. */
  drawHeldOut(random: Random): Voice;
}
