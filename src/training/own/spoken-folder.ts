import { createHash } from 'node:crypto';
import { mkdir, readdir, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { keywordNameOf } from '../../model/index.js';
import { VERSION } from '../../version.js';

/** Phrases whose clips are kept, some 10 MB each. */
const MOST_KEPT = 8;

/**
 * The folder of what voices say for a phrase, kept in `cache`: an interrupted run continues there, and a keyword that is made again, with
 * recordings or with captures, has only to be trained. Those of the phrases that were not made for longest are removed.
 */
export async function spokenFolder(
  cache: string,
  { text, language }: { readonly text: string; readonly language: string },
): Promise<string> {
  const parent = join(cache, 'spoken');
  // Another version may speak other clips under the same names.
  const key = createHash('sha256').update(`${VERSION} ${language} ${text}`).digest('hex').slice(0, 8);
  const own = `${keywordNameOf(text)}-${key}`;
  await mkdir(join(parent, own), { recursive: true });
  const now = new Date();
  await utimes(join(parent, own), now, now);
  const kept: { path: string; usedMs: number }[] = [];
  for (const name of await readdir(parent)) {
    const path = join(parent, name);
    if (name !== own) kept.push({ path, usedMs: (await stat(path)).mtimeMs });
  }
  kept.sort((a, b) => b.usedMs - a.usedMs);
  for (const { path } of kept.slice(MOST_KEPT - 1)) await rm(path, { recursive: true, force: true });
  return join(parent, own);
}
