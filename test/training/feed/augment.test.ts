import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Clip } from '../../../src/training/corpus/corpus.js';
import { AUGMENT, Augmenter, type AugmentSettings } from '../../../src/training/feed/augment.js';
import { Random } from '../../../src/training/random.js';

const random = new Random(4);
const noise = Int16Array.from({ length: 16_000 }, () => Math.round(3000 * random.normal()));
const clip: Clip = {
  path: 'noise',
  split: 'train',
  kind: 'noise',
  label: 'noise',
  corpus: 'test',
  speaker: '',
  samples: noise,
};
const plain: AugmentSettings = { ...AUGMENT, noisy: 0, reverberant: 0, gainDb: [0, 0] };

const heard = (settings: AugmentSettings, seed: number) =>
  new Augmenter([clip], new Random(seed), settings).condition(noise);

/** Energy at a frequency by a sum over blocks of 256 samples, as Goertzel has it. */
function energyAt(samples: Int16Array, hz: number): number {
  let energy = 0;
  for (let at = 0; at + 256 <= samples.length; at += 256) {
    let [re, im] = [0, 0];
    for (let i = 0; i < 256; i++) {
      const window = 0.5 - 0.5 * Math.cos((2 * Math.PI * i) / 256);
      re += window * samples[at + i] * Math.cos((2 * Math.PI * hz * i) / 16_000);
      im += window * samples[at + i] * Math.sin((2 * Math.PI * hz * i) / 16_000);
    }
    energy += re * re + im * im;
  }
  return energy;
}

describe('what sound goes through', () => {
  test('a narrow band has nothing left above it, whichever it is', () => {
    for (let seed = 0; seed < 12; seed++) {
      const narrow = heard({ ...plain, narrow: 1 }, seed);
      const share = energyAt(narrow, 7500) / energyAt(narrow, 1500);
      assert.ok(share < 0.01, `seed ${seed}: ${share} of the energy at 1500 Hz is at 7500 Hz`);
    }
    const wide = heard(plain, 0);
    assert.ok(energyAt(wide, 7500) / energyAt(wide, 1500) > 0.1, 'without it there is as much as there was');
  });

  test('what is too loud for its microphone ends at the largest sample', () => {
    const atLimit = (samples: Int16Array) => samples.filter((x) => x === 32_767 || x === -32_768).length;
    const seeds = Array.from({ length: 12 }, (_, seed) => seed);
    const clipped = seeds.filter((seed) => atLimit(heard({ ...plain, clipped: 1 }, seed)) > 0);
    assert.ok(clipped.length >= 8, `${clipped.length} of 12 were: noise has low peaks, so not all`);
    assert.ok(seeds.every((seed) => atLimit(heard(plain, seed)) === 0));
  });
});
