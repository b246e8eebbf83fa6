// Compiles assembly/ to WebAssembly, as text in src/simd/module.ts: `npm run simd`, whenever assembly/ has changed.
//
//   node scripts/simd.js            writes src/simd/module.ts
//   node scripts/simd.js --check    exit code 1 where it is not what assembly/ gives
//
// The compiler, AssemblyScript, comes with 100 MB of binaryen, and so is no dependency: npm fetches it when this runs.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { hashOfSources } from './simd-sources.js';

const COMPILER = 'assemblyscript@0.28.20';
const ROOT = fileURLToPath(new URL('..', import.meta.url));
const TARGET = join(ROOT, 'src/simd/module.ts');

function compile() {
  const folder = mkdtempSync(join(tmpdir(), 'wakegate-simd-'));
  const wasm = join(folder, 'module.wasm');
  const options = ['--runtime', 'stub', '--enable', 'simd', '-O3', '--noAssert'];
  // Pages of 64 KiB. What listens all the time keeps to the first; the classifier asks for more before it makes its views.
  const memory = ['--initialMemory', '16', '--maximumMemory', '1024'];
  const command = ['exec', '--yes', `--package=${COMPILER}`, '--', 'asc', 'assembly/index.ts', '-o', wasm];
  const { status, error } = spawnSync('npm', [...command, ...options, ...memory], {
    cwd: ROOT,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  if (error) throw error;
  if (status !== 0) throw new Error(`asc ended with code ${status}`);
  const bytes = readFileSync(wasm);
  rmSync(folder, { recursive: true });
  return bytes;
}

const lines = compile()
  .toString('base64')
  .match(/.{1,100}/g);
const text = `/** Made from assembly/ by "npm run simd": do not edit. */

/** SHA-256 of the sources that it was compiled from. */
export const SOURCES = '${hashOfSources()}';

/** A WebAssembly module, in base64. */
export const MODULE =
  ${lines.map((line) => `'${line}'`).join(' +\n  ')};
`;
if (!process.argv.includes('--check')) writeFileSync(TARGET, text);
else if (readFileSync(TARGET, 'utf8') !== text) {
  console.error('src/simd/module.ts is not what assembly/ gives: run "npm run simd"');
  process.exitCode = 1;
}
