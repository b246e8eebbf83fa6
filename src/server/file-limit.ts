import { readFileSync } from 'node:fs';

/** Where the system does not say: what most systems start with. */
const USUAL = 1024;

/** How many files, connections among them, this process may have open. Node raises it to the hard limit at its start. */
export function fileLimit(path = '/proc/self/limits'): number {
  let limits: string;
  try {
    limits = readFileSync(path, 'utf8');
  } catch {
    return USUAL; // not Linux
  }
  const [, soft] = limits.match(/^Max open files\s+(\d+|unlimited)/m) ?? [];
  return soft === undefined ? USUAL : soft === 'unlimited' ? Number.MAX_SAFE_INTEGER : Number(soft);
}
