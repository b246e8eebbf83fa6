import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, describe, it } from 'node:test';
import type { Worker } from 'node:worker_threads';
import { Classifier, type ClassifierOptions, type WorkerDeath } from '../../src/classifier/index.js';
import { HandoffEncoder } from '../../src/gate/handoff.js';
import type { ModelPack } from '../../src/model/index.js';
import { makeTinyPack } from '../support/tiny-pack.js';

let directory: string;
let pack: ModelPack;
const classifiers: Classifier[] = [];
/** Neither an idle worker nor a deadline keeps the process alive, so that a test that awaits them has to. */
let alive: NodeJS.Timeout;

before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'wakegate-sick-worker-'));
  pack = await makeTinyPack(join(directory, 'tiny'));
  alive = setInterval(() => {}, 1000);
});
after(async () => {
  clearInterval(alive);
  await rm(directory, { recursive: true });
});
afterEach(async () => {
  for (const classifier of classifiers.splice(0)) await classifier.close();
});

function open(options: Partial<ClassifierOptions> = {}): { classifier: Classifier; deaths: WorkerDeath[] } {
  const classifier = new Classifier({ pack, backend: 'wasm', ...options });
  const deaths: WorkerDeath[] = [];
  classifier.on('death', (death) => deaths.push(death));
  classifiers.push(classifier);
  return { classifier, deaths };
}

function handoff(step: number): Uint8Array {
  const { compression, fingerprint, handoff } = pack;
  const encoder = new HandoffEncoder(compression, fingerprint, handoff.windowSteps);
  const levels = new Uint8Array(handoff.windowSteps * compression.channels).fill(step % 7);
  return encoder.encode({ streamId: 1, step, endSample: step * 640 }, levels);
}

/** Does something with every worker that is started until the test is over. */
function withWorkers(t: { after(work: () => void): void }, work: (worker: Worker) => void): void {
  process.on('worker', work);
  t.after(() => process.off('worker', work));
}

/** Has the next batches never reach their worker: it is as if it hung on them. */
function swallowBatches(worker: Worker, left: { count: number }): void {
  const post = worker.postMessage.bind(worker);
  worker.postMessage = (message: { kind: string }) => {
    if (message.kind === 'batch' && left.count-- > 0) return;
    post(message);
  };
}

describe('a worker that hangs', () => {
  it('is ended at its deadline, and what it had is sent to the next', async (t) => {
    const left = { count: 1 };
    withWorkers(t, (worker) => swallowBatches(worker, left));
    const { classifier, deaths } = open({ limits: { batchMs: 1500 } });
    const answers = await Promise.all([1, 2, 3].map((step) => classifier.classify(handoff(step))));
    assert.deepEqual(
      answers.map((answer) => answer!.step),
      [1, 2, 3],
    );
    assert.deepEqual(
      deaths.map(({ why, restMs }) => [why, restMs]),
      [['it gave no answer within 1.5 s', 0]],
    );
    assert.equal(classifier.status().deaths, 0, 'an answer ends the count');
  });

  it('while it wakes is ended too, and after three of them what waits is given up', async () => {
    // No worker wakes as fast as that.
    const { classifier, deaths } = open({ limits: { wakeMs: 2 } });
    await assert.rejects(classifier.classify(handoff(1)), { code: 'WG_CLASSIFIER_FAILED' });
    assert.deepEqual(
      deaths.map(({ why }) => why),
      Array(3).fill('it gave no answer within 0.002 s'),
    );
  });

  it('is not what a process was that was held up itself', async () => {
    const { classifier, deaths } = open({ limits: { batchMs: 300 } });
    await classifier.classify(handoff(1)).catch(() => {});
    deaths.length = 0;
    const answer = classifier.classify(handoff(2));
    // The worker answers meanwhile, and its message waits when the deadline's timer is run.
    for (const end = performance.now() + 1500; performance.now() < end; );
    assert.equal((await answer)!.step, 2);
    assert.deepEqual(deaths, []);
  });
});

describe('a worker that keeps dying', () => {
  it('is started again only after a rest, longer with each death', async (t) => {
    const { classifier, deaths } = open();
    withWorkers(t, (worker) => void worker.terminate());
    const failed = classifier.classify(handoff(1));
    await assert.rejects(failed, { code: 'WG_CLASSIFIER_FAILED' });
    assert.deepEqual(
      deaths.map(({ deaths, restMs }) => [deaths, restMs]),
      [
        [1, 0],
        [2, 0],
        [3, 1000],
      ],
    );
    const next = classifier.classify(handoff(2));
    next.catch(() => {});
    assert.equal(classifier.status().state, 'asleep', 'it rests');
    await once(classifier, 'death');
    assert.deepEqual([deaths[3].deaths, deaths[3].restMs], [4, 2000]);
  });

  it('has what is too old by then dropped, and counted', async (t) => {
    const { classifier, deaths } = open({ staleMs: 100 });
    let mortal = true;
    withWorkers(t, (worker) => {
      if (mortal) void worker.terminate();
    });
    await assert.rejects(classifier.classify(handoff(1)), { code: 'WG_CLASSIFIER_FAILED' });
    assert.equal(deaths.length, 3);
    mortal = false;
    const old = [2, 3].map((step) => classifier.classify(handoff(step)));
    assert.deepEqual(await Promise.all(old), [null, null]);
    assert.equal(classifier.status().dropped, 2);
    assert.equal((await classifier.classify(handoff(4)))!.step, 4);
  });

  it('keeps nobody from closing it while it rests', async (t) => {
    const { classifier } = open();
    withWorkers(t, (worker) => void worker.terminate());
    await assert.rejects(classifier.classify(handoff(1)), { code: 'WG_CLASSIFIER_FAILED' });
    const waiting = classifier.classify(handoff(2));
    const closed = assert.rejects(waiting, { code: 'WG_CLASSIFIER_CLOSED' });
    await classifier.close();
    await closed;
  });
});

describe('a model that takes too much memory', () => {
  it('is refused while it is loaded', async () => {
    const { classifier } = open({ limits: { loadMegabytes: 2 } });
    await assert.rejects(classifier.classify(handoff(1)), {
      code: 'WG_MODEL_INVALID',
      message: /more than 2 MB of memory/,
    });
    assert.equal(classifier.status().state, 'asleep');
  });
});
