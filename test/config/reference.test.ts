import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { configurationPage } from '../../src/config/reference.js';

const PAGE = fileURLToPath(new URL('../../../docs/reference/configuration.md', import.meta.url));

test('docs/reference/configuration.md is what the schema says now (if not: npm run docs)', () => {
  assert.equal(readFileSync(PAGE, 'utf8'), configurationPage());
});
