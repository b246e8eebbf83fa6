import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Of this build, from dist/bench/. */
export const ROOT = fileURLToPath(new URL('../../', import.meta.url));
export const SAMPLE_FILE = fileURLToPath(new URL('../../samples/demo.wav', import.meta.url));
export const CLI = fileURLToPath(new URL('../src/cli/main.cjs', import.meta.url));

/** What `node` is started with for the command line of a checkout that is built: the flags of its first line, and the script. */
export function cliOf(root: string): string[] {
  const script = ['main.cjs', 'main.js'].map((name) => join(root, 'dist/src/cli', name)).find(existsSync)!;
  const [line] = readFileSync(script, 'utf8').split('\n', 1);
  return [...line.split(' ').filter((word) => word.startsWith('--')), script];
}
