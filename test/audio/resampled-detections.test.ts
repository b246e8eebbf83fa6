import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { readAudioFile } from '../../src/audio/index.js';
import { Resampler } from '../../src/audio/resample.js';
import { Classifier, logit } from '../../src/classifier/index.js';
import { detectAudio } from '../../src/detect-audio.js';
import { type ModelPack, readPack, resolvePack } from '../../src/model/index.js';
import type { Detected } from '../../src/protocol/index.js';
import { byLibsamplerate } from '../support/libsamplerate.js';

/**
 * How far over its threshold a score has to be, in logits, to be sure that it passes it however the sound was resampled. Of what is near,
 * a second look may be asked for on one side only, from a posterior that is just high enough.
 */
const SURE = 2;

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

  function isSure({ keyword, score }: Detected): boolean {
    const { threshold } = pack.keywords.find(({ name }) => name === keyword)!;
    return logit(score) - logit(threshold) > SURE;
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
      assert.ok(expected.filter(isSure).length > 0, 'there is something to compare');
      // A score that is next to its threshold may pass it one position later, or not at all.
      for (const [of, other] of [
        [detected, expected],
        [expected, detected],
      ]) {
        for (const { keyword, time } of of.filter(isSure)) {
          const same = other.some((one) => one.keyword === keyword && Math.abs(time - one.time) < 0.1);
          assert.ok(same, `${keyword} at ${time} s: ${other.map((one) => `${one.keyword} ${one.time}`)}`);
        }
      }
    });
  }
});
