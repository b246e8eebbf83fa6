import { cpuMs } from '../measure.js';

/** Several measurements of one thing. */
export interface Spread {
  readonly median: number;
  readonly least: number;
  readonly most: number;
  readonly runs: number;
}

export function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  return {
    median: sorted[sorted.length >> 1],
    least: sorted[0],
    most: sorted[sorted.length - 1],
    runs: sorted.length,
  };
}

/**
 * CPU milliseconds of each work, over several rounds of all of them: what slows the machine for a while slows them alike.
 * A first round, in which code is compiled, is not counted.
 */
export async function cpuSpreads<Name extends string>(
  works: Readonly<Record<Name, () => void | Promise<void>>>,
  rounds: number,
): Promise<Record<Name, Spread>> {
  const names = Object.keys(works) as Name[];
  const times = new Map(names.map((name) => [name, [] as number[]]));
  for (let round = 0; round <= rounds; round++) {
    for (const name of names) {
      const start = cpuMs();
      await works[name]();
      if (round > 0) times.get(name)!.push(cpuMs() - start);
    }
  }
  return Object.fromEntries(names.map((name) => [name, spreadOf(times.get(name)!)])) as Record<Name, Spread>;
}

/** Of each value, so much of it. */
export function scaled({ median, least, most, runs }: Spread, by: number): Spread {
  return { median: median * by, least: least * by, most: most * by, runs };
}

/** "0.059 (0.056 to 0.071)", with the values divided by `by`. */
export function spreadText({ median, least, most }: Spread, by = 1): string {
  return `${short(median / by)} (${short(least / by)} to ${short(most / by)})`;
}

/** Three significant digits. */
export function short(value: number): string {
  return value === 0 ? '0' : value >= 1000 ? value.toFixed(0) : String(Number(value.toPrecision(3)));
}
