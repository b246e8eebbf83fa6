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
