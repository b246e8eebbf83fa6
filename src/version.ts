import { readFileSync } from 'node:fs';

/** As in package.json; this file runs as dist/src/version.js. */
export const VERSION: string = JSON.parse(
  readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
).version;
