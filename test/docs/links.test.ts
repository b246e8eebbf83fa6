import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

/** Every Markdown file of the project, by its path. */
function documents(folder = ROOT): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return /^(\.|node_modules$|dist$)/.test(entry.name) ? [] : documents(path);
    return entry.name.endsWith('.md') ? [path] : [];
  });
}

/** A document without what stands in blocks of code and in code spans, where nothing is a link. */
function prose(path: string): string {
  return readFileSync(path, 'utf8')
    .replace(/^(```+)[^\n]*\n.*?^\1$/gms, '')
    .replace(/`[^`\n]+`/g, (code) => code.replace(/[[\]()]/g, ''));
}

/** What its links and pictures point to, but for other sites. */
function targets(path: string): string[] {
  const text = prose(path);
  const found = [...text.matchAll(/\]\(([^)\s]+)\)/g), ...text.matchAll(/\b(?:src|href)="([^"]+)"/g)];
  return found.map(([, target]) => target).filter((target) => !/^[a-z]+:/.test(target));
}

/** The anchors that GitHub gives the headings of a document. */
function anchors(path: string): Set<string> {
  const seen = new Map<string, number>();
  const slugs = [...prose(path).matchAll(/^#{1,6} (.+)$/gm)].map(([, heading]) => {
    const slug = heading
      .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .trim()
      .replaceAll(' ', '-');
    const times = seen.get(slug) ?? 0;
    seen.set(slug, times + 1);
    return times === 0 ? slug : `${slug}-${times}`;
  });
  return new Set(slugs);
}

/** What is wrong with a link, or null. */
function fault(from: string, target: string): string | null {
  const [path, anchor] = target.split('#');
  const to = path === '' ? from : resolve(dirname(from), decodeURIComponent(path));
  if (relative(ROOT, to).startsWith('..')) return 'leaves the project';
  if (!existsSync(to)) return 'is not there';
  if (anchor !== undefined && !anchors(to).has(anchor)) return 'has no such heading';
  return null;
}

test('every link in the documents leads to a file that is there and a heading that it has', () => {
  const all = documents();
  const links = all.flatMap((from) => targets(from).map((target) => ({ from, target })));
  const faults = links.flatMap(({ from, target }) => {
    const wrong = fault(from, target);
    return wrong === null ? [] : [`${relative(ROOT, from)}: ${target} ${wrong}`];
  });
  assert.deepEqual(faults, []);
  // So that a pattern that finds nothing does not pass for documents without faults.
  assert.ok(all.length > 10 && links.length > 40, `${links.length} links in ${all.length} documents`);
});

test('a link to a file or a heading that is not there is found', () => {
  const readme = join(ROOT, 'README.md');
  assert.equal(fault(readme, 'docs/architecture.md#energy'), null);
  assert.equal(fault(readme, 'docs/architecture.md#no-such-heading'), 'has no such heading');
  assert.equal(fault(readme, 'docs/no-such-file.md'), 'is not there');
  assert.equal(fault(readme, '../elsewhere.md'), 'leaves the project');
});
