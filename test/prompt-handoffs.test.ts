import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { readAudioFile } from '../src/audio/index.js';
import { Classifier } from '../src/classifier/index.js';
import { type ModelPack, readPack, resolvePack } from '../src/model/index.js';
import { Listener } from '../src/pipeline.js';

/** A step of the front half: 40 ms. */
const STEP = 640;
/** Two words of the bundled sample. */
const SECONDS = 10;

describe('while a keyword may be coming', () => {
  let pack: ModelPack;
  let classifier: Classifier;
  let sample: Int16Array;

  before(async () => {
    pack = await readPack(await resolvePack('wake-words-en'));
    classifier = new Classifier({ pack });
    sample = (await readAudioFile('samples/demo.wav')).subarray(0, SECONDS * 16_000);
  });
  after(() => classifier.close());

  /** Listens from sample `from` on, step by step as live, and says how long each detection came after the sound that completed it. */
  const listen = async (from: number) => {
    const listener = new Listener({ pack, classifier, live: true });
    let pushed = 0;
    const delays: number[] = [];
    const positions: number[] = [];
    const nears: number[] = [];
    listener.on('near', () => nears.push(pushed));
    const detected: number[] = [];
    listener.on('detection', ({ sample }) => {
      delays.push(pushed - sample);
      detected.push(pushed);
    });
    listener.on('position', ({ sample }) => positions.push(sample));
    for (let at = from; at < sample.length; at += STEP) {
      const piece = sample.subarray(at, at + STEP);
      pushed += piece.length;
      listener.push(piece, at - from);
      await listener.settled();
    }
    await listener.finish();
    return { delays, detected, positions, nears, account: listener.account() };
  };

  test('each position is judged as soon as its sound is there, and once', async () => {
    const { hopSteps } = pack.handoff;
    const spacing = pack.back.positionSteps * STEP;
    for (const from of [0, 1, 2, 3].map((steps) => steps * STEP)) {
      const { delays, positions, account } = await listen(from);
      assert.equal(delays.length, 2, 'both words are detected');
      for (const delay of delays) assert.ok(delay <= STEP, `${delay} samples after its sound, from ${from}`);
      for (const [i, position] of positions.slice(1).entries())
        assert.ok(position - positions[i] >= spacing, `${position} after ${positions[i]}`);
      const { passed, handoffs } = account;
      assert.ok(handoffs.count < (1.6 * passed) / hopSteps, 'most handoffs come no sooner than they must');
    }
  });

  test('an answer says so before the detection, so that a microphone is read as it comes from then on', async () => {
    const { nears, detected } = await listen(0);
    for (const [i, pushed] of detected.entries()) {
      const since = i === 0 ? 0 : detected[i - 1];
      const near = nears.find((at) => at > since && at < pushed);
      assert.ok(near !== undefined, `nothing says so between ${since} and ${pushed}`);
      assert.ok(pushed - near < 16_000, `${pushed - near} samples before the detection`);
    }
    assert.equal(detected.length, 2);
    assert.ok(nears.length <= 6, `${nears.length} times for two words`);
  });
});
