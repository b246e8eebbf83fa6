import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SignalWatch } from '../../../src/audio/microphone/signal-watch.js';
import { voice } from '../../support/signals.js';

const SECONDS = 5;
const spoken = voice(16_000, SECONDS);

/** What is said of five seconds in which channel `c` of frame `i` is `sampleOf(i, c)`. */
function problemOf(sampleOf: (frame: number, channel: number) => number, channels = 1): string | null {
  const watch = new SignalWatch(16_000, channels);
  const length = 16_000 * SECONDS * channels;
  const samples = Int16Array.from({ length }, (_, i) =>
    Math.max(-32_768, Math.min(32_767, sampleOf(Math.floor(i / channels), i % channels))),
  );
  // In pieces, as they come.
  for (let at = 0; at < length; at += 1280 * channels) watch.push(samples.subarray(at, at + 1280 * channels));
  return watch.problem;
}

test('nothing is said of speech, of the noise of a quiet room, or of a few clipped samples', () => {
  assert.equal(
    problemOf((i) => spoken[i]),
    null,
  );
  assert.equal(
    problemOf((i) => i % 2),
    null,
  );
  assert.equal(
    problemOf((i) => (i % 1000 === 0 ? 32_767 : spoken[i])),
    null,
  );
});

test('zeros, and any value that never changes, are reported', () => {
  assert.match(problemOf(() => 0)!, /nothing but zeros/);
  assert.match(problemOf(() => -7)!, /one and the same value/);
});

test('clipping is reported', () => {
  assert.match(problemOf((i) => 20 * spoken[i])!, /clips/);
});

test('a DC offset is reported', () => {
  assert.match(problemOf((i) => spoken[i] / 4 + 500)!, /DC offset/);
  assert.match(problemOf((i) => spoken[i] / 4 - 500)!, /DC offset/);
});

test('a dead channel is named, counted from 1', () => {
  assert.match(problemOf((i, channel) => (channel === 1 ? 0 : spoken[i]), 2)!, /channel 2 is dead/);
});

test('it is over when five seconds are well again', () => {
  const watch = new SignalWatch(16_000, 1);
  watch.push(new Int16Array(16_000 * SECONDS));
  assert.notEqual(watch.problem, null);
  watch.push(spoken.subarray(0, 40_000));
  assert.notEqual(watch.problem, null, 'not before');
  watch.push(spoken.subarray(40_000));
  assert.equal(watch.problem, null);
});
