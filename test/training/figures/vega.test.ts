import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { temporaryFolder } from '../../support/temp-folder.js';

const folder = temporaryFolder();
const SOURCE = fileURLToPath(new URL('../../../src/', import.meta.url));

test('where Vega is not installed, an error says how to install it', async () => {
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ type: 'module' }));
  for (const file of ['errors.js', 'training/figures/vega.js']) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    copyFileSync(join(SOURCE, file), join(folder, file));
  }
  const { loadVega } = await import(pathToFileURL(join(folder, 'training/figures/vega.js')).href);
  await assert.rejects(loadVega(), {
    code: 'WG_PROGRAM_MISSING',
    message: /not installed: npm install vega vega-lite$/,
  });
});
