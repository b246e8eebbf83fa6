import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isSamePhrase } from '../../../src/model/index.js';
import { readPhrase } from '../../../src/training/own/phrase.js';

test('phrases that cannot be keywords are refused, each with its reason', async () => {
  const refused: readonly (readonly [string, RegExp])[] = [
    ['', /^the phrase is empty: give the words/],
    [' \t\n ', /^the phrase is empty/],
    ['?!', /^the phrase is empty/],
    ['-.-', /^"-\.-" has no letter that a voice can say/],
    ['uh', /^"uh" is too short: it has 1 sounds, and 3 are the least/],
    ['ab'.repeat(30), /^"abababababababababab\.\.\." has 60 letters, and 40 are the most/],
    ['привет', /^"привет" has a letter that no voice here can say \(п\): write it in Latin letters/],
    ['hey 厨房', /\(厨\)/],
    ['hey\0kitchen', /no voice here can say/],
    ['one two three four five six seven eight', /syllables, and 7 are the most: leave words out/],
  ];
  for (const [typed, message] of refused) {
    await assert.rejects(readPhrase(typed), { code: 'WG_KEYWORD_INVALID', message }, JSON.stringify(typed));
  }
});

test('a phrase may be written as people write', async () => {
  for (const typed of ['  hey   kitchen ', 'hey, kitchen!', 'hey\tkitchen…', '"hey kitchen"']) {
    assert.equal((await readPhrase(typed)).text, 'hey kitchen');
  }
  assert.ok(isSamePhrase('Hey, kitchen', 'hey kitchen!'));
  assert.ok(!isSamePhrase('über', 'uber'));
  assert.equal((await readPhrase('don’t panic')).text, "don't panic");
});
