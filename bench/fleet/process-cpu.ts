import { readFileSync } from 'node:fs';

/** CPU time of a process and its threads since its start, in ms: Linux counts it in hundredths of a second. */
export function processCpuMs(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'latin1')
    .replace(/^.*\) /s, '')
    .split(' ');
  return 10 * (Number(fields[11]) + Number(fields[12]));
}
