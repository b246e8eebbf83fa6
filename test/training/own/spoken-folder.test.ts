import assert from 'node:assert/strict';
import { existsSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { spokenFolder } from '../../../src/training/own/spoken-folder.js';
import { temporaryFolder } from '../../support/temp-folder.js';

test('what was spoken is found again, and that of eight phrases is kept', async () => {
  const cache = temporaryFolder();
  const first = await spokenFolder(cache, 'hey kitchen');
  writeFileSync(join(first, 'clip.wav'), 'sound');
  assert.equal(await spokenFolder(cache, 'hey kitchen'), first);
  assert.notEqual(await spokenFolder(cache, 'héy kitchen'), first, 'of the same name, but spoken otherwise');
  for (let i = 0; i < 6; i++) {
    const path = await spokenFolder(cache, `phrase ${i}`);
    utimesSync(path, 1000 + i, 1000 + i);
  }
  assert.equal(readdirSync(join(cache, 'spoken')).length, 8);
  await spokenFolder(cache, 'one more');
  assert.deepEqual(
    readdirSync(join(cache, 'spoken')).filter((name) => name.startsWith('phrase_0')),
    [],
    'the oldest',
  );
  assert.ok(existsSync(join(first, 'clip.wav')));
});
