import type { Line } from '../measure.js';

/** Lines of this build that also say what the same lines of a former one are. */
export function besideBefore(own: readonly Line[], before: readonly Line[] = []): Line[] {
  return own.map((line) => {
    const former = before.find(({ name }) => name === line.name);
    if (former === undefined) return line;
    const value = Number(former.value.toPrecision(3));
    return { ...line, detail: `${line.detail}; before ${value}` };
  });
}

/** One after the other, so that none is in another's way. */
export async function inTurn<T, Result>(
  all: readonly T[],
  work: (one: T) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  for (const one of all) results.push(await work(one));
  return results;
}
