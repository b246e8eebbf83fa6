import assert from 'node:assert/strict';
import { existsSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { spokenFolder } from '../../../src/training/own/spoken-folder.js';
import { temporaryFolder } from '../../support/temp-folder.js';

test('what was spoken is found again, and that of eight phrases is kept', async () => {
  const cache = temporaryFolder();
  const first = await spokenFolder(cache, { text: 'hey kitchen', language: 'en' });
  writeFileSync(join(first, 'clip.wav'), 'sound');
  assert.equal(await spokenFolder(cache, { text: 'hey kitchen', language: 'en' }), first);
  assert.notEqual(
    await spokenFolder(cache, { text: 'héy kitchen', language: 'en' }),
    first,
    'of the same name, but spoken otherwise',
  );
  assert.notEqual(await spokenFolder(cache, { text: 'hey kitchen', language: 'de' }), first);
  for (let i = 0; i < 5; i++) {
    const path = await spokenFolder(cache, { text: `phrase ${i}`, language: 'en' });
    utimesSync(path, 1000 + i, 1000 + i);
  }
  assert.equal(readdirSync(join(cache, 'spoken')).length, 8);
  await spokenFolder(cache, { text: 'one more', language: 'en' });
  assert.deepEqual(
    readdirSync(join(cache, 'spoken')).filter((name) => name.startsWith('phrase_0')),
    [],
    'the oldest',
  );
  assert.ok(existsSync(join(first, 'clip.wav')));
});
