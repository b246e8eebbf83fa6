import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { Mfcc } from '../../src/features/index.js';
import { SimdMfcc } from '../../src/features/simd-mfcc.js';
import type { FeatureSettings } from '../../src/model/index.js';
import { type Kernels, newKernels } from '../../src/simd/index.js';
import { speech } from '../support/speech.js';

const SETTINGS: FeatureSettings = {
  sampleRate: 16_000,
  windowSamples: 512,
  hopSamples: 320,
  melBands: 32,
  coefficients: 20,
};

const kernels = newKernels();
const skip = kernels === null && 'this processor has no SIMD for WebAssembly';

/** What both paths keep is a number in single precision: they may differ where it is rounded, by one unit in its last place. */
function assertSame(samples: Int16Array, settings: FeatureSettings, fast: SimdMfcc): void {
  const plain = new Mfcc(settings);
  const expected = new Float32Array(settings.coefficients);
  const actual = new Float32Array(settings.coefficients + 3);
  let frames = 0;
  for (let at = 0; at + settings.windowSamples <= samples.length; at += settings.hopSamples) {
    plain.compute(samples, at, expected, 0);
    fast.compute(samples, at, actual, 2);
    const largest = Math.max(...expected.map(Math.abs));
    for (const [c, value] of expected.entries()) {
      const tolerance = 1.2e-7 * Math.abs(value) + 1e-12 * largest;
      assert.ok(
        Math.abs(actual[2 + c] - value) <= tolerance,
        `frame at ${at}, coefficient ${c}: ${actual[2 + c]}, not ${value}`,
      );
    }
    frames++;
  }
  assert.ok(frames > 3);
}

function noise(amplitude: number, length = 16_000): Int16Array {
  let state = 1;
  return Int16Array.from({ length }, () => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return Math.round((state / 2 ** 30 - 1) * amplitude);
  });
}

describe('MFCCs by SIMD are those of the plain path', { skip }, () => {
  let spoken: Int16Array;
  const assertBoth = (samples: Int16Array, settings = SETTINGS) =>
    assertSame(samples, settings, new SimdMfcc(settings, kernels as Kernels));
  before(async () => {
    spoken = await speech('Alexa, what does the computer see in the smart mirror? Jarvis asks the snowboy.');
  });

  test('on speech', () => assertBoth(spoken));
  test('on loud and on faint noise', () => {
    assertBoth(noise(32_000));
    assertBoth(noise(2));
  });
  test('on silence, and the lowest sample that there is', () => {
    assertBoth(new Int16Array(16_000));
    assertBoth(new Int16Array(16_000).fill(-32_768));
  });
  test('on full-scale clipping', () =>
    assertBoth(Int16Array.from({ length: 16_000 }, (_, i) => (Math.sin(i * 0.05) > 0 ? 32_767 : -32_768))));

  for (const [windowSamples, melBands, coefficients] of [
    [32, 7, 3],
    [64, 10, 10],
    [128, 15, 13],
    [256, 20, 20],
    [1024, 40, 13],
    [2048, 41, 41],
    [4096, 64, 1],
  ]) {
    test(`with windows of ${windowSamples} samples, ${melBands} bands, ${coefficients} coefficients`, () => {
      const settings = { ...SETTINGS, windowSamples, hopSamples: windowSamples / 2, melBands, coefficients };
      assert.ok(SimdMfcc.takes(settings));
      assertBoth(spoken, settings);
    });
  }

  test('with tables that have to leave the memory, and come back', () => {
    const fast = new SimdMfcc(SETTINGS, kernels as Kernels);
    assertSame(spoken, SETTINGS, fast);
    const before = kernels!.generation;
    while (kernels!.generation === before) kernels!.place({ leave: () => {} }, 100_000);
    kernels!.bytes.fill(0xff, 131_072);
    assertSame(spoken, SETTINGS, fast);
  });

  test('what there is no room for is left to the plain path', () => {
    assert.ok(!SimdMfcc.takes({ ...SETTINGS, windowSamples: 8192 }));
    assert.ok(!SimdMfcc.takes({ ...SETTINGS, windowSamples: 16 }));
  });
});
