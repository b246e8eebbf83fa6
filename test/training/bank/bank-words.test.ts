import assert from 'node:assert/strict';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { WakegateError } from '../../../src/errors.js';
import { type ModelPack, readPack, resolvePack } from '../../../src/model/index.js';
import { readBankParts } from '../../../src/training/bank/bank.js';
import { readBankWords, writeBankWords } from '../../../src/training/bank/bank-words.js';
import { temporaryFolder } from '../../support/temp-folder.js';

test('clips that say a phrase are found where they are, by split', async () => {
  const directory = temporaryFolder();
  const pack = { directory } as ModelPack;
  const parts = [
    { split: 'train', steps: 70 },
    { split: 'dev', steps: 30 },
    { split: 'train', steps: 25 },
  ];
  assert.equal(await readBankWords(pack, { sha256: 'a', parts }), null, 'without a list nothing is known');
  await writeBankWords(directory, 'a', [
    {
      clips: [
        { steps: 40, text: 'One, two.' },
        { steps: 30, text: null },
      ],
    },
    { clips: [{ steps: 30, text: 'Two!' }] },
    {
      clips: [
        { steps: 20, text: 'too' },
        { steps: 5, text: 'twos' },
      ],
    },
  ]);
  const words = (await readBankWords(pack, { sha256: 'a', parts }))!;
  assert.deepEqual(words.clipsSaying('train', 'two'), [
    { from: 0, until: 40 },
    { from: 90, until: 95 },
  ]);
  assert.deepEqual(words.clipsSaying('dev', 'two'), [{ from: 0, until: 30 }]);
  const isRefused = (expected: RegExp) => (error: unknown) =>
    error instanceof WakegateError && error.code === 'WG_DATA_INVALID' && expected.test(error.message);
  await assert.rejects(readBankWords(pack, { sha256: 'b', parts }), isRefused(/of another bank/));
  const longer = parts.map((part, i) => (i === 1 ? { ...part, steps: 31 } : part));
  await assert.rejects(readBankWords(pack, { sha256: 'a', parts: longer }), isRefused(/in part 2/));
});

test('the list that comes with the pack is of its bank, and small', async () => {
  const pack = await readPack(await resolvePack('wake-words-en'));
  const bank = await readBankParts(pack);
  const words = (await readBankWords(pack, bank))!;
  assert.ok(words.clipsSaying('dev', 'zero').length > 10, 'telephone numbers and prompts');
  assert.equal(words.clipsSaying('train', 'hey kitchen').length, 0);
  assert.ok(statSync(join(pack.directory, 'bank-words.br')).size < 300_000);
  assert.equal(JSON.parse(readFileSync(join(pack.directory, 'bank.json'), 'utf8')).sha256, bank.sha256);
});
