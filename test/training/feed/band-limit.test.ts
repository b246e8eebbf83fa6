import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compand, filterBand } from '../../../src/training/feed/band-limit.js';

const tone = (hz: number) =>
  Int16Array.from({ length: 4000 }, (_, i) => Math.round(10_000 * Math.sin((2 * Math.PI * hz * i) / 16_000)));
/** In dB, edges left out. */
const level = (samples: Int16Array) => {
  const middle = samples.subarray(500, 3500);
  return 10 * Math.log10(middle.reduce((sum, x) => sum + x * x, 0) / middle.length + 1e-9);
};
const changed = (samples: Int16Array, change: (samples: Int16Array) => void) => {
  const copy = samples.slice();
  change(copy);
  return copy;
};

test('a band limit keeps what is in the band, and 50 dB less of what is not', () => {
  const telephone = (hz: number) => level(changed(tone(hz), (samples) => filterBand(samples, 0, 3700)));
  for (const hz of [300, 1000, 3000]) assert.ok(Math.abs(telephone(hz) - level(tone(hz))) < 0.5, `${hz} Hz`);
  for (const hz of [5000, 6000, 7500]) assert.ok(telephone(hz) < level(tone(hz)) - 50, `${hz} Hz`);
});

test('a band limit moves nothing in time', () => {
  const limited = changed(tone(1000), (samples) => filterBand(samples, 0, 3700));
  for (let i = 500; i < 600; i++) assert.ok(Math.abs(limited[i] - tone(1000)[i]) < 300);
});

test('a bass that is cut is cut', () => {
  const cut = (hz: number) => level(tone(hz)) - level(changed(tone(hz), (s) => filterBand(s, 300, 3700)));
  assert.ok(cut(60) > 40 && cut(150) > 20 && cut(500) < 1 && cut(2000) < 1);
});

test('companding errs by less than 4 % of a sample, and hardly at all near zero', () => {
  for (const value of [-32_768, -20_000, -300, 0, 300, 5000, 32_767]) {
    const [heard] = changed(Int16Array.of(value), compand);
    assert.ok(Math.abs(heard - value) <= Math.max(8, 0.04 * Math.abs(value)), `${value}: ${heard}`);
  }
});
