import { type Cell, COLUMNS } from './columns.js';
import type { Comparison } from './compare.js';
import { type EngineDescription, type Group, USUAL_REASONS } from './engines.js';

/** A sentence for each engine that is better than wakegate somewhere: where, whether that can be told from chance, and why. */
export function verdicts(comparison: Comparison, engines: readonly EngineDescription[]): string[] {
  const [ours, ...others] = engines;
  return others.flatMap((engine) => {
    const wins = new Map<Group, string[]>();
    for (const { group, title, of } of COLUMNS) {
      const [own, theirs] = [of(comparison, ours.name), of(comparison, engine.name)];
      if (own === null || theirs === null || theirs.value >= own.value) continue;
      const where = clearlyLess(theirs, own) ? title : `${title} (within the intervals)`;
      wins.set(group, [...(wins.get(group) ?? []), where]);
    }
    if (wins.size === 0) return [];
    const clauses = [...wins].map(
      ([group, where]) => `at ${where.join(' and ')}, since ${engine.why[group] ?? USUAL_REASONS[group]}`,
    );
    return [`**${engine.name}** is better ${clauses.join('; ')}.`];
  });
}

function clearlyLess(one: Cell, other: Cell): boolean {
  return one.between === null || other.between === null || one.between[1] < other.between[0];
}
