import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { circlesOf, faultsOf, type Import, readImports, readTable, within } from './support/architecture.js';
import { temporaryFolder } from './support/temp-folder.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const document = readFileSync(join(ROOT, 'docs/architecture.md'), 'utf8');
const rooms = readTable(document, 'room');
const trainingRooms = readTable(document, 'within `training/`');
const { files, imports } = readImports(join(ROOT, 'src'));

test('every file has a room, and imports only what its room may', () => {
  assert.ok(files.length > 200 && imports.length > 600, 'the sources were read');
  assert.deepEqual(faultsOf(rooms, files, imports), []);
});

test('within training every file has a room, and imports only what its room may', () => {
  const training = within('training/', files, imports);
  assert.ok(training.imports.length > 100, 'the sources were read');
  assert.deepEqual(faultsOf(trainingRooms, training.files, training.imports), []);
});

test('no file imports itself by way of others', () => {
  assert.deepEqual(circlesOf(imports), []);
});

const faultsWith = (added: Import) =>
  faultsOf(rooms, files, [...imports, added]).map((fault) => fault.replace(/ may not import .*/, ''));

test('an import that runs down, or past what a row allows, is found', () => {
  const wrong: readonly Import[] = [
    { from: 'server/server.ts', to: 'daemon/daemon.ts', isType: true },
    { from: 'gate/handoff.ts', to: 'classifier/worker.ts', isType: false },
    { from: 'classifier/worker.ts', to: 'gate/gated-front.ts', isType: false },
    { from: 'client/client.ts', to: 'protocol/index.ts', isType: false },
    { from: 'daemon/daemon.ts', to: 'training/index.ts', isType: false },
    { from: 'errors.ts', to: 'version.ts', isType: false },
    { from: 'schema/check.ts', to: 'errors.ts', isType: false },
  ];
  assert.deepEqual(
    wrong.flatMap((added) => faultsWith(added)),
    wrong.filter(({ from }) => from !== 'errors.ts').map(({ from }) => from),
    'all but the one within its own row',
  );
});

test('a file without a room, and a room without a file, are found', () => {
  assert.deepEqual(faultsOf(rooms, [...files, 'utils/strings.ts'], imports), [
    'utils/strings.ts is in no room of the table',
  ]);
  assert.deepEqual(
    faultsOf(
      rooms,
      files.filter((file) => !file.startsWith('doctor/')),
      [],
    ),
    ['there is no doctor/'],
  );
});

test('a row that names a room below it, or one that there is not, is refused', () => {
  const table = (cell: string) =>
    `| room | what | may import |\n| --- | --- | --- |\n| \`a.ts\` | | ${cell} |\n`;
  assert.deepEqual(readTable(table('nothing'), 'room'), [{ places: ['a.ts'], mayImport: [] }]);
  assert.throws(
    () => readTable(table('daemon'), 'room'),
    /"daemon" in the row of `a.ts` is no room above it/,
  );
});

test('imports of every kind are read, and a circle of them is found', () => {
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'in'));
  writeFileSync(join(folder, 'a.ts'), "import { type B } from './in/b.js';\nexport const a: B = 1;\n");
  writeFileSync(
    join(folder, 'in/b.ts'),
    "import type { C } from '../c.js';\nimport 'node:fs';\nexport type B = C;\n",
  );
  writeFileSync(join(folder, 'c.ts'), "export { d } from './d.cjs';\nexport type C = number;\n");
  writeFileSync(join(folder, 'd.cts'), "// import './e.js';\nexport const d = () => import('./e.js');\n");
  writeFileSync(
    join(folder, 'e.ts'),
    "export type E = typeof import('./a.js');\nexport type * from './f.js';\n",
  );
  writeFileSync(join(folder, 'f.ts'), 'export type F = "import(\'./a.js\')";\n');
  const read = readImports(folder);
  assert.deepEqual(read.files, ['a.ts', 'c.ts', 'd.cts', 'e.ts', 'f.ts', 'in/b.ts']);
  assert.deepEqual(
    read.imports.map(({ from, to, isType }) => `${from} ${to} ${isType}`),
    [
      'a.ts in/b.ts false',
      'c.ts d.cts false',
      'd.cts e.ts false',
      'e.ts a.ts true',
      'e.ts f.ts true',
      'in/b.ts c.ts true',
    ],
  );
  assert.deepEqual(circlesOf(read.imports), ['a.ts -> in/b.ts -> c.ts -> d.cts -> e.ts -> a.ts']);
  assert.deepEqual(circlesOf(read.imports.filter(({ to }) => to !== 'a.ts')), []);
});
