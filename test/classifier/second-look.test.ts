import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Worker } from 'node:worker_threads';
import { Classifier, joinedScore, secondLookSamples } from '../../src/classifier/index.js';
import { EnergyMeter } from '../../src/energy/index.js';
import type { WakegateError } from '../../src/errors.js';
import type { ModelPack } from '../../src/model/index.js';
import { type Detection, Listener, type ListenerEvents, type ListenerOptions } from '../../src/pipeline.js';
import { speech } from '../support/speech.js';
import { makeTinyPack } from '../support/tiny-pack.js';
import { constantSecondLook, withSecondLook } from '../support/tiny-second-look.js';

const ASK = 0.05;

describe('a second look', () => {
  let folder: string;
  /** Untrained, with thresholds so low that it detects something in any speech. */
  let alone: ModelPack;
  /** The same with a second look that is sure of no keyword, and of each. */
  let refusing: ModelPack;
  let agreeing: ModelPack;
  let spoken: Int16Array;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'wakegate-second-look-'));
    const pack = await makeTinyPack(join(folder, 'tiny'));
    alone = {
      ...pack,
      keywords: pack.keywords.map((keyword) => ({ ...keyword, threshold: 0.2, patience: 1 })),
    };
    refusing = withSecondLook(alone, await constantSecondLook(folder, [1, 1e-6, 1e-6]), ASK);
    agreeing = withSecondLook(alone, await constantSecondLook(folder, [0.02, 0.49, 0.49]), ASK);
    spoken = (await speech('She had your dark suit in greasy wash water all year.')).subarray(0, 40_000);
  });
  after(() => rm(folder, { recursive: true, force: true }));

  const listen = async (
    pack: ModelPack,
    options: Partial<ListenerOptions> & {
      chunk?: number;
      onLook?: () => void;
      onFault?: (fault: WakegateError) => void;
    } = {},
  ) => {
    const { chunk = 1280, onLook, onFault = (fault) => assert.fail(fault), ...rest } = options;
    const classifier = new Classifier({ pack, backend: 'wasm' });
    const meter = new EnergyMeter({ hopSteps: pack.handoff.hopSteps });
    const listener = new Listener({ pack, classifier, meter, gate: 'off', ...rest });
    const detections: Detection[] = [];
    const verdicts: ListenerEvents['secondLook'][0][] = [];
    listener.on('detection', (detection) => detections.push(detection));
    listener.on('secondLook', (verdict) => {
      verdicts.push(verdict);
      onLook?.();
    });
    listener.on('fault', onFault);
    for (let at = 0; at < spoken.length; at += chunk) {
      listener.push(spoken.subarray(at, at + chunk), at);
      await listener.ready();
    }
    await listener.finish();
    const { looks, restarts } = classifier.status();
    await classifier.close();
    return { detections, verdicts, account: listener.account(), energy: meter.snapshot(), looks, restarts };
  };
  const essence = (detections: readonly Detection[]) =>
    detections.map(({ keyword, sample, score }) => ({ keyword, sample, score: score.toFixed(5) }));

  test('stops a detection that it does not confirm', async () => {
    assert.ok((await listen(alone)).detections.length > 0, 'without it something is detected');
    const { detections, verdicts, account } = await listen(refusing);
    assert.deepEqual(detections, []);
    assert.ok(verdicts.length > 0 && verdicts.every(({ agreed }) => !agreed));
    assert.deepEqual(account.looks, { count: verdicts.length, refused: verdicts.length });
  });

  test('lets a detection through that it confirms, with both opinions', async () => {
    const { detections, verdicts } = await listen(agreeing);
    assert.ok(detections.length > 0);
    assert.deepEqual(
      detections.map(({ sample }) => sample),
      verdicts.filter(({ agreed }) => agreed).map(({ sample }) => sample),
    );
    for (const { score, secondLook } of detections) {
      assert.ok(Math.abs(secondLook!.second - 0.49) < 1e-3, 'what the network always says, but for float16');
      const odds = (p: number) => p / (1 - p);
      const joined = odds(secondLook!.posterior) * odds(secondLook!.second);
      assert.ok(Math.abs(odds(score) - joined) < 1e-5, 'logits are added, so odds are multiplied');
    }
  });

  test('counts for each keyword as much as that keyword says', async () => {
    const { secondLook, ...pack } = refusing;
    const keywords = Object.fromEntries(
      Object.entries(secondLook!.keywords).map(([name, one]) => [name, { ...one, weight: 0 }]),
    );
    const { detections } = await listen({ ...pack, secondLook: { ...secondLook!, keywords } });
    assert.ok(detections.length > 0);
    for (const { score, secondLook } of detections) {
      assert.ok(Math.abs(score - secondLook!.posterior) < 1e-9, 'the first opinion alone');
    }
  });

  test('changes nothing when it is off', async () => {
    const expected = essence((await listen(alone)).detections);
    const off = await listen(refusing, { secondLook: 'off' });
    assert.deepEqual(essence(off.detections), expected);
    assert.equal(off.looks, 0);
    assert.ok(off.detections.every(({ secondLook }) => secondLook === null));
  });

  test('judges the same in chunks of any size', async () => {
    const expected = await listen(agreeing);
    for (const chunk of [100, 8000, 40_000]) {
      const again = await listen(agreeing, { chunk });
      assert.deepEqual(essence(again.detections), essence(expected.detections));
      assert.equal(again.looks, expected.looks);
    }
  });

  test('is asked again when its worker dies, and no detection is lost', async (t) => {
    const workers: Worker[] = [];
    const remember = (worker: Worker) => workers.push(worker);
    process.on('worker', remember);
    t.after(() => process.off('worker', remember));
    const expected = essence((await listen(agreeing)).detections);
    workers.length = 0;
    // The next look, if there is one, is asked for before this thread hears of the death.
    const { detections, restarts } = await listen(agreeing, {
      onLook: () => workers.length === 1 && void workers[0].terminate(),
    });
    assert.ok(restarts > 0, 'the worker died with work in its hands');
    assert.deepEqual(essence(detections), expected);
  });

  test('has a stage of its own in the account of energy', async () => {
    const { energy, looks } = await listen(refusing);
    const { calls, macs, bytesIn } = energy.stages.secondLook;
    const model = refusing.secondLook!;
    assert.equal(calls, looks);
    assert.equal(macs, looks * model.macs);
    assert.equal(bytesIn, looks * secondLookSamples(model) * 2);
  });

  test('whose weights were replaced since the pack was read is not asked, and the posterior decides', async () => {
    const replaced = { ...refusing.secondLook!, weightsSha256: '0'.repeat(64) };
    const faults: string[] = [];
    const pack = { ...refusing, secondLook: replaced };
    const { detections } = await listen(pack, { onFault: ({ code }) => faults.push(code) });
    assert.ok(faults.length > 0 && faults.every((code) => code === 'WG_MODEL_INVALID'));
    assert.deepEqual(essence(detections), essence((await listen(alone)).detections));
  });

  test('cannot be asked of a pack that has none', async (t) => {
    const classifier = new Classifier({ pack: alone, backend: 'wasm' });
    t.after(() => classifier.close());
    await assert.rejects(classifier.look(new Int16Array(100)), { code: 'WG_USAGE' });
  });
});

test('two opinions that are equally sure and disagree leave it open', () => {
  assert.ok(Math.abs(joinedScore(0.9, 0.1, 1, 0) - 0.5) < 1e-12);
  assert.ok(joinedScore(0.9, 0.1, 0.5, 0) > 0.5, 'where the second counts half');
  assert.ok(joinedScore(1, 0, 1, 0) > 0 && joinedScore(1, 1, 1, 0) < 1, 'certainty is finite');
});
