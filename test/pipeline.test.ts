import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Classifier } from '../src/classifier/index.js';
import { EnergyMeter } from '../src/energy/index.js';
import type { ModelPack } from '../src/model/index.js';
import { type Detection, Listener, type ListenerOptions } from '../src/pipeline.js';
import { speech } from './support/speech.js';
import { makeTinyPack } from './support/tiny-pack.js';

const STEP_SAMPLES = 640;
const TAIL_STEPS = 20;

describe('a listener', () => {
  let folder: string;
  /** Untrained: its gate and its posteriors react to sound, and mean nothing. */
  let pack: ModelPack;
  let classifier: Classifier;
  let spoken: Int16Array;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'wakegate-pipeline-'));
    pack = await makeTinyPack(join(folder, 'tiny'));
    classifier = new Classifier({ pack, backend: 'wasm' });
    spoken = (await speech('She had your dark suit in greasy wash water all year.')).subarray(0, 40_000);
  });
  after(async () => {
    await classifier.close();
    await rm(folder, { recursive: true, force: true });
  });

  const listen = async (options: Partial<ListenerOptions> & { chunk?: number; startAt?: number } = {}) => {
    const { chunk = 1280, startAt = 0, ...rest } = options;
    const meter = new EnergyMeter({ hopSteps: pack.handoff.hopSteps });
    const listener = new Listener({ pack, classifier, meter, ...rest });
    const detections: Detection[] = [];
    const gate: { open: boolean; sample: number }[] = [];
    listener.on('detection', (detection) => detections.push(detection));
    listener.on('gate', ({ open, sample }) => gate.push({ open, sample }));
    listener.on('fault', (error) => assert.fail(error));
    for (let at = 0; at < spoken.length; at += chunk) {
      listener.push(spoken.subarray(at, at + chunk), startAt + at);
      await listener.ready();
    }
    await listener.finish();
    return { detections, gate, account: listener.account(), energy: meter.snapshot() };
  };
  /** A threshold in the middle of what the untrained gate says of this speech, so that it opens and shuts. */
  const restless = async (): Promise<ModelPack> => {
    const { account } = await listen();
    return { ...pack, gate: { ...pack.gate, threshold: account.maxScore * 0.98, hangoverSteps: 2 } };
  };
  const essence = ({ detections, gate, account }: Awaited<ReturnType<typeof listen>>) => ({
    detections: detections.map(({ keyword, sample, score }) => ({
      keyword,
      sample,
      score: score.toFixed(5),
    })),
    gate,
    account: { ...account, scores: Object.values(account.scores).map((score) => score.toFixed(5)) },
  });

  test('gives the same in chunks of any size', async () => {
    const expected = essence(await listen());
    for (const chunk of [100, 8000, 40_000]) assert.deepEqual(essence(await listen({ chunk })), expected);
  });

  test('hands over every window with the gate off, and only those while it is open with the gate on', async () => {
    const off = await listen({ gate: 'off' });
    const steps = spoken.length / STEP_SAMPLES + TAIL_STEPS;
    assert.equal(off.account.steps, Math.floor(steps));
    assert.equal(off.account.passed, off.account.steps);
    assert.equal(off.account.handoffs.count, Math.ceil(off.account.steps / pack.handoff.hopSteps));

    const on = await listen({ pack: await restless() });
    assert.ok(on.account.openings > 0 && on.account.passed < on.account.steps, 'the gate opened and shut');
    assert.ok(on.account.handoffs.count < off.account.handoffs.count);
    assert.ok(on.account.handoffs.count >= on.account.openings);
    assert.deepEqual(
      on.gate.map(({ open }) => open),
      on.gate.map((_, i) => i % 2 === 0),
      'openings and closings take turns',
    );
  });

  test('holds back who is faster than sound, before the classifier has so much of it that others would wait', async (t) => {
    const roomy = new Classifier({ pack, backend: 'wasm', capacity: 1000 });
    t.after(() => roomy.close());
    const meter = new EnergyMeter(pack.handoff);
    const listener = new Listener({ pack, classifier: roomy, meter, gate: 'off' });
    let most = 0;
    for (let at = 0; at < 4 * spoken.length; at += 1280) {
      const from = at % spoken.length;
      await listener.ready();
      listener.push(spoken.subarray(from, from + 1280), at);
      const { queued, inFlight } = roomy.status();
      most = Math.max(most, queued + inFlight);
    }
    await listener.settled();
    assert.ok(listener.account().handoffs.count > 40, 'there was more to hand over');
    assert.ok(most <= 32, `${most} handoffs waited`);
  });

  test('counts handoff bytes against dense float32', async () => {
    const { account, energy } = await listen({ gate: 'off' });
    const { count, bytes, denseBytes } = account.handoffs;
    assert.equal(denseBytes, count * pack.handoff.windowSteps * pack.compression.channels * 4);
    assert.ok(bytes > 0 && bytes < denseBytes / 4);
    assert.equal(energy.stages.handoff.bytesOut, bytes);
    assert.equal(energy.stages.classifier.bytesIn, bytes);
    assert.equal(energy.stages.classifier.calls, count);
    assert.equal(energy.stages.classifier.macs, count * pack.back.macs);
  });

  test('keeps streams that share a classifier apart', async () => {
    const alone = essence(await listen());
    const together = await Promise.all([
      listen({ streamId: 1 }),
      listen({ streamId: 2, chunk: 999 }),
      listen({ streamId: 3, gate: 'off' }),
    ]);
    assert.deepEqual(essence(together[0]), alone);
    assert.deepEqual(essence(together[1]), alone);
  });

  test('numbers its detections and gate changes by the source', async () => {
    const restlessPack = await restless();
    const sensitive = {
      ...restlessPack,
      keywords: pack.keywords.map((keyword) => ({ ...keyword, threshold: 0.01 })),
    };
    const atZero = await listen({ pack: sensitive });
    const later = await listen({ pack: sensitive, startAt: 1_000_000 });
    assert.ok(atZero.detections.length > 0);
    assert.deepEqual(
      later.detections.map(({ sample }) => sample - 1_000_000),
      atZero.detections.map(({ sample }) => sample),
    );
    assert.deepEqual(
      later.gate.map(({ sample }) => sample - 1_000_000),
      atZero.gate.map(({ sample }) => sample),
    );
  });

  test('a gate that is open when a room becomes quiet shuts in the quiet, and at the same sample however the sound is cut', async () => {
    const wide = { ...pack, gate: { ...pack.gate, threshold: 1e-9 } };
    const quiet = Int16Array.from({ length: 64_000 }, (_, i) => (i % 7) - 3);
    const samples = new Int16Array(spoken.length + quiet.length + spoken.length);
    samples.set(spoken);
    samples.set(quiet, spoken.length);
    samples.set(spoken, spoken.length + quiet.length);
    const ends: number[] = [];
    for (const chunk of [640, 8960, samples.length]) {
      const listener = new Listener({ pack: wide, classifier, meter: new EnergyMeter({ hopSteps: 4 }) });
      const shut: number[] = [];
      listener.on('gate', ({ open, sample }) => open || shut.push(sample));
      for (let at = 0; at < samples.length; at += chunk) {
        listener.push(samples.subarray(at, at + chunk), at);
        const end = at + chunk;
        const again = spoken.length + quiet.length;
        if (end > again || end + chunk <= again) continue;
        assert.equal(shut.length, 1, `told before there is sound again, in pieces of ${chunk}`);
        assert.equal(listener.account().open, false);
      }
      await listener.settled();
      assert.equal(listener.account().steps, Math.floor(samples.length / STEP_SAMPLES));
      ends.push(shut[0]);
    }
    const afterWord = (ends[0] - spoken.length) / 16_000;
    assert.ok(
      afterWord > 0 && afterWord < 1.1,
      `${afterWord} s after the sound: the level gate holds for 1 s`,
    );
    assert.deepEqual(ends, [ends[0], ends[0], ends[0]]);
  });

  test('starts over after a gap instead of gluing sound over it', async () => {
    const meter = new EnergyMeter({ hopSteps: pack.handoff.hopSteps });
    const messages: number[] = [];
    const broken = new Listener({ pack: await restless(), classifier, meter });
    broken.on('gate', ({ open, sample }) => open && messages.push(sample));
    broken.push(spoken.subarray(0, 16_000), 0);
    broken.push(spoken.subarray(0, 30_000), 320_000);
    await broken.finish();
    const second = messages.filter((sample) => sample > 320_000).map((sample) => sample - 320_000);

    const whole = new Listener({ pack: await restless(), classifier, meter });
    const expected: number[] = [];
    whole.on('gate', ({ open, sample }) => open && expected.push(sample));
    whole.push(spoken.subarray(0, 30_000), 0);
    await whole.finish();
    assert.ok(expected.length > 0);
    assert.deepEqual(second, expected);
  });

  test('a pack whose weights overflow is reported once, and its scores stay numbers', async () => {
    const [first, ...rest] = pack.front;
    // Each is a number, and so are the products; of their sums, one is infinite, and one the difference of two of those.
    const front = [
      { ...first, kernel: first.kernel.map((_, i) => (i % 2 === 0 ? 3e38 : -3e38)) },
      ...rest,
    ] as const;
    const listener = new Listener({ pack: { ...pack, front, gate: { ...pack.gate } }, classifier });
    const faults: string[] = [];
    listener.on('fault', ({ code, message }) => faults.push(`${code}: ${message}`));
    for (let at = 0; at < spoken.length; at += 1280) listener.push(spoken.subarray(at, at + 1280), at);
    await listener.finish();
    const overflows = faults.filter((fault) => fault.startsWith('WG_MODEL_INVALID'));
    assert.equal(overflows.length, 1);
    assert.match(overflows[0], /model pack "tiny" gives no number: its weights are too large/);
    const { score, maxScore } = listener.account();
    assert.ok(Number.isFinite(score) && Number.isFinite(maxScore));
  });

  test('a fault of the classifier is reported, and the stream continues', async () => {
    const stranger: ModelPack = { ...pack, fingerprint: pack.fingerprint ^ 1 };
    const faults: string[] = [];
    const listener = new Listener({
      pack: stranger,
      classifier,
      meter: new EnergyMeter({ hopSteps: 4 }),
      gate: 'off',
    });
    listener.on('fault', ({ code }) => faults.push(code));
    listener.push(spoken.subarray(0, 16_000), 0);
    await listener.finish();
    assert.ok(faults.length > 3);
    assert.ok(faults.every((code) => code === 'WG_HANDOFF_INVALID'));
  });
});
