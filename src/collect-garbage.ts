import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

let collect: (() => void) | null = null;

/**
 * Frees what this thread no longer uses, where that is much. V8 counts buffers outside its heap for little, and waits until far more memory
 * is worth its time than a machine with little has.
 */
export function collectGarbage(): void {
  collect ??= exposed();
  // What hangs together by weak references is freed by the second.
  collect();
  collect();
}

function exposed(): () => void {
  let found: (() => void) | undefined;
  // The flag is of the whole process: another thread that has what it needs may take it back at any moment.
  while (!found) {
    setFlagsFromString('--expose-gc');
    found = runInNewContext('globalThis.gc') as typeof found;
  }
  setFlagsFromString('--no-expose-gc');
  return found;
}

/**
 * The same, with what functions were compiled to: those that are called again are compiled again. After a start most never are. V8 would
 * forget it by itself where many collections pass, but a daemon that makes no garbage has none. What is left is moved together, so that
 * whole pages become free.
 */
export function collectCode(): void {
  const flags = ['stress-flush-code', 'compact-on-every-full-gc'];
  for (const flag of flags) setFlagsFromString(`--${flag}`);
  collectGarbage();
  for (const flag of flags) setFlagsFromString(`--no-${flag}`);
}
