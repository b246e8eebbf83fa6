import type { Point } from './accuracy.js';
import { CONDITIONS } from './audio.js';
import type { Comparison } from './compare.js';

/** All figures, as results.json has them: of a sweep only the counts, and only where they change. */
export function asResults(comparison: Comparison): object {
  return {
    ...comparison,
    accuracy: comparison.accuracy.map((one) => ({ ...one, sweep: changesOf(one.sweep) })),
  };
}

function changesOf(sweep: readonly Point[]): object[] {
  let before = '';
  return sweep.flatMap(({ setting, missed, falseAccepts }) => {
    const counts = {
      missed: CONDITIONS.map((condition) => missed[condition].events),
      falseAccepts: falseAccepts.all.events,
    };
    const same = JSON.stringify(counts) === before;
    before = JSON.stringify(counts);
    return same ? [] : [{ setting: Number(setting.toFixed(4)), ...counts }];
  });
}
