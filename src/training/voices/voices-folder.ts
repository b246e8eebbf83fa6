import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

/** Where fetched voices are kept: `WAKEGATE_VOICES`, or wakegate/voices in the user's folder of caches. */
export function voicesFolder(environment: NodeJS.ProcessEnv = process.env): string {
  if (environment.WAKEGATE_VOICES) return resolve(environment.WAKEGATE_VOICES);
  return join(environment.XDG_CACHE_HOME || join(homedir(), '.cache'), 'wakegate', 'voices');
}
