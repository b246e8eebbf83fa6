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
