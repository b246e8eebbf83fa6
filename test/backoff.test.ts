import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Backoff } from '../src/backoff.js';

const waits = (backoff: Backoff, count: number) => Array.from({ length: count }, () => backoff.next());

test('waits double up to the longest, and start over after a reset', () => {
  const backoff = new Backoff({ firstMs: 250, longestMs: 30_000 }, { random: () => 0 });
  const expected = [250, 500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000];
  assert.deepEqual(waits(backoff, 9), expected);
  backoff.reset();
  assert.deepEqual(waits(backoff, 2), [250, 500]);
});

test('jitter adds up to a quarter, never over the longest', () => {
  const backoff = new Backoff({ firstMs: 250, longestMs: 1000 }, { random: () => 0.999 });
  const [first, second, third, fourth] = waits(backoff, 4);
  assert.ok(first > 312 && first < 312.5, `${first}`);
  assert.ok(second > 624 && second < 625, `${second}`);
  assert.deepEqual([third, fourth], [1000, 1000]);
  const random = new Backoff({ firstMs: 250, longestMs: 250_000 });
  assert.equal(new Set(waits(random, 10).map((ms, i) => ms / 2 ** i)).size, 10, 'no two are alike');
});

test('waits that are listed come in their order, and the last again and again', () => {
  const backoff = new Backoff([10, 20, 1000], { random: () => 0 });
  assert.deepEqual(waits(backoff, 5), [10, 20, 1000, 1000, 1000]);
  backoff.reset();
  assert.equal(backoff.next(), 10);
});
