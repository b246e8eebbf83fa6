import { join } from 'node:path';
import type { Line } from '../measure.js';
import { measureMemory, type Resident } from '../memory.js';

const BARS = { asleep: 58, awake: 80, again: 62 };
const NAMES = { asleep: 'asleep', awake: 'awake', again: 'asleep again' };

/** Resident memory of the daemon: of this build, then of that of another commit. */
export async function benchDaemonMemory(roots: readonly string[], model: string): Promise<Line[]> {
  const resident: Resident[] = [];
  for (const root of roots)
    resident.push(await measureMemory(model, join(root, 'dist/src/cli/main.js'), 'auto'));
  const [own, before] = resident;
  return (Object.keys(BARS) as (keyof Resident)[]).map((state) => ({
    name: `daemon ${NAMES[state]}`,
    value: own[state],
    unit: 'MB',
    bar: { atMost: BARS[state] },
    detail: `resident${before ? `; before ${before[state].toFixed(1)}` : ''}`,
  }));
}
