import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { formatOwnKeyword, type OwnKeyword, parseOwnKeyword } from '../../src/model/index.js';

const numbers = (length: number, scale: number) =>
  Float32Array.from({ length }, (_, i) => Math.fround(scale * Math.sin(i + 1)));
const head = (scale: number) => ({
  embeddings: 4,
  size: 3,
  hidden: 2,
  w1: numbers(24, scale),
  b1: numbers(2, 0.5),
  w2: numbers(2, 2),
  b2: -1,
});
const KEYWORD: OwnKeyword = {
  name: 'hey_kitchen',
  phrase: 'hey kitchen',
  trunk: { pack: 'wake-words-en', fingerprint: '01234567' },
  threshold: 0.8,
  patience: 1,
  head: head(1),
  gate: { taps: 2, channels: 3, weights: numbers(6, 1), bias: -2 },
  second: { head: head(3), weightsSha256: 'a'.repeat(64), ask: 0.2, bias: -1.5 },
  made: {},
  forecast: {},
};

test('a keyword is read as it was written, its first layers within half a step', () => {
  const read = parseOwnKeyword(formatOwnKeyword(KEYWORD), 'k.json');
  for (const [was, is] of [
    [KEYWORD.head, read.head],
    [KEYWORD.second!.head, read.second!.head],
  ] as const) {
    const most = was.w1.reduce((top, value) => Math.max(top, Math.abs(value)), 0);
    for (const [i, value] of was.w1.entries()) assert.ok(Math.abs(value - is.w1[i]) <= most / 254 + 1e-6);
    assert.deepEqual([is.b1, is.w2, is.b2], [was.b1, was.w2, was.b2]);
  }
  const { head: _, ...second } = read.second!;
  assert.deepEqual(second, { weightsSha256: 'a'.repeat(64), ask: 0.2, bias: -1.5 });
});

test('a file of the first version, without a second look, is still read', () => {
  const file = JSON.parse(formatOwnKeyword({ ...KEYWORD, second: null }));
  assert.equal(file.version, 2);
  const read = parseOwnKeyword(JSON.stringify({ ...file, version: 1 }), 'k.json');
  assert.equal(read.second, null);
  assert.equal(read.threshold, 0.8);
});

test('what hears for the second look cannot be altered unseen, nor be of another size', () => {
  const file = JSON.parse(formatOwnKeyword(KEYWORD));
  const { weights } = file.second.head;
  const altered = {
    ...file,
    second: { ...file.second, head: { ...file.second.head, weights: `AAAA${weights.slice(4)}` } },
  };
  assert.throws(() => parseOwnKeyword(JSON.stringify(altered), 'k.json'), /was altered/);
  const short = weights.slice(0, -8);
  const hash = createHash('sha256')
    .update([file.head.weights, file.gate.weights, short].join(' '))
    .digest('hex');
  const cut = {
    ...file,
    sha256: hash,
    second: { ...file.second, head: { ...file.second.head, weights: short } },
  };
  assert.throws(() => parseOwnKeyword(JSON.stringify(cut), 'k.json'), /another number than its sizes say/);
});
