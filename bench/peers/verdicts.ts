import { type Cell, COLUMNS } from './columns.js';
import type { Comparison } from './compare.js';
import type { EngineDescription } from './engines.js';

/** One sentence for each engine that is better than wakegate somewhere: where, whether that can be told from chance, and why. */
export function verdicts(comparison: Comparison, engines: readonly EngineDescription[]): string[] {
  const [ours, ...others] = engines;
  return others.flatMap((engine) => {
    const wins = new Map<string, string[]>();
    for (const { key, title, of } of COLUMNS) {
      const [own, theirs] = [of(comparison, ours.name), of(comparison, engine.name)];
      if (own === null || theirs === null || theirs.value >= own.value) continue;
      const why = engine.why[key] ?? engine.why.else;
      const doubt = clearlyLess(theirs, own) ? '' : ' (the intervals overlap)';
      wins.set(why, [...(wins.get(why) ?? []), `${title} ${theirs.text} against ${own.text}${doubt}`]);
    }
    return [...wins].map(([why, where]) => `**${engine.name}** is better at ${where.join('; ')}: ${why}.`);
  });
}

function clearlyLess(one: Cell, other: Cell): boolean {
  return one.between === null || other.between === null || one.between[1] < other.between[0];
}
