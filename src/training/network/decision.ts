import type { DetectorSettings } from '../../model/pack.js';

/**
 * How scores become decisions. The loss, the dev figures and the exported packs all use these, so that what is trained is what
 * runs.
 */

/** Gate scores whose mean is compared with the gate's threshold: the newest and those before it. */
export const GATE_SMOOTHING_SCORES = 2;
/** Gate scores for which the gate stays open after the last one over its threshold: one more handoff. */
export const GATE_HANGOVER_SCORES = 2;
/** Steps from one gate score to the next, and from one position of the keyword head to the next. */
export const SCORE_STEPS = 2;

export const DETECTOR: DetectorSettings = { smoothingPositions: 4, refractoryMs: 1500, rearmRatio: 0.5 };
