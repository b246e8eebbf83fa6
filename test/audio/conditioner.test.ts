import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Conditioner } from '../../src/audio/conditioner.js';
import { amplitudeOf, tone } from '../support/signals.js';

const sine = (hz: number, offset = 0) => Int16Array.from(tone(hz, 16_000, 2), (x) => 10_000 * x + offset);

/** What is left of a tone of amplitude 5000, in dB, once the filter has settled. */
function responseDb(conditioner: Conditioner, hz: number): number {
  const samples = sine(hz);
  conditioner.apply(samples);
  return 20 * Math.log10(amplitudeOf(hz, 16_000, samples.subarray(16_000)) / 5000);
}

test('without options samples pass untouched', () => {
  const samples = sine(440);
  new Conditioner().apply(samples);
  assert.deepEqual(samples, sine(440));
});

test('gain is in dB, and clips at full scale', () => {
  assert.ok(Math.abs(responseDb(new Conditioner({ gainDb: 6 }), 440) - 6) < 0.01);
  const loud = Int16Array.of(20_000, -20_000);
  new Conditioner({ gainDb: 20 }).apply(loud);
  assert.deepEqual([...loud], [32_767, -32_768]);
});

test('the high-pass has -3 dB at its corner, falls by 12 dB an octave, and lets speech through', () => {
  const at = (hz: number) => responseDb(new Conditioner({ highPassHz: 100 }), hz);
  assert.ok(Math.abs(at(100) + 3.01) < 0.05, `${at(100)}`);
  assert.ok(Math.abs(at(50) + 12.3) < 0.1, `${at(50)}`);
  assert.ok(Math.abs(at(1000)) < 0.01, `${at(1000)}`);
  const offset = sine(440, 3000);
  new Conditioner({ highPassHz: 100 }).apply(offset);
  const mean = offset.subarray(16_000).reduce((sum, sample) => sum + sample, 0) / 16_000;
  assert.ok(Math.abs(mean) < 1, `${mean}`);
});

test('a stream gives the same whole and in pieces', () => {
  const [whole, pieces] = [sine(90), sine(90)];
  new Conditioner({ highPassHz: 100 }).apply(whole);
  const conditioner = new Conditioner({ highPassHz: 100 });
  for (let at = 0; at < pieces.length; at += 777) conditioner.apply(pieces.subarray(at, at + 777));
  assert.deepEqual(pieces, whole);
});

test('a gain or a corner that cannot be is refused', () => {
  for (const options of [{ gainDb: 41 }, { gainDb: Number.NaN }, { highPassHz: -1 }, { highPassHz: 501 }]) {
    assert.throws(() => new Conditioner(options), { code: 'WG_USAGE' });
  }
});
