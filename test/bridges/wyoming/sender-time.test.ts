import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SenderTime } from '../../../src/bridges/wyoming/sender-time.js';

test('a time between two chunks is counted from the one before', () => {
  const time = new SenderTime();
  assert.equal(time.at(0), null);
  time.add(0, 1000);
  time.add(1280, 1080);
  assert.equal(time.at(0), 1000);
  assert.equal(time.at(1920), 1120);
  assert.equal(time.at(160_000), 11_000, 'what has not come yet');
});

test('timestamps that are rounded do not shift the time', () => {
  const time = new SenderTime();
  for (let chunk = 0; chunk < 5000; chunk++) time.add(chunk * 1000, Math.floor((chunk * 1000) / 16));
  assert.equal(time.at(16_000 * 60), 60_000);
});

test('a clock that is set, and one that runs at another speed, are followed', () => {
  const time = new SenderTime();
  time.add(0, 0);
  time.add(16_000, 50_000);
  assert.deepEqual([time.at(8000), time.at(16_000), time.at(17_600)], [500, 50_000, 50_100]);
  for (let chunk = 20; chunk < 20_000; chunk++) time.add(chunk * 1000, 50_000 + chunk * 63);
  assert.ok(Math.abs(time.at(19_990_000)! - (50_000 + 19_990 * 63)) <= 3);
});

test('a clock that jumps with every chunk costs no memory without end', () => {
  const time = new SenderTime();
  for (let chunk = 0; chunk < 100_000; chunk++) time.add(chunk * 100, (chunk * 7919) % 1_000_003);
  assert.equal(time.at(99_999 * 100), (99_999 * 7919) % 1_000_003);
});
