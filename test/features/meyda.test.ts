import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import MeydaModule from 'meyda';
import { FrameStream, openExtractor } from '../../src/features/index.js';
import type { FeatureSettings } from '../../src/model/index.js';
import { voice } from '../support/signals.js';
import { wakegate } from '../support/wakegate-process.js';

const SETTINGS: FeatureSettings = {
  sampleRate: 16_000,
  windowSamples: 512,
  hopSamples: 320,
  melBands: 32,
  coefficients: 20,
};
const SAMPLE = fileURLToPath(new URL('../../../samples/demo.wav', import.meta.url));

interface MeydaCopy {
  extract(feature: 'mfcc', frame: Float32Array): number[];
}

/** Meyda as its documentation has it used, with these settings. */
function meydaWith({ sampleRate, windowSamples, melBands, coefficients }: FeatureSettings): MeydaCopy {
  const module = MeydaModule as unknown as MeydaCopy & { default?: MeydaCopy };
  return Object.assign({}, module.default ?? module, {
    sampleRate,
    bufferSize: windowSamples,
    melBands,
    numberOfMFCCCoefficients: coefficients,
  });
}

test('a stream whose extractor is meyda gives the numbers of meyda, with two settings at once', () => {
  const samples = Int16Array.from(voice(16_000, 1));
  for (const settings of [SETTINGS, { ...SETTINGS, windowSamples: 1024, melBands: 40, coefficients: 13 }]) {
    const stream = new FrameStream(settings, null, openExtractor('meyda', settings));
    const frames = new Float32Array(50 * settings.coefficients);
    const count = stream.push(samples, 0, frames);
    assert.equal(count, 50);
    const meyda = meydaWith(settings);
    // The first frame reaches back to the silence before the stream.
    for (let frame = 4; frame < count; frame++) {
      const end = (frame + 1) * settings.hopSamples;
      const window = Float32Array.from(samples.subarray(end - settings.windowSamples, end));
      assert.deepEqual(
        frames.slice(frame * settings.coefficients, (frame + 1) * settings.coefficients),
        Float32Array.from(meyda.extract('mfcc', window)),
      );
    }
  }
});

test('detect finds the same with either extractor', { timeout: 120_000 }, async (t) => {
  const detect = async (mfcc: string) => {
    const { stdout, code } = await wakegate(t, [
      'detect',
      '--json',
      '--mfcc',
      mfcc,
      '--backend',
      'wasm',
      SAMPLE,
    ]);
    assert.equal(code, 0);
    const { detections } = JSON.parse(stdout) as { detections: { keyword: string; time: number }[] };
    return detections.map(({ keyword, time }) => `${keyword} ${time}`);
  };
  const byMeyda = await detect('meyda');
  assert.ok(byMeyda.length >= 4, `${byMeyda}`);
  assert.deepEqual(byMeyda, await detect('fast'));
});
