import type { ModelPack } from '../../model/index.js';
import type { Clip } from '../corpus/corpus.js';
import type { Evaluation } from './evaluation.js';
import { handoffWindows } from './gate-trace.js';
import { type Heard, type Ratio, ratioOf, sum } from './rates.js';

/** Share of steps that the gate stopped. */
export function stoppedSteps(heard: readonly Heard[]): Ratio & { steps: number } {
  const parts = heard.map(({ account }) => ({ part: account.steps - account.passed, whole: account.steps }));
  return { ...ratioOf(parts), steps: sum(parts.map(({ whole }) => whole)) };
}

/** Of what was handed over. */
export function compression(heard: readonly Heard[]): Evaluation['compression'] {
  const handoffs = heard.map(({ account }) => account.handoffs);
  return {
    ...ratioOf(handoffs.map(({ bytes, denseBytes }) => ({ part: denseBytes - bytes, whole: denseBytes }))),
    bytes: sum(handoffs.map(({ bytes }) => bytes)),
    denseBytes: sum(handoffs.map(({ denseBytes }) => denseBytes)),
  };
}

/** Share of zeros, in one window of each clip. */
export function sparsity(pack: ModelPack, positives: readonly Clip[]): Ratio {
  return ratioOf(
    [...handoffWindows(pack, positives)].map((levels) => ({
      part: levels.filter((level) => level === 0).length,
      whole: levels.length,
    })),
  );
}
