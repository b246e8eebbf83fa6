// Makes the page of src/dashboard/: one script, one style sheet and one document, in dist/src/dashboard/.
//
//   node scripts/dashboard.js    `npm run build` does it too, after a check of the types, where the sources have changed
//
// The daemon serves that folder, and so can any other web server. Names carry a hash of what is in them, so that browsers may
// keep them for good. Whoever installs the package has them already, and no bundler.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const SOURCE = join(ROOT, 'src/dashboard');
const OUT = join(ROOT, 'dist/src/dashboard');
/** What the bundle is made of: the page, the client, and the wire's constants. */
const SOURCES = [SOURCE, join(ROOT, 'src/client'), join(ROOT, 'src/protocol')];
/** What it is made by. */
const MAKERS = ['scripts/dashboard.js', 'package-lock.json'].map((path) => join(ROOT, path));

/** Whether there is nothing to do. */
export function isMade() {
  const page = join(OUT, 'index.html');
  if (!existsSync(page)) return false;
  const madeMs = statSync(page).mtimeMs;
  const files = SOURCES.flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name)),
  );
  return [...files, ...MAKERS].every((path) => !existsSync(path) || statSync(path).mtimeMs <= madeMs);
}

export async function makeDashboard() {
  if (!existsSync(SOURCE)) return;
  const { build } = await import('esbuild');
  const bundled = await build({
    entryPoints: [join(SOURCE, 'main.tsx'), join(SOURCE, 'microphone-worklet.ts')].filter(existsSync),
    bundle: true,
    write: false,
    minify: true,
    format: 'esm',
    target: ['es2022'],
    jsx: 'automatic',
    jsxImportSource: 'preact',
    outdir: OUT,
    legalComments: 'none',
    logLevel: 'warning',
    tsconfigRaw: '{}',
  });
  rmSync(OUT, { recursive: true, force: true });
  mkdirSync(join(OUT, 'assets'), { recursive: true });
  const names = new Map();
  for (const { path, contents } of bundled.outputFiles) {
    const hash = createHash('sha256')
      .update(contents)
      .digest('base64url')
      .replaceAll(/[-_]/g, '0')
      .slice(0, 8);
    const name = `assets/${basename(path, extname(path))}-${hash}${extname(path)}`;
    names.set(basename(path), name);
    writeBoth(name, contents);
  }
  const page = readFileSync(join(SOURCE, 'index.html'), 'utf8').replaceAll(/\{\{(.*?)\}\}/g, (_, name) => {
    if (!names.has(name)) throw new Error(`src/dashboard/index.html asks for ${name}, which is not made`);
    return names.get(name);
  });
  writeBoth('index.html', Buffer.from(page));
}

/** As it is, and compressed, for those who take it so. */
function writeBoth(name, contents) {
  writeFileSync(join(OUT, `${name}.gz`), gzipSync(contents, { level: 9 }));
  writeFileSync(join(OUT, name), contents);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await makeDashboard();
