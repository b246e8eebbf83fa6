import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { MALLOC_ENVIRONMENT } from '../src/process-settings.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
const read = (path: string) => readFileSync(`${root}${path}`, 'utf8');
const command = [
  ...Object.entries(MALLOC_ENVIRONMENT).map(([name, value]) => `${name}=${value}`),
  'node',
].join(' ');

test('the command starts with the process settings, from its first line on', () => {
  assert.equal(read('dist/src/cli/main.cjs').split('\n', 1)[0], `#!/usr/bin/env -S ${command}`);
});

test('npm start starts with the process settings', () => {
  const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
  assert.ok(scripts.start.endsWith(` && ${command} dist/src/cli/main.cjs run`), scripts.start);
});
