import assert from 'node:assert/strict';
import { before, type TestContext, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { encodeAnswer, type FleetAnswer } from '../../src/fleet/answer.js';
import type { CarriedWindow, CarrierMember, HandoffCarrier } from '../../src/fleet/carrier.js';
import { RemoteClassifier, type RemoteTimes } from '../../src/fleet/remote-classifier.js';
import { noRemoteCounts } from '../../src/fleet/remote-counts.js';
import { HandoffEncoder } from '../../src/gate/handoff.js';
import type { ModelPack } from '../../src/model/index.js';
import { temporaryFolder } from '../support/temp-folder.js';
import { makeTinyPack } from '../support/tiny-pack.js';

let pack: ModelPack;
before(async () => {
  pack = await makeTinyPack(`${temporaryFolder()}/tiny`);
});

const alive = setInterval(() => {}, 1 << 30);
test.after(() => clearInterval(alive));

/** A carrier whose broker and workers are what a test says. */
class Carrier implements HandoffCarrier {
  isUp = true;
  hasWorkers = true;
  readonly problem = null;
  readonly sent: CarriedWindow[] = [];
  member: CarrierMember | null = null;
  #number = 0;
  #wake: () => void = () => {};

  holds(): boolean {
    return this.hasWorkers;
  }

  send(window: CarriedWindow): void {
    this.sent.push(window);
    queueMicrotask(() => window.onTaken(this.hasWorkers));
    this.#wake();
  }

  join(member: CarrierMember): () => void {
    this.member = member;
    return () => {};
  }

  nextNumber(): number {
    return ++this.#number;
  }

  /** Resolves when so many windows were sent, and the broker has taken them. */
  async hasSent(count: number): Promise<void> {
    while (this.sent.length < count) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    await Promise.resolve();
  }

  answer(window: CarriedWindow, answer: FleetAnswer): void {
    assert.equal(this.member!.onAnswer(window.number, encodeAnswer(answer)), true);
  }
}

function openRemote(t: TestContext, times: Partial<RemoteTimes> = {}) {
  const carrier = new Carrier();
  const counts = noRemoteCounts();
  const classifier = new RemoteClassifier({ pack, carrier, counts, times });
  t.after(() => classifier.close());
  return { carrier, counts, classifier };
}

function silence(): Uint8Array {
  const { compression, fingerprint, handoff } = pack;
  const levels = new Uint8Array(handoff.windowSteps * compression.channels);
  const header = { streamId: 0, step: 20, endSample: 12_800 };
  return new HandoffEncoder(compression, fingerprint, handoff.windowSteps).encode(header, levels);
}

const posteriorsOf = (worker: string): FleetAnswer => ({
  worker,
  posteriors: new Float32Array(pack.back.positions * (pack.keywords.length + 1)),
  cpuMs: 1,
  lagMs: 1,
});
const refusalOf = (worker: string, code: 'WG_CLASSIFIER_FAILED' | 'WG_HANDOFF_INVALID'): FleetAnswer => ({
  worker,
  code,
  sentence: 'not here',
});

test('a handoff without an answer is sent again once with what is left of its life, however long answers took before', async (t) => {
  const { carrier, counts, classifier } = openRemote(t, { againMs: 20, livesMs: 400 });
  // The first answer, of a worker that had just begun, took very long.
  counts.lagMs = 10_000;
  const answer = classifier.classify(silence());
  await carrier.hasSent(2);
  assert.ok(carrier.sent[1].livesMs < carrier.sent[0].livesMs);
  await assert.rejects(answer, { code: 'WG_CLASSIFIER_FAILED', message: /it was sent twice/ });
  assert.equal(carrier.sent.length, 2, 'once');
  assert.deepEqual([counts.again, counts.lost], [1, 1]);
});

test('what a worker refuses is asked again once, of another one perhaps, and fails where that refuses it too', async (t) => {
  const { carrier, counts, classifier } = openRemote(t);
  const answered = classifier.classify(silence());
  carrier.answer(carrier.sent[0], refusalOf('one', 'WG_CLASSIFIER_FAILED'));
  await carrier.hasSent(2);
  carrier.answer(carrier.sent[1], posteriorsOf('two'));
  assert.ok(await answered);
  const refused = classifier.classify(silence());
  await carrier.hasSent(3);
  carrier.answer(carrier.sent[2], refusalOf('one', 'WG_CLASSIFIER_FAILED'));
  await carrier.hasSent(4);
  carrier.answer(carrier.sent[3], refusalOf('two', 'WG_CLASSIFIER_FAILED'));
  await assert.rejects(refused, { code: 'WG_CLASSIFIER_FAILED', message: 'worker two: not here' });
  assert.deepEqual([carrier.sent.length, counts.again, counts.lost], [4, 2, 1]);
});

test('what is wrong with a handoff itself is not asked again', async (t) => {
  const { carrier, classifier } = openRemote(t);
  const refused = classifier.classify(silence());
  carrier.answer(carrier.sent[0], refusalOf('one', 'WG_HANDOFF_INVALID'));
  await assert.rejects(refused, { code: 'WG_HANDOFF_INVALID' });
  assert.equal(carrier.sent.length, 1);
});

test('what no worker could have had is sent when one comes, and that is its first time', async (t) => {
  const { carrier, classifier } = openRemote(t);
  carrier.hasWorkers = false;
  carrier.member!.onWorkers(false);
  const answer = classifier.classify(silence());
  await carrier.hasSent(1);
  carrier.hasWorkers = true;
  carrier.member!.onWorkers(false);
  await carrier.hasSent(2);
  // That worker is lost at once, and another has it.
  carrier.member!.onWorkers(true);
  await carrier.hasSent(3);
  carrier.member!.onWorkers(true);
  await pause(1);
  assert.equal(carrier.sent.length, 3, 'not a third time');
  carrier.answer(carrier.sent[2], posteriorsOf('two'));
  assert.ok(await answer);
});
