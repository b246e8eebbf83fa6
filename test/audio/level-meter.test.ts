import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LevelMeter, rmsDbfs } from '../../src/audio/index.js';
import { voice } from '../support/signals.js';

test('it gives the level of every tenth of a second, however the stream is cut', () => {
  const samples = voice(16_000, 1.05);
  const expected = Array.from({ length: 10 }, (_, i) => rmsDbfs(samples.subarray(1600 * i, 1600 * (i + 1))));
  for (const chunk of [1, 700, 1280, 4000, samples.length]) {
    const levels: number[] = [];
    const ends: number[] = [];
    const meter = new LevelMeter((dbfs, endSample) => {
      levels.push(dbfs);
      ends.push(endSample);
    });
    for (let at = 0; at < samples.length; at += chunk) meter.push(samples.subarray(at, at + chunk), 100 + at);
    assert.equal(levels.length, 10);
    for (const [i, level] of levels.entries()) assert.ok(Math.abs(level - expected[i]) < 1e-9);
    assert.deepEqual(
      ends,
      expected.map((_, i) => 100 + 1600 * (i + 1)),
    );
    assert.equal(meter.dbfs, levels[9]);
    meter.reset();
    assert.equal(meter.dbfs, Number.NEGATIVE_INFINITY);
  }
});

test('the noise floor is that of the room, whatever is said in it, and is forgotten with the stream', () => {
  const meter = new LevelMeter();
  assert.ok(Number.isNaN(meter.noiseDbfs), 'nothing is known before the first tenth of a second');
  const tenths = (count: number, amplitude: number) =>
    meter.push(
      Int16Array.from({ length: 1600 * count }, (_, i) => (i % 2 ? amplitude : -amplitude)),
      0,
    );
  tenths(20, 100);
  const room = 20 * Math.log10(100 / 32_768);
  assert.ok(Math.abs(meter.noiseDbfs - room) < 0.01);
  tenths(20, 10_000);
  assert.ok(meter.noiseDbfs - room < 0.5, 'two seconds of speech are no noise');
  tenths(4000, 1000);
  assert.ok(Math.abs(meter.noiseDbfs - (room + 20)) < 0.01, 'a fan that runs for minutes is');
  tenths(30, 100);
  assert.ok(Math.abs(meter.noiseDbfs - room) < 0.1, 'and when it stops, the floor falls at once');
  tenths(1, 0);
  assert.ok(Number.isFinite(meter.noiseDbfs), 'digital silence has no level, but the floor has');
  meter.reset();
  assert.ok(Number.isNaN(meter.noiseDbfs));
});
