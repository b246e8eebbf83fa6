import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CORPORA } from '../../../src/training/recordings/corpora.js';
import { speechCommandsSplit, splitOf } from '../../../src/training/recordings/splits.js';

const describe = (name: string, path: string, speakers = new Map<string, string>()) => {
  const corpus = CORPORA.find((one) => one.name === name)!;
  return corpus.files.test(path) ? corpus.describe(path, speakers) : undefined;
};

test('Speech Commands is split as its own lists say', () => {
  // From its validation_list.txt and testing_list.txt, and from copies that have a folder for each split.
  const lists = {
    dev: ['026290a7_nohash_0.wav', '060cd039_nohash_0.wav', 'dca2797e_nohash_0.wav', '8335f893_nohash_1.wav'],
    test: ['bb05582b_nohash_3.wav'],
    train: ['7cfb1618_nohash_0.wav', '76b58705_nohash_0.wav'],
  };
  for (const [split, paths] of Object.entries(lists)) {
    for (const path of paths) assert.equal(speechCommandsSplit(path), split, path);
  }
});

test('a split is a function of the name, in the shares that were asked for', () => {
  const counts = { train: 0, dev: 0, test: 0 };
  for (let i = 0; i < 10_000; i++) counts[splitOf(`speaker ${i}`, { test: 20, dev: 15 })]++;
  assert.ok(Math.abs(counts.test - 2000) < 200 && Math.abs(counts.dev - 1500) < 200);
  // int(hashlib.sha1(b'abc').hexdigest(), 16) % 100 of Python is 17.
  assert.equal(splitOf('abc', { test: 17, dev: 0 }), 'train');
  assert.equal(splitOf('abc', { test: 17, dev: 1 }), 'dev');
  assert.equal(splitOf('abc', { test: 18, dev: 0 }), 'test');
});

test('paths say what a recording is', () => {
  const { split: _, ...arabic } = describe('arabic-commands', 'dataset/cancel/00000012_03.wav') ?? {};
  assert.deepEqual(arabic, { kind: 'word', label: 'ar_cancel', speaker: 'ar00000012' });
  assert.equal(describe('arabic-commands', 'dataset/cancel/00000012_07.wav'), undefined, 'another take');
  assert.equal(describe('gcompris', 'fr/words/alligator.ogg')?.label, 'fr_alligator');
  assert.equal(describe('gcompris', 'fr/words/ordinateur.ogg'), null, 'like a keyword');
  assert.equal(describe('tuxpaint', 'usr/share/tuxpaint/cat_desc_de.ogg')?.speaker, 'tp-de');
  assert.equal(describe('tuxpaint', 'usr/share/tuxpaint/cat_desc.ogg')?.speaker, 'tp-en');
  assert.equal(describe('tuxpaint', 'usr/share/tuxpaint/cat.ogg'), undefined, 'the sound of a cat');

  const voice = CORPORA.find(({ name }) => name === 'common-voice')!;
  const table = 'client_id\tpath\tsentence\n0123456789abcdef0123\tcommon_voice_de_1.mp3\tEin "Satz\n';
  const speakers = voice.speakers!.parse(table);
  assert.equal(
    describe('common-voice', 'de/clips/common_voice_de_1.mp3', speakers)?.speaker,
    '0123456789abcdef',
  );
  assert.equal(describe('common-voice', 'de/clips/common_voice_de_2.mp3', speakers), null, 'not validated');
});

test('takes of one recording, and all that a speaker said, are in one split', () => {
  const kitchen = (take: string) => describe('kitchen20', `audio/3-1234-${take}-9.wav`)?.split;
  assert.equal(kitchen('A'), kitchen('A'));
  const words = ['ok', 'next', 'zero'].map((word) =>
    describe('arabic-commands', `dataset/${word}/00000033_01.wav`),
  );
  assert.equal(new Set(words.map((one) => one?.split)).size, 1);
});

test('every corpus has a licence, a whole commit and a name of its own', () => {
  assert.equal(new Set(CORPORA.map(({ name }) => name)).size, CORPORA.length);
  for (const { licence, from } of CORPORA) {
    assert.ok(licence.length > 1);
    if (from.type === 'git') assert.match(from.commit, /^[0-9a-f]{40}$/);
  }
});
