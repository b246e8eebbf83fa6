import assert from 'node:assert/strict';
import { test } from 'node:test';
import { saysPhrase, wordsIn } from '../../../src/training/bank/said-words.js';

test('words are compared without case, accents and punctuation', () => {
  assert.deepEqual(wordsIn("Zéro, c'est l’heure!"), ['zero', 'cest', 'lheure']);
  assert.deepEqual(wordsIn('Ноль, 0'), ['ноль', '0']);
  assert.deepEqual(wordsIn('Straße'), ['strasse']);
  assert.deepEqual(
    wordsIn('إلغاء؟ أمام'),
    wordsIn('الغاء امام'),
    'with and without the marks of Arabic letters',
  );
});

test('a phrase is found within a sentence, however it is divided, in the plural, and in no other word', () => {
  const says = (sentence: string, phrase: string) => saysPhrase(wordsIn(sentence), wordsIn(phrase));
  assert.ok(says('one zero two', 'zero'));
  assert.ok(says('There were two zeros.', 'zero'));
  assert.ok(says('a smartmirror on the wall', 'smart mirror'));
  assert.ok(says('an ice cream', 'icecream'));
  assert.ok(!says('smart people and a mirror', 'smart mirror'));
  assert.ok(!says('the zeroth', 'zero'));
  assert.ok(!says('subzero', 'zero'), 'another word, which is not to be heard as this one');
  assert.ok(!says('', 'zero'));
});
