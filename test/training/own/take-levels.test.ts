import assert from 'node:assert/strict';
import { test } from 'node:test';
import { levelsText, takeLevels } from '../../../src/training/own/take-levels.js';

/** Two seconds of noise of one amplitude, with a tone of another one from 0.8 to 1.4 s. */
function take(tone: number, noise: number): Int16Array {
  let state = 1;
  return Int16Array.from({ length: 32_000 }, (_, i) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    const said = i >= 12_800 && i < 22_400 ? tone * Math.sin(i / 4) : 0;
    return Math.max(-32_768, Math.min(32_767, said + noise * ((state >> 15) / 32_768 - 1)));
  });
}

test('word and noise are measured apart', () => {
  // Of a sine 3.01 dB below its peak, of uniform noise 4.77 dB; the region of the word reaches a little into the noise.
  const { wordDbfs, noiseBelowDb, peakDbfs } = takeLevels(take(8000, 300));
  assert.ok(Math.abs(wordDbfs - (20 * Math.log10(8000 / 32_768) - 3.01)) < 1, `${wordDbfs}`);
  assert.ok(Math.abs(noiseBelowDb! - (20 * Math.log10(8000 / 300) + 1.76)) < 1.5, `${noiseBelowDb}`);
  assert.ok(Math.abs(peakDbfs - 20 * Math.log10(8000 / 32_768)) < 1);
});

test('what could be better is said', () => {
  assert.match(
    levelsText(takeLevels(take(8000, 300))),
    /^the word has -1\d dBFS, the noise [23]\d dB below it$/,
  );
  assert.match(levelsText(takeLevels(take(8000, 5000))), /much noise/);
  assert.match(levelsText(takeLevels(take(100, 2))), /; quiet/);
  assert.match(levelsText(takeLevels(take(32_700, 20))), /nearly clipped/);
});
