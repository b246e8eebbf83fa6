import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { temporaryFolder } from '../support/temp-folder.js';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const TSC = join(ROOT, 'node_modules/typescript/bin/tsc');
const folder = temporaryFolder();
const installed = join(folder, 'node_modules/wakegate');

/** A browser project: no types but the DOM's, and declarations that are checked as well. */
const COMPILER_OPTIONS = {
  target: 'ES2022',
  lib: ['ES2022', 'DOM', 'DOM.Iterable', 'DOM.AsyncIterable'],
  module: 'ESNext',
  moduleResolution: 'Bundler',
  types: [],
  strict: true,
  exactOptionalPropertyTypes: true,
  skipLibCheck: false,
  noEmit: true,
};

const PAGE = `
import { type Message, ServiceError, type Status, WakegateClient } from 'wakegate/client';

const client = new WakegateClient({ url: 'http://127.0.0.1:8765' });
export async function follow(signal: AbortSignal): Promise<Status> {
  for await (const event of client.events({ types: ['detection'], signal })) show(event);
  for await (const event of client.listen([new Int16Array(16_000)], { rate: 48_000 })) show(event);
  const { detections } = await client.detect(new Blob([]));
  const { limits } = await client.captures();
  await client.changeKeyword('alexa', { threshold: limits.count / 100, label: null });
  console.log(detections.map(({ keyword, time }) => keyword + time), (await client.energy()).saved?.ratio);
  return client.status().catch((error: unknown) => {
    if (error instanceof ServiceError) console.error(error.code);
    throw error;
  });
}
function show(message: Message): void {
  if (message.type === 'detection') console.log(message.label, message.score.toFixed(2), message.cost.cpuMs);
  // @ts-expect-error Types that were not found would take anything.
  if (message.type === 'detection') console.log(message.scores);
}
// In a browser a timer is a number: types of Node would make it an object.
export const timer: number = setTimeout(() => {}, 1);
`;

let errors: readonly string[];
/** All that was read but the compiler's own declarations. */
let files: readonly string[];

before(() => {
  // As it is in an installed package: its description and what it is built to, with no other package next to it.
  mkdirSync(installed, { recursive: true });
  writeFileSync(join(installed, 'package.json'), readFileSync(join(ROOT, 'package.json')));
  cpSync(join(ROOT, 'dist/src'), join(installed, 'dist/src'), { recursive: true });
  writeFileSync(join(folder, 'page.ts'), PAGE);
  const project = { compilerOptions: COMPILER_OPTIONS, files: ['page.ts'] };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(project));
  const { stdout } = spawnSync(process.execPath, [TSC, '-p', folder, '--listFiles'], { encoding: 'utf8' });
  const lines = stdout.split('\n').filter((line) => line !== '');
  errors = lines.filter((line) => !line.startsWith('/'));
  files = lines.filter((line) => line.startsWith('/') && !line.includes('/node_modules/typescript/lib/'));
});

test('a browser project compiles with the client, and its timers stay numbers', () => {
  assert.deepEqual(errors, []);
});

test('the client brings fewer than 40 declarations with it, all of them its own or of the protocol', () => {
  const brought = files.filter((file) => !file.endsWith('/page.ts'));
  assert.ok(brought.some((file) => file.endsWith('/wakegate/dist/src/client/index.d.ts')));
  assert.ok(brought.length < 40, `${brought.length} files`);
  for (const file of brought) assert.match(file, /\/wakegate\/dist\/src\/(client|protocol)\/[a-z-]+\.d\.ts$/);
});
