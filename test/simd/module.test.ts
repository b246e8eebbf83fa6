import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { newKernels } from '../../src/simd/index.js';
import { SOURCES } from '../../src/simd/module.js';

const at = (path: string) => new URL(`../../../${path}`, import.meta.url);

test('the module that is committed was compiled from the sources that are', async () => {
  const { hashOfSources } = (await import(at('scripts/simd-sources.js').href)) as {
    hashOfSources(): string;
  };
  assert.equal(SOURCES, hashOfSources(), 'assembly/ has changed: run "npm run simd"');
});

test('the compiler gives the module that is committed', (t) => {
  if (process.env.WAKEGATE_SIMD_COMPILER !== 'on') {
    t.skip('WAKEGATE_SIMD_COMPILER=on fetches AssemblyScript and compiles assembly/ again');
    return;
  }
  execFileSync(process.execPath, [fileURLToPath(at('scripts/simd.js')), '--check'], { stdio: 'inherit' });
});

test('there are no kernels with WAKEGATE_SIMD=off, nor without WebAssembly: the plain path is used', (t) => {
  if (newKernels() === null) {
    t.skip('this processor has no SIMD for WebAssembly');
    return;
  }
  const script =
    "import('./dist/src/simd/index.js').then(({ openKernels }) => console.log(openKernels() === null))";
  const isPlain = (options: string[], env: Record<string, string>) =>
    execFileSync(process.execPath, [...options, '-e', script], {
      cwd: fileURLToPath(at('.')),
      env: { ...process.env, WAKEGATE_SIMD: '', ...env },
      encoding: 'utf8',
    }).trim();
  assert.equal(isPlain([], {}), 'false');
  assert.equal(isPlain([], { WAKEGATE_SIMD: 'off' }), 'true');
  assert.equal(isPlain(['--jitless'], {}), 'true');
});
