import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { MALLOC_ENVIRONMENT } from '../src/process-settings.js';
import { dockerfileInstructions } from './support/image.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
const read = (path: string) => readFileSync(`${root}${path}`, 'utf8');
const instructions = dockerfileInstructions();

test('every path that is copied from here exists, and is let through by .dockerignore', () => {
  const ignore = read('.dockerignore').trim().split('\n');
  assert.equal(ignore[0], '*');
  const copied = instructions
    .filter((line) => line.startsWith('COPY ') && !line.includes('--from='))
    .flatMap((line) => line.split(' ').slice(1, -1));
  assert.ok(copied.includes('src'));
  for (const path of copied) {
    assert.ok(existsSync(root + path), path);
    assert.ok(ignore.includes(`!${path}`), path);
  }
});

test('the last stage runs what the build makes, as another user than root, and starts with the settings of the command', () => {
  const last = instructions.slice(instructions.findLastIndex((line) => line.startsWith('FROM ')));
  assert.deepEqual(
    last.filter((line) => line.startsWith('USER ')),
    ['USER node'],
  );
  const entry = JSON.parse(
    last.find((line) => line.startsWith('ENTRYPOINT '))!.slice('ENTRYPOINT '.length),
  ) as string[];
  const script = entry.at(-1)!;
  assert.ok(existsSync(root + script));
  assert.deepEqual(entry, ['node', script]);
  const environment = last.find((line) => line.startsWith('ENV '))!.split(/\s+/);
  for (const [name, value] of Object.entries(MALLOC_ENVIRONMENT)) {
    assert.ok(environment.includes(`${name}=${value}`), name);
  }
});
