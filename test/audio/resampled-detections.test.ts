import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { readAudioFile } from '../../src/audio/index.js';
import { Resampler } from '../../src/audio/resample.js';
import { Classifier } from '../../src/classifier/index.js';
import { detectAudio } from '../../src/detect-audio.js';
import { type ModelPack, readPack, resolvePack } from '../../src/model/index.js';
import type { Detected } from '../../src/protocol/index.js';
import { byLibsamplerate } from '../support/libsamplerate.js';

const keywordOf = ({ keyword }: Detected) => keyword;

const SAMPLE = fileURLToPath(new URL('../../../samples/demo.wav', import.meta.url));

describe('the bundled sample, recorded at another rate', () => {
  let pack: ModelPack;
  let classifier: Classifier;
  let demo: Float32Array;

  before(async () => {
    pack = await readPack(await resolvePack('wake-words-en'));
    classifier = new Classifier({ pack, backend: 'wasm', capacity: 128 });
    demo = Float32Array.from(await readAudioFile(SAMPLE), (sample) => sample / 32_768);
  });
  after(() => classifier.close());

  async function detectionsIn(samples: Int16Array): Promise<readonly Detected[]> {
    async function* chunks() {
      for (let at = 0; at < samples.length; at += 1280)
        yield { samples: samples.subarray(at, at + 1280), startSample: at };
    }
    return (await detectAudio('sample', chunks(), { pack, classifier })).detections;
  }

  const toInt16 = (samples: Float32Array) =>
    Int16Array.from(samples, (sample) => Math.max(-32_768, Math.min(32_767, Math.round(sample * 32_768))));

  for (const rate of [8000, 11_025, 22_050, 44_100, 48_000, 96_000]) {
    it(`at ${rate} Hz has the same detections as by libsamplerate`, async () => {
      const recorded = await byLibsamplerate(demo, 16_000, rate);
      const resampler = await Resampler.create(rate);
      const ours = Int16Array.from([...resampler.push(recorded), ...resampler.flush()]);
      const detected = await detectionsIn(ours);
      const expected = await detectionsIn(toInt16(await byLibsamplerate(recorded, rate, 16_000)));
      assert.ok(expected.length > 0, 'there is something to compare');
      assert.deepEqual(detected.map(keywordOf), expected.map(keywordOf));
      // A score that is next to its threshold may pass it one position later.
      for (const [n, { time }] of detected.entries())
        assert.ok(Math.abs(time - expected[n].time) < 0.1, `${time} s, not ${expected[n].time} s`);
    });
  }
});
