import assert from 'node:assert/strict';
import { test } from 'node:test';
import { configureKeywords } from '../../src/config/index.js';

const KEYWORDS = [
  { name: 'alexa', threshold: 0.5, patience: 1 },
  { name: 'smart_mirror', threshold: 0.6, patience: 2 },
];

test('only settings that were made take the place of those in the pack', () => {
  assert.deepEqual(configureKeywords(KEYWORDS, { smart_mirror: { threshold: 0.9 } }), [
    { name: 'alexa', threshold: 0.5, patience: 1 },
    { name: 'smart_mirror', threshold: 0.9, patience: 2 },
  ]);
  assert.equal(KEYWORDS[1].threshold, 0.6);
});

test('a keyword that the pack does not have is an error that names the nearest', () => {
  assert.throws(() => configureKeywords(KEYWORDS, { smartmirrow: { patience: 1 } }), {
    code: 'WG_CONFIG_INVALID',
    message: /no keyword smartmirrow; did you mean smart_mirror\?/,
  });
});
