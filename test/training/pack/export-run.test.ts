import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { readFolds } from '../../../src/training/pack/export-run.js';
import { temporaryFolder } from '../../support/temp-folder.js';

const folder = temporaryFolder();

function run(name: string, settings: object): string {
  const path = join(folder, name);
  mkdirSync(path);
  writeFileSync(join(path, 'settings.json'), JSON.stringify(settings));
  return path;
}

const first = run('first', { fold: { index: 0, of: 3 } });
const third = run('third', { fold: { index: 2, of: 3 } });

test('a run says itself what it left out, so that some of the folds do', async () => {
  assert.deepEqual(await readFolds([third, first]), [
    { run: third, fold: { index: 2, of: 3 } },
    { run: first, fold: { index: 0, of: 3 } },
  ]);
});

test('runs that left out nothing, or the same speakers, do not count', async () => {
  const cases: [string[], RegExp][] = [
    [
      [first, run('whole', { fold: null })],
      /whole left out no speakers: name runs that were trained with --fold/,
    ],
    [[join(folder, 'none')], /none left out no speakers/],
    [[first, first], /left out some of the same speakers/],
    [
      [first, run('half', { fold: { index: 1, of: 2 } })],
      /half and .*first left out some of the same speakers/,
    ],
  ];
  for (const [runs, message] of cases) {
    await assert.rejects(readFolds(runs), { code: 'WG_DATA_INVALID', message });
  }
});
