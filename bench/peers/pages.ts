import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Comparison } from './compare.js';
import { ENGINES } from './engines.js';
import { drawPeers, type PictureResults } from './pictures.js';
import { asSmallTable } from './readme-table.js';
import { emptyPage, withSection } from './section.js';
import { asMarkdown } from './table.js';

/**
 * Writes the page of the comparison, its pictures, and the small table of the main README.
 *
 * @param sections of the page that were measured in this run, by name; the others stay as they are
 * @param readme null where it is not to be touched
 */
export async function writePages(
  results: Comparison & PictureResults,
  sections: Readonly<Record<string, string>>,
  { out, readme }: { readonly out: string; readonly readme: string | null },
): Promise<void> {
  for (const [file, svg] of Object.entries(await drawPeers(results))) await writeFile(join(out, file), svg);
  const all: Record<string, string> = { peers: asMarkdown(results, ENGINES), ...sections };
  const page = join(out, 'README.md');
  let document = existsSync(page) ? await readFile(page, 'utf8') : emptyPage(Object.keys(all));
  for (const [name, markdown] of Object.entries(all)) document = withSection(document, name, markdown);
  await writeFile(page, document);
  if (readme === null) return;
  await writeFile(readme, withSection(await readFile(readme, 'utf8'), 'peers', asSmallTable(results)));
}
