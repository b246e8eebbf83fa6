import { spawnSync } from 'node:child_process';
import type { Line } from './measure.js';

/**
 * Runs one part of this bench (`--only`) in a process of its own: what one part leaves behind, the next would measure as its own. One
 * that fails is a line that does not meet its bar: what the others have measured is not lost with it.
 */
export function inItsOwnProcess(name: string): Line[] {
  const { stdout, error } = spawnSync(process.execPath, [process.argv[1], '--json', '--only', name], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (error) throw error;
  if (stdout === '') {
    const detail = 'it ended before it had a result';
    return [{ name: `${name}: failures`, value: 1, unit: '', bar: { atMost: 0 }, detail }];
  }
  // There is no NaN in JSON.
  return (JSON.parse(stdout) as Line[]).map((line) => ({ ...line, value: line.value ?? Number.NaN }));
}
