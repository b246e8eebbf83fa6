import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FINE, PaceWatch, usualRate } from '../../../src/audio/microphone/pace-watch.js';

/** Frames that come every 80 ms at a rate, for some seconds; what was said last, if anything. */
function saidOf(watch: PaceWatch, rate: number, seconds: number, fromMs = 0): number | null {
  let said: number | null = null;
  for (let ms = 0; ms <= seconds * 1000; ms += 80) said = watch.push(rate * 0.08, fromMs + ms) ?? said;
  return said;
}

describe('the pace of samples', () => {
  it('is right within what a clock of a sound card may be off', () => {
    for (const rate of [15_900, 16_000, 16_100]) assert.equal(saidOf(new PaceWatch(16_000), rate, 30), null);
  });

  for (const rate of [48_000, 44_100, 32_000, 22_050, 11_025, 8000, 96_000, 192_000]) {
    it(`is reported where it is that of ${rate} Hz`, () => {
      const said = saidOf(new PaceWatch(16_000), rate, 9);
      assert.ok(said !== null);
      assert.equal(usualRate(said), rate);
    });
  }

  it('is not misjudged by what a pipe and a device have kept, and give all at once', () => {
    const watch = new PaceWatch(16_000);
    assert.equal(saidOf(watch, 16_000, 3), null);
    watch.push(2.5 * 16_000, 3080);
    assert.equal(saidOf(watch, 16_000, 4, 3160), null);
  });

  for (const [asked, given] of [
    [48_000, 44_100],
    [44_100, 48_000],
  ]) {
    it(`of ${given} Hz is told from ${asked} Hz within two minutes`, () => {
      assert.equal(saidOf(new PaceWatch(asked), given, 200), null);
      const said = saidOf(new PaceWatch(asked, FINE), given, 125);
      assert.ok(said !== null);
      assert.equal(usualRate(said, 0.01), given);
    });
  }

  it('is not misjudged where a busy machine makes it another one each time', () => {
    const watch = new PaceWatch(16_000);
    for (const [at, share] of [0.7, 1.3, 0.5, 1.9, 0.9, 3].entries()) {
      assert.equal(saidOf(watch, 16_000 * share, 3.9, at * 4000), null, `${share}`);
    }
  });

  it('is measured again after something was held up', () => {
    const watch = new PaceWatch(16_000);
    assert.equal(saidOf(watch, 16_000, 5), null);
    // Half of the time of the window was lost, as where a recorder was overrun meanwhile.
    assert.equal(saidOf(watch, 16_000, 20, 10_000), null);
  });

  it('of a recording that is played as fast as it goes says nothing', () => {
    assert.equal(saidOf(new PaceWatch(16_000), 200 * 16_000, 10), null);
  });
});
