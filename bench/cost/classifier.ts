import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { type Line, median } from '../measure.js';
import type { ClassifierCosts } from './classifier-process.js';

const PROCESS = fileURLToPath(new URL('classifier-process.js', import.meta.url));

/** Waking the classifier, and a window: of this build, and of that of another commit in turns with it. */
export function benchClassifier(roots: readonly string[], model: string, turns: number): Line[] {
  const costs = roots.map((): ClassifierCosts[] => []);
  for (let turn = 0; turn < turns; turn++) {
    for (const [i, root] of roots.entries()) {
      const text = execFileSync(process.execPath, [PROCESS, root, model], {
        stdio: ['ignore', 'pipe', 'ignore'],
        encoding: 'utf8',
      });
      costs[i].push(JSON.parse(text));
    }
  }
  const [own, before] = costs;
  const line = (name: string, what: keyof ClassifierCosts, atMost: number, detail: string): Line => {
    const of = (all: readonly ClassifierCosts[]) => median(all.map((each) => each[what]));
    const other = before ? `; before ${of(before).toFixed(2)}` : '';
    return { name, value: of(own), unit: 'ms', bar: { atMost }, detail: `${detail}${other}` };
  };
  const whole = 'CPU of the process, decoding and messages with it';
  return [
    line('waking the classifier', 'wakeMs', 50, 'on the clock'),
    line('a window that follows another', 'nextMs', 1.2, whole),
    line('a window by itself', 'freshMs', 1.2, whole),
  ];
}
