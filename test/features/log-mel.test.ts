import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Dct } from '../../src/features/dct.js';
import { LogMel, Mfcc } from '../../src/features/index.js';
import { SimdLogMel } from '../../src/features/simd-log-mel.js';
import { newKernels } from '../../src/simd/index.js';
import { speech } from '../support/speech.js';

const SETTINGS = { sampleRate: 16_000, windowSamples: 512, hopSamples: 160, bands: 32 };

test('its levels are what the DCT of the MFCCs, which Meyda vouches for, is taken of', async () => {
  const samples = (await speech('She had your dark suit.')).subarray(0, 16_000);
  const logMel = new LogMel(SETTINGS);
  const levels = logMel.frames(samples);
  const mfcc = new Mfcc({ ...SETTINGS, melBands: 32, coefficients: 20 });
  const dct = new Dct(32, 20);
  const [expected, got] = [new Float32Array(20), new Float32Array(20)];
  assert.equal(levels.length, logMel.framesIn(samples.length) * 32);
  for (const frame of [0, 17, 50, logMel.framesIn(samples.length) - 1]) {
    mfcc.compute(samples, frame * SETTINGS.hopSamples, expected, 0);
    dct.transform(Float64Array.from(levels.subarray(frame * 32, (frame + 1) * 32)), got, 0);
    for (let i = 0; i < 20; i++) assert.ok(Math.abs(got[i] - expected[i]) < 1e-3, `frame ${frame}, ${i}`);
  }
});

test('by SIMD its levels are those of the plain path', { skip: newKernels() === null }, async () => {
  const samples = (await speech('She had your dark suit.')).subarray(0, 16_000);
  for (const settings of [SETTINGS, { ...SETTINGS, windowSamples: 1024, hopSamples: 100, bands: 23 }]) {
    const [simd, plain] = [new SimdLogMel(settings, newKernels()!), new LogMel(settings)];
    const [given, expected] = [simd.frames(samples), plain.frames(samples)];
    assert.equal(given.length, expected.length);
    // Their windows are rounded differently: that of the MFCCs to single precision, as Meyda's.
    for (const [i, value] of expected.entries())
      assert.ok(Math.abs(given[i] - value) < 1e-4, `${i}: ${given[i]} and ${value}`);
    assert.equal(simd.frames(samples.subarray(0, settings.windowSamples - 1)).length, 0);
  }
});

test('a warp moves a tone to a band further down or up', () => {
  const tone = Int16Array.from({ length: 512 }, (_, i) => 8000 * Math.sin((2 * Math.PI * 2000 * i) / 16_000));
  const loudest = (warp: number) => {
    const levels = new LogMel(SETTINGS, warp).frames(tone);
    return levels.indexOf(Math.max(...levels));
  };
  assert.ok(loudest(1.12) < loudest(1), 'corners are higher, so the tone is in a lower band');
  assert.ok(loudest(0.88) > loudest(1));
});

test('has no frame in less than a window', () => {
  assert.equal(new LogMel(SETTINGS).framesIn(511), 0);
  assert.equal(new LogMel(SETTINGS).framesIn(512), 1);
  assert.equal(new LogMel(SETTINGS).framesIn(672), 2);
});
