import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { readAudioFile, SAMPLE_RATE } from '../src/audio/index.js';
import { Classifier } from '../src/classifier/index.js';
import { detectAudio } from '../src/detect-audio.js';
import { type ModelPack, readPack, resolvePack } from '../src/model/index.js';
import { DEMO, DEMO_WORDS } from './support/spoken-words.js';

const CASE = join(process.env.WAKEGATE_DATA ?? '../shared/data', '../cases/computer-0.5s-alexa.wav');

describe('two keywords of the shipped pack, one soon after the other', () => {
  let pack: ModelPack;
  let classifier: Classifier;
  let demo: Int16Array;

  before(async () => {
    pack = await readPack(await resolvePack('wake-words-en'));
    classifier = new Classifier({ pack, backend: 'wasm', capacity: 128 });
    demo = await readAudioFile(DEMO);
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

  it('are both detected, whichever they are', async () => {
    for (const first of DEMO_WORDS) {
      for (const second of DEMO_WORDS.filter((other) => other !== first)) {
        const [before, after] = [first, second].map(([, end]) =>
          demo.subarray((end - 1.3) * SAMPLE_RATE, (end + 0.2) * SAMPLE_RATE),
        );
        const heard = await heardIn(silence(1), before, silence(0.3), after, silence(1));
        assert.deepEqual(heard, [first[0], second[0]]);
      }
    }
  });

  it('are both detected where a person says them half a second apart', {
    skip: existsSync(CASE) ? false : `${CASE} is not there: these recordings are not in the repository`,
  }, async () => {
    const spoken = await readAudioFile(CASE);
    assert.deepEqual(await heardIn(spoken), ['computer', 'alexa']);
    // Its positions fall where they fell, at the phase at which the second look is sure of both.
    assert.deepEqual(await heardIn(silence(0.16), spoken, silence(0.5)), ['computer', 'alexa']);
  });

  it('are detected once each where the second is said twice within the refractory time', async () => {
    const heard = await heardIn(silence(1), word(8.5), word(1.8), word(1.8), silence(1));
    assert.deepEqual(heard, ['computer', 'alexa']);
  });
});
