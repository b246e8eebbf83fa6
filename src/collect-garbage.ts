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
  }
  // What hangs together by weak references is freed by the second.
  collect();
  collect();
}
