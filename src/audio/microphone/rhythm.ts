/**
 * `prompt`: samples are read as they come; `soon` and `steady`: several times a second, while a gate may be about to open; `slow`: about
 * every half second, as long as nothing is to be heard that is like a keyword.
 */
export type Rhythm = 'prompt' | 'soon' | 'steady' | 'slow';

/** What a listener says of the sound so far. */
export interface Heard {
  /** Whether all is at the noise floor. */
  readonly quiet: boolean;
  /** Whether its gate is open. */
  readonly isOpen: boolean;
  /** The gate's newest score, as a share of the score that opens it. */
  readonly nearness: number;
}

/** Nearness from which on the gate may open before long, and soon. */
const STEADY = 0.025;
const SOON = 0.25;

/** How often a listener is to be given what a microphone hears. */
export function rhythmFor({ quiet, isOpen, nearness }: Heard): Rhythm {
  if (quiet) return 'slow';
  if (isOpen) return 'prompt';
  if (nearness < STEADY) return 'slow';
  return nearness < SOON ? 'steady' : 'soon';
}

/**
 * How long the pipe of a recorder is left alone between two readings, in ms. The gate's score rises before it opens, and half of the
 * words are detected 400 ms and more after that: of words in speech, in noise and in quiet, as many are detected within 40, 80 and 160 ms
 * of the position that completed them as where all sound is read every 240 ms. Talk, music and noise are mostly nothing like a keyword.
 */
export const REST_MS: Readonly<Record<Rhythm, number>> = {
  prompt: 0,
  soon: 160,
  steady: 400,
  slow: 560,
};
