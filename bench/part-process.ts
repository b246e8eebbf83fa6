import { spawnSync } from 'node:child_process';
import type { Line } from './measure.js';

/** Runs one part of this bench (`--only`) in a process of its own: what one part leaves behind, the next would measure as its own. */
export function inItsOwnProcess(name: string): Line[] {
  const { stdout, error } = spawnSync(process.execPath, [process.argv[1], '--json', '--only', name], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (error) throw error;
  if (stdout === '') throw new Error(`the part ${name} of the bench failed`);
  // There is no NaN in JSON.
  return (JSON.parse(stdout) as Line[]).map((line) => ({ ...line, value: line.value ?? Number.NaN }));
}
