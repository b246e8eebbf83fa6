import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { KOKORO_VOICES } from '../../../src/training/voices/kokoro.js';
import { kokoroLetters, phonemesOf } from '../../../src/training/voices/phonemes.js';
import { TOKENS } from '../../../src/training/voices/tokens.js';

const skip = spawnSync('espeak-ng', ['--version']).error !== undefined && 'espeak-ng not installed';

test('IPA of espeak-ng becomes the letters that Kokoro was trained on', () => {
  const cases = [
    // As espeak-ng 1.51 writes them with --tie=^; expected from Misaki's table.
    ['en-us', 'd^ʒˈɑː^ɹvɪs', 'ʤˈɑɹvɪs'],
    ['en-us', 'kəmpjˈuːɾɚ', 'kəmpjˈuɾəɹ'],
    ['en-us', 'snˈo^ʊbɔ^ɪ', 'snˈObY'],
    ['en-us', 'nˈa^ɪn', 'nˈIn'],
    ['en-us', 'bˈɜːd', 'bˈɜɹd'],
    ['en-gb', 'd^ʒˈɑːvɪs', 'ʤˈɑːvɪs'],
    ['en-gb', 'snˈə^ʊbɔ^ɪ', 'snˈQbY'],
    ['en-gb', 'ɐlˈɛksɐ', 'əlˈɛksə'],
  ] as const;
  for (const [accent, ipa, letters] of cases) assert.equal(kokoroLetters(ipa, accent), letters);
});

test('words are pronounced in both accents, in letters that have a token', { skip }, async () => {
  assert.equal(await phonemesOf('jarvis', 'en-us'), 'ʤˈɑɹvɪs');
  assert.equal(await phonemesOf('jarvis', 'en-gb'), 'ʤˈɑːvɪs');
  const sentence = 'The quick brown fox jumps over the lazy dog, which thinks: whose measure of joy is that?';
  for (const accent of ['en-us', 'en-gb'] as const) {
    const unknown = Array.from(await phonemesOf(sentence, accent)).filter((letter) => !TOKENS.has(letter));
    assert.deepEqual(unknown, []);
  }
});

test('text without a sound is refused, and text is never an option', { skip }, async () => {
  await assert.rejects(phonemesOf('...', 'en-us'), {
    code: 'WG_DATA_INVALID',
    message: /"\.\.\." has no sound/,
  });
  assert.equal(await phonemesOf('-v', 'en-us'), await phonemesOf('v', 'en-us'));
});

test('tokens are those of the published vocabulary', () => {
  // 114 letters, and some of them as vocab.json of kokoro-onnx 1.0 has them.
  assert.equal(TOKENS.size, 114);
  const published = {
    ';': 1,
    ' ': 16,
    '\u0303': 17,
    A: 24,
    I: 25,
    O: 31,
    Q: 33,
    W: 39,
    Y: 41,
    a: 43,
    z: 68,
    æ: 72,
  };
  for (const [letter, token] of Object.entries({
    ...published,
    ʤ: 82,
    ɾ: 125,
    ʧ: 133,
    ˈ: 156,
    ː: 158,
    ᵻ: 177,
  })) {
    assert.equal(TOKENS.get(letter), token, letter);
  }
  assert.equal(new Set(TOKENS.values()).size, 114);
  assert.equal(new Set(KOKORO_VOICES).size, 54);
});
