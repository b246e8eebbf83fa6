// Compiles src/, test/ and bench/ into dist/, and removes from there what no longer has a source. Makes the page and the daemon's bundle too.
//
//   node scripts/build.js              only what has changed: `npm run build`, and `prepare` after an install
//   node scripts/build.js --install    installs the compiler first where it is missing: `prepack`, so that `npm pack` of
//                                      a clean clone packs a package that runs
//
// The same where another project installs this folder, which then has no compiler of its own either.
// Without the compiler, what was built before is used as it is. In a package that was packed there is nothing to build.
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, readdirSync, rmSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const MAIN = join(ROOT, 'dist/src/cli/main.cjs');
const DASHBOARD = join(ROOT, 'src/dashboard');
const BUILD_INFO = join(ROOT, 'dist/.tsbuildinfo');

/** Path of TypeScript's compiler; null where it is not installed. */
function compiler() {
  try {
    return createRequire(import.meta.url).resolve('typescript/bin/tsc');
  } catch {
    return null;
  }
}

/** @returns its exit code */
function run(program, args, { quietly = false } = {}) {
  // Not on stdout, which `npm pack --json` prints JSON on.
  const output = quietly ? 'ignore' : 2;
  const { status, error } = spawnSync(program, args, { cwd: ROOT, stdio: ['ignore', output, output] });
  if (error) throw error;
  return status ?? 1;
}

function filesUnder(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name, parentPath, path }) => join(parentPath ?? path, name));
}

/** Tests and modules that were moved or deleted would otherwise still be run and packed. */
function removeOrphans() {
  for (const declaration of filesUnder(join(ROOT, 'dist')).filter((path) => path.endsWith('.d.ts'))) {
    const stem = declaration.slice(0, -'.d.ts'.length);
    if (existsSync(`${stem.replace(join(ROOT, 'dist'), ROOT)}.ts`)) continue;
    for (const ending of ['.d.ts', '.js', '.js.map']) rmSync(stem + ending, { force: true });
  }
}

function isStale() {
  if (!existsSync(BUILD_INFO)) return false;
  const builtMs = statSync(BUILD_INFO).mtimeMs;
  return filesUnder(join(ROOT, 'src')).some((path) => statSync(path).mtimeMs > builtMs);
}

function mayInstall() {
  if (process.argv.includes('--install')) return true;
  const { npm_lifecycle_event: event, INIT_CWD: calledIn } = process.env;
  return event === 'prepare' && calledIn !== undefined && relative(ROOT, calledIn).startsWith('..');
}

/** The page, where its sources have changed. @returns an exit code */
async function buildDashboard(tsc) {
  if (!existsSync(DASHBOARD)) return 0;
  const { isMade, makeDashboard } = await import('./dashboard.js');
  if (isMade()) return 0;
  // Before anything is written, or what is not right would count as made.
  const code = run(process.execPath, [tsc, '-p', DASHBOARD]);
  if (code === 0) await makeDashboard();
  return code;
}

/** The files of GET /docs. */
async function buildReference() {
  if (!existsSync(join(ROOT, 'scripts/api-reference.js'))) return;
  const { isReferenceMade, makeReference } = await import('./api-reference.js');
  if (!isReferenceMade()) makeReference();
}

/** What the daemon starts from, where the modules have been compiled again. */
async function buildBundle() {
  if (!existsSync(join(ROOT, 'scripts/bundle.js'))) return;
  const { isMade, makeBundle } = await import('./bundle.js');
  if (!isMade()) await makeBundle();
}

async function build() {
  if (!existsSync(join(ROOT, 'tsconfig.json'))) return 0;
  if (compiler() === null && mayInstall()) {
    console.error('wakegate: installing the compiler and the dependencies (npm ci) ...');
    // Settings of the npm that runs this come along in the environment: they are not meant for this one.
    const overrides = ['--include=dev', '--dry-run=false', '--global=false', '--json=false'];
    const args = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', ...overrides];
    const code = process.env.npm_execpath
      ? run(process.execPath, [process.env.npm_execpath, ...args])
      : run('npm', args);
    if (code !== 0) return code;
  }
  const tsc = compiler();
  if (tsc === null) {
    if (!existsSync(MAIN)) {
      console.error(
        'wakegate has not been built yet, and its compiler is not installed (NODE_ENV=production and --omit=dev leave it out).\n' +
          'Run this, then what you ran again:\n\n  npm ci --include=dev\n',
      );
      return 1;
    }
    if (isStale()) {
      console.error(
        'wakegate: src/ has changed since dist/ was built, and the compiler is not installed: this is the earlier build.\n' +
          'To build it again: npm ci --include=dev',
      );
    }
    return 0;
  }
  // TypeScript takes its notes' word for what is in dist/, so notes without it would leave dist/ empty.
  if (!existsSync(MAIN)) rmSync(BUILD_INFO, { force: true });
  const isIncremental = existsSync(BUILD_INFO);
  let code = run(process.execPath, [tsc, '-p', ROOT], { quietly: isIncremental });
  if (code !== 0 && isIncremental) {
    // What TypeScript thinks of Fastify's types depends on the order in which it looks at files, and so on what has changed
    // since the last build. Only a build of everything is believed.
    rmSync(BUILD_INFO, { force: true });
    code = run(process.execPath, [tsc, '-p', ROOT]);
  }
  removeOrphans();
  if (code === 0) code = await buildDashboard(tsc);
  if (code === 0) await buildReference();
  if (code === 0) await buildBundle();
  if (code === 0) chmodSync(MAIN, 0o755);
  return code;
}

process.exitCode = await build();
