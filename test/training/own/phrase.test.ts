import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isSamePhrase } from '../../../src/model/index.js';
import { inEnglishSounds, nearSounds } from '../../../src/training/own/near-sounds.js';
import { readPhrase } from '../../../src/training/own/phrase.js';
import { Random } from '../../../src/training/random.js';

test('phrases that cannot be keywords are refused, each with its reason', async () => {
  const refused: readonly (readonly [string, RegExp])[] = [
    ['', /^the phrase is empty: give the words/],
    [' \t\n ', /^the phrase is empty/],
    ['?!', /^the phrase is empty/],
    ['-.-', /^"-\.-" has no letter that a voice can say/],
    ['uh', /^"uh" is too short: it has 1 sound, and 3 are the least/],
    ['ab'.repeat(30), /^"abababababababababab\.\.\." has 60 letters, and 40 are the most/],
    ['привет', /^"привет" has a letter that no English voice can say \(п\): write it in Latin letters/],
    ['hey 厨房', /\(厨\)/],
    ['hey\0kitchen', /no English voice can say/],
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

test('a phrase of another language is read by its rules', async () => {
  const { american, british, syllables, language } = await readPhrase('Küche bitte', 'de');
  assert.deepEqual([american, british], ['kˈyçə bˈɪtə', american]);
  assert.deepEqual([syllables, language], [4, 'de']);
  assert.equal((await readPhrase('привет', 'ru')).american, 'prʲivʲˈet');
  assert.equal((await readPhrase('استلام', 'ar')).syllables, 3);
  const message = /^espeak-ng speaks no language "xx": `espeak-ng --voices` lists/;
  await assert.rejects(readPhrase('hey kitchen', 'xx'), { code: 'WG_KEYWORD_INVALID', message });
});

test('its near sounds are those of English', () => {
  const plain = inEnglishSounds('kˈyçə bˈɪtə');
  assert.equal(plain, 'kˈiʃə bˈɪtə');
  const random = new Random(1);
  for (let i = 0; i < 50; i++) assert.notEqual(nearSounds(plain, random), plain);
  assert.notEqual(nearSounds(inEnglishSounds('aˈeo'), random), '');
});
