// Joins the modules of the daemon in few files, dist/src/bundled/: src/bundle/load.cts runs them.
//
//   node scripts/bundle.js    `npm run build` does it too, where the modules have been compiled again
//
// Finding, reading and linking 300 modules one by one takes half of the time until the daemon listens. Joined, they take one read, and
// compiled code can be kept. The modules stay what programs import, and what runs all other commands.
//
//   daemon.cjs, classifier.cjs    what the daemon, and the thread of the classifier, need at their start, in one scope
//   *.cjs                         what either loads later
//   modules.json                  which modules each file holds
//   LICENSES.txt                  of the packages of which they hold some
//
// Names and lines stay as they are in the modules, so that stack traces can be read.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const MODULES = join(ROOT, 'dist/src');
const OUT = join(MODULES, 'bundled');

/** What each bundle begins with: its entry first, then what the entry loads at once. */
const BUNDLES = {
  daemon: [
    'cli/command-line.js',
    'cli/root-command.js',
    'cli/run.js',
    'daemon/index.js',
    'cli/logger.js',
    'cli/log-lines.js',
    'cli/reload.js',
    'systemd/notifier.js',
  ],
  classifier: ['classifier/worker.js'],
};

/** Loaded at the start. All other packages are found where they are installed, so that they can be replaced there. */
const PACKAGES = new Set(['commander', 'pino']);

/** All other commands, which run from the modules. */
const OTHER_COMMANDS = join(MODULES, 'cli/program.js');

/** What starts the thread, from the modules and from the bundle. */
const THREAD = {
  of: 'classifier/worker-life.js',
  module: './worker.js',
  bundle: '../bundle/classifier-thread.cjs',
};

/** What it is made of and by. */
const MAKERS = ['dist/.tsbuildinfo', 'scripts/bundle.js', 'package-lock.json'].map((path) =>
  join(ROOT, path),
);
/** Written last. */
const LIST = join(OUT, 'modules.json');

/** Whether there is nothing to do. */
export function isMade() {
  if (!existsSync(LIST)) return false;
  const madeMs = statSync(LIST).mtimeMs;
  return MAKERS.every((path) => existsSync(path) && statSync(path).mtimeMs <= madeMs);
}

const COMMON = { bundle: true, platform: 'node', target: 'node20', write: false, logLevel: 'warning' };

export async function makeBundle() {
  const { build } = await import('esbuild');
  const entries = Object.values(BUNDLES).flat();
  const { metafile, outputFiles } = await build({
    ...COMMON,
    entryPoints: entries.map((path) => join(MODULES, path)),
    entryNames: '[dir]/[name]',
    outbase: MODULES,
    outdir: OUT,
    format: 'esm',
    splitting: true,
    minifyWhitespace: true, // takes comments away; what is written in the end has lines again
    metafile: true,
    absWorkingDir: ROOT,
    plugins: [{ name: 'modules', setup: readModules }],
  });
  const chunks = new Map(
    outputFiles.map(({ path, text }) => [path, { path, text, ...metafile.outputs[relative(ROOT, path)] }]),
  );
  const bundled = Object.entries(BUNDLES).map(([name, starts]) => {
    const first = starts.map((path) => join(OUT, path));
    return { name, first, inside: reached(chunks, first, ['import-statement']) };
  });
  const asCommonJs = async (contents, inside) => {
    const plugin = { name: 'chunks', setup: (on) => readChunks(on, chunks, inside) };
    const stdin = { contents, resolveDir: OUT };
    const define = { 'import.meta.url': 'fileUrl' };
    const { outputFiles } = await build({ ...COMMON, stdin, define, format: 'cjs', plugins: [plugin] });
    // Of the others here, or of a package.
    return outputFiles[0].text
      .replaceAll(/\bimport\(("\.\/[^"]*\.cjs")\)/g, 'Promise.resolve().then(() => require($1))')
      .replaceAll(/\bimport\(/g, 'importModule(');
  };
  const files = new Map();
  for (const { name, first, inside } of bundled) {
    const all = [...inside].map(
      (path) => `export * as ${JSON.stringify(idOf(path))} from ${JSON.stringify(path)};`,
    );
    const entry = `export * as entry from ${JSON.stringify(first[0])};`;
    files.set(`./${name}.cjs`, { inside, text: await asCommonJs([entry, ...all].join('\n'), inside) });
  }
  for (const { first, inside } of bundled) {
    for (const path of reached(chunks, first, ['import-statement', 'dynamic-import'])) {
      if (inside.has(path) || files.has(idOf(path))) continue;
      files.set(idOf(path), { inside: [path], text: await asCommonJs(chunks.get(path).text, new Set()) });
    }
  }
  rmSync(OUT, { recursive: true, force: true });
  mkdirSync(OUT, { recursive: true });
  const modules = {};
  for (const [id, { inside, text }] of files) {
    const hash = createHash('sha256').update(text).digest('hex').slice(0, 16);
    writeFileSync(
      join(OUT, id),
      `// ${hash}\n(function (module, exports, require, fileUrl, importModule) {${text}})`,
    );
    modules[id] = [...inside].flatMap((path) => Object.keys(chunks.get(path).inputs));
  }
  writeFileSync(join(OUT, 'LICENSES.txt'), licencesOf(Object.values(modules).flat()));
  writeFileSync(LIST, JSON.stringify(modules, null, 1));
}

/** Of the packages that some of the files are from. */
function licencesOf(files) {
  const packages = files.map((file) => /^node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(file)?.[1]);
  return [...new Set(packages.filter((name) => name !== undefined))]
    .sort()
    .map((name) => {
      const folder = join(ROOT, 'node_modules', name);
      const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
      const { license, author } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
      const text = file
        ? readFileSync(join(folder, file), 'utf8').trim()
        : `${license}, ${author?.name ?? author}`;
      return `${name}\n\n${text}\n`;
    })
    .join('\n\n');
}

/** What a chunk is known by to the others, and the file that it has where it is loaded later. */
function idOf(path) {
  return `./${relative(OUT, path).replaceAll('/', '-').replace(/js$/, 'cjs')}`;
}

/** Chunks that are loaded by these, in the given ways. */
function reached(chunks, first, kinds) {
  const found = new Set();
  const visit = (path) => {
    if (found.has(path)) return;
    found.add(path);
    for (const { path: other, kind } of chunks.get(path).imports) {
      if (kinds.includes(kind) && chunks.has(join(ROOT, other))) visit(join(ROOT, other));
    }
  };
  first.forEach(visit);
  return found;
}

/** Which modules and packages are joined, and where they think that they are: where they are in dist/, with what lies next to them. */
function readModules(on) {
  on.onResolve({ filter: /^[^./]/ }, ({ path, importer }) =>
    PACKAGES.has(path) || importer.includes('/node_modules/') ? undefined : { path, external: true },
  );
  on.onResolve({ filter: /\/program\.js$/ }, ({ path, resolveDir }) =>
    resolve(resolveDir, path) === OTHER_COMMANDS
      ? { path: relativeTo(OUT, OTHER_COMMANDS), external: true }
      : undefined,
  );
  on.onLoad({ filter: /\.c?js$/ }, ({ path }) => {
    if (!path.startsWith(MODULES)) return undefined;
    let text = readFileSync(path, 'utf8');
    if (path === join(MODULES, THREAD.of)) text = text.replace(`'${THREAD.module}'`, `'${THREAD.bundle}'`);
    const place = JSON.stringify(relativeTo(OUT, path));
    return { contents: text.replaceAll('import.meta.url', `new URL(${place}, import.meta.url).href`) };
  });
}

/** Chunks among those of one file; the others are required by their ids. */
function readChunks(on, chunks, inside) {
  on.onResolve({ filter: /./ }, ({ path, kind, resolveDir }) => {
    const chunk = resolve(resolveDir, path);
    if (!chunks.has(chunk)) return kind === 'entry-point' ? undefined : { path, external: true };
    if (kind !== 'dynamic-import' && inside.has(chunk)) return { path: chunk };
    return { path: idOf(chunk), external: true };
  });
  on.onLoad({ filter: /./ }, ({ path }) =>
    chunks.has(path) ? { contents: chunks.get(path).text, resolveDir: dirname(path) } : undefined,
  );
}

function relativeTo(folder, path) {
  const way = relative(folder, path);
  return way.startsWith('.') ? way : `./${way}`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await makeBundle();
