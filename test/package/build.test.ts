import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { temporaryFolder } from '../support/temp-folder.js';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const folder = temporaryFolder();

const TSCONFIG = {
  compilerOptions: {
    target: 'ES2023',
    module: 'NodeNext',
    rootDir: '.',
    outDir: 'dist',
    declaration: true,
    sourceMap: true,
    incremental: true,
    tsBuildInfoFile: 'dist/.tsbuildinfo',
    types: [],
  },
  include: ['src'],
};

/** A small repository with our build script. */
function makeRepository(name: string, { compiler }: { compiler: boolean }): string {
  const root = join(folder, name);
  mkdirSync(join(root, 'scripts'), { recursive: true });
  mkdirSync(join(root, 'src/cli'), { recursive: true });
  copyFileSync(join(ROOT, 'scripts/build.js'), join(root, 'scripts/build.js'));
  writeFileSync(join(root, 'package.json'), '{ "type": "module" }');
  writeFileSync(join(root, 'tsconfig.json'), JSON.stringify(TSCONFIG));
  writeFileSync(join(root, 'src/cli/main.cts'), '#!/usr/bin/env node\nexport = 1;\n');
  writeFileSync(join(root, 'src/moved.ts'), 'export const moved = 1;\n');
  if (compiler) {
    mkdirSync(join(root, 'node_modules'));
    symlinkSync(join(ROOT, 'node_modules/typescript'), join(root, 'node_modules/typescript'));
  }
  return root;
}

function build(root: string): { code: number | null; stdout: string; stderr: string } {
  // As `npm run build` in this folder, whatever npm runs the tests.
  const env = { ...process.env, npm_lifecycle_event: 'build', INIT_CWD: root };
  const { status, stdout, stderr } = spawnSync(process.execPath, ['scripts/build.js'], {
    cwd: root,
    env,
    encoding: 'utf8',
  });
  return { code: status, stdout, stderr };
}

test('what no longer has a source is removed, and what only the notes of the compiler have is built', () => {
  const root = makeRepository('changing', { compiler: true });
  assert.deepEqual(build(root), { code: 0, stdout: '', stderr: '' });
  const built = () => readdirSync(join(root, 'dist/src')).sort();
  assert.deepEqual(built(), ['cli', 'moved.d.ts', 'moved.js', 'moved.js.map']);
  // A bundle that another program made has no declaration.
  writeFileSync(join(root, 'dist/src/bundle.js'), '');
  rmSync(join(root, 'src/moved.ts'));
  assert.equal(build(root).code, 0);
  assert.deepEqual(built(), ['bundle.js', 'cli']);
  assert.equal(spawnSync(join(root, 'dist/src/cli/main.cjs')).status, 0);

  rmSync(join(root, 'dist/src'), { recursive: true });
  assert.ok(existsSync(join(root, 'dist/.tsbuildinfo')));
  assert.equal(build(root).code, 0);
  assert.deepEqual(built(), ['cli']);
});

test('a fault in a source is printed, and makes for an exit code', () => {
  const root = makeRepository('faulty', { compiler: true });
  writeFileSync(join(root, 'src/moved.ts'), "export const moved: number = 'one';\n");
  const { code, stderr } = build(root);
  assert.notEqual(code, 0);
  assert.match(stderr, /moved\.ts.*TS2322/);
});

test('without the compiler, what was built is used; where nothing was, the command that helps is named', () => {
  const root = makeRepository('production', { compiler: false });
  const { code, stderr } = build(root);
  assert.equal(code, 1);
  assert.match(
    stderr,
    /has not been built yet, and its compiler is not installed .*\n.*\n\n {2}npm ci --include=dev/,
  );

  mkdirSync(join(root, 'dist/src/cli'), { recursive: true });
  writeFileSync(join(root, 'dist/src/cli/main.cjs'), '');
  assert.deepEqual(build(root), { code: 0, stdout: '', stderr: '' });
});

test('in a package there is nothing to build', () => {
  const root = makeRepository('package', { compiler: false });
  rmSync(join(root, 'tsconfig.json'));
  assert.deepEqual(build(root), { code: 0, stdout: '', stderr: '' });
});
