import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

let collect: (() => void) | null = null;

/**
 * Frees what this thread no longer uses, where that is much. V8 counts buffers outside its heap for little, and waits until far more memory
 * is worth its time than a machine with little has.
 */
export function collectGarbage(): void {
  if (!collect) {
    setFlagsFromString('--expose-gc');
    collect = runInNewContext('gc') as () => void;
    setFlagsFromString('--no-expose-gc');
  }
  // What hangs together by weak references is freed by the second.
  collect();
  collect();
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
