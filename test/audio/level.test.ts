import assert from 'node:assert/strict';
import { test } from 'node:test';
import { peakDbfs, rmsDbfs } from '../../src/audio/level.js';
import { tone } from '../support/signals.js';

function close(actual: number, expected: number): void {
  assert.ok(Math.abs(actual - expected) < 0.01, `${actual}, not ${expected}`);
}

test('a full-scale sine has an RMS of -3.01 dBFS and a peak of 0', () => {
  const sine = Int16Array.from(tone(1000, 16_000, 1, 1), (sample) =>
    Math.min(32_767, Math.round(sample * 32_768)),
  );
  close(rmsDbfs(sine), -3.01);
  close(peakDbfs(sine), 0);
});

test('half the amplitude is 6.02 dB less', () => {
  close(rmsDbfs(new Int16Array(100).fill(-16_384)), -6.02);
  close(peakDbfs(Int16Array.of(0, -16_384, 100)), -6.02);
});

test('silence, and nothing at all, are at -Infinity', () => {
  for (const samples of [new Int16Array(10), new Int16Array(0)]) {
    assert.equal(rmsDbfs(samples), Number.NEGATIVE_INFINITY);
    assert.equal(peakDbfs(samples), Number.NEGATIVE_INFINITY);
  }
});
