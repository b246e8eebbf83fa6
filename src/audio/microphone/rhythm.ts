/**
 * `prompt`: samples are read as they come; `soon`: at each second period of a recorder, while a gate is open or about to be; `steady`: more
 * than twice a second, while it may open before long; `slow`: less often, as long as nothing is to be heard that is like a keyword.
 */
export type Rhythm = 'prompt' | 'soon' | 'steady' | 'slow';

/** What a listener says of the sound so far. */
export interface Heard {
  /** Whether all is at the noise floor. */
  readonly quiet: boolean;
  /** Whether its gate is open. */
  readonly isOpen: boolean;
  /** Whether its gate is open, and the classifier's newest answer is on the way to a detection. */
  readonly isNear: boolean;
  /** The gate's newest score, as a share of the score that opens it. */
  readonly nearness: number;
}

/** Nearness from which on the gate may open before long, and soon. */
const STEADY = 0.07;
const SOON = 0.25;

/** How often a listener is to be given what a microphone hears. */
export function rhythmFor({ quiet, isOpen, isNear, nearness }: Heard): Rhythm {
  if (quiet) return 'slow';
  if (isNear) return 'prompt';
  if (isOpen || nearness >= SOON) return 'soon';
  return nearness >= STEADY ? 'steady' : 'slow';
}

/**
 * How long the pipe of a recorder is left alone between two readings, in ms: 2, 5 and 7 of its periods of 80 ms, and some more, so that the
 * last of them has come by then. The gate's score rises before it opens, and half of the words are detected 400 ms and more after that,
 * while talk, music and noise are mostly nothing like a keyword. `npm run bench:daemon -- --only latency` says how soon words are reported.
 */
export const REST_MS: Readonly<Record<Rhythm, number>> = {
  prompt: 0,
  soon: 175,
  steady: 415,
  slow: 575,
};
