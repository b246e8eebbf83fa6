import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { readAudioFile, SAMPLE_RATE } from '../src/audio/index.js';
import { Classifier } from '../src/classifier/index.js';
import { detectAudio } from '../src/detect-audio.js';
import { type ModelPack, readPack, resolvePack } from '../src/model/index.js';

const SAMPLE = fileURLToPath(new URL('../../samples/demo.wav', import.meta.url));

describe('two keywords of the shipped pack, one soon after the other', () => {
  let pack: ModelPack;
  let classifier: Classifier;
  let demo: Int16Array;

  before(async () => {
    pack = await readPack(await resolvePack('wake-words-en'));
    classifier = new Classifier({ pack, backend: 'wasm', capacity: 128 });
    demo = await readAudioFile(SAMPLE);
  });
  after(() => classifier.close());

  /** The 0.9 s of the bundled sample that end soon after a keyword of it. */
  const word = (endSeconds: number) =>
    demo.subarray((endSeconds - 0.9) * SAMPLE_RATE, (endSeconds + 0.1) * SAMPLE_RATE);
  const silence = (seconds: number) => new Int16Array(seconds * SAMPLE_RATE);

  async function heardIn(...parts: Int16Array[]): Promise<string[]> {
    const samples = Int16Array.from(parts.flatMap((part) => [...part]));
    async function* chunks() {
      for (let at = 0; at < samples.length; at += 1280) {
        yield { samples: samples.subarray(at, at + 1280), startSample: at };
      }
    }
    const { detections } = await detectAudio('words', chunks(), { pack, classifier });
    return detections.map(({ keyword }) => keyword);
  }

  it('are both detected', async () => {
    const heard = await heardIn(silence(1), word(8.5), silence(0.1), word(1.8), silence(1));
    assert.deepEqual(heard, ['computer', 'alexa']);
  });

  it('are detected once each where the second is said twice within the refractory time', async () => {
    const heard = await heardIn(silence(1), word(8.5), word(1.8), word(1.8), silence(1));
    assert.deepEqual(heard, ['computer', 'alexa']);
  });
});
