import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';

const FOLDER = new URL('../assembly/', import.meta.url);

/** SHA-256 of the files in assembly/, which src/simd/module.ts was compiled from. */
export function hashOfSources() {
  const hash = createHash('sha256');
  for (const name of readdirSync(FOLDER).sort()) {
    const text = readFileSync(new URL(name, FOLDER), 'utf8').replaceAll('\r\n', '\n');
    hash.update(`${name}\n${text.length}\n${text}`);
  }
  return hash.digest('hex');
}
