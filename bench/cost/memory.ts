import type { Line } from '../measure.js';
import { median } from '../measure.js';
import { measureMemory, type Resident } from '../memory.js';
import { cliOf } from '../paths.js';

const BARS = { asleep: 58, awake: 80, again: 62 };
const NAMES = {
  asleep: 'daemon asleep',
  awake: 'daemon awake',
  again: 'daemon asleep again',
  asked: 'daemon asleep, asked over HTTP',
};

/**
 * Resident memory of the daemon, of this build and of that of another commit in turns: while nobody asks it over HTTP, and after the first
 * request.
 */
export async function benchDaemonMemory(
  roots: readonly string[],
  model: string,
  turns: number,
): Promise<Line[]> {
  const resident = roots.map((): Resident[] => []);
  for (let turn = 0; turn < turns; turn++) {
    for (const [i, root] of roots.entries()) {
      resident[i].push(await measureMemory(model, cliOf(root), 'auto'));
    }
  }
  const [own, before] = resident;
  const of = (all: readonly Resident[], what: keyof Resident) => median(all.map((each) => each[what]));
  const beforeOf = (what: keyof Resident) => (before ? `; before ${of(before, what).toFixed(1)}` : '');
  const lines = (Object.keys(NAMES) as (keyof typeof NAMES)[]).map(
    (state): Line => ({
      name: NAMES[state],
      value: of(own, state),
      unit: 'MB',
      ...(state !== 'asked' && { bar: { atMost: BARS[state] } }),
      detail: `resident${beforeOf(state)}; median of ${turns}`,
    }),
  );
  const first = { name: 'first request over HTTP', value: of(own, 'askedMs'), unit: 'ms' };
  return [...lines, { ...first, detail: `with what it loads${beforeOf('askedMs')}` }];
}
