import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import type { Worker } from 'node:worker_threads';
import { Classifier, type ClassifierOptions, WorkerTurns } from '../../src/classifier/index.js';
import { HandoffEncoder } from '../../src/gate/handoff.js';
import type { ModelPack } from '../../src/model/index.js';
import { makeTinyPack } from '../support/tiny-pack.js';

let directory: string;
let pack: ModelPack;
let alive: NodeJS.Timeout;
let turns: WorkerTurns;
let classifiers: Classifier[];
/** Of the worker threads of a test: those that are there, the most that ever were, and all. */
let count: { now: number; most: number; all: number };
let onWorker: (worker: Worker) => void;

function started(worker: Worker): void {
  count.now++;
  count.all++;
  count.most = Math.max(count.most, count.now);
  worker.on('exit', () => {
    count.now--;
  });
  onWorker(worker);
}

before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'wakegate-turns-'));
  pack = await makeTinyPack(join(directory, 'tiny'));
  process.on('worker', started);
  alive = setInterval(() => {}, 1000);
});

after(async () => {
  process.off('worker', started);
  clearInterval(alive);
  await rm(directory, { recursive: true });
});

beforeEach(() => {
  turns = new WorkerTurns();
  classifiers = [];
  count = { now: 0, most: 0, all: 0 };
  onWorker = () => {};
});

afterEach(async () => {
  for (const classifier of classifiers) await classifier.close();
  assert.equal(count.now, 0);
});

function open(options: Partial<ClassifierOptions> = {}): Classifier {
  const classifier = new Classifier({ pack, backend: 'wasm', idleMs: 3_600_000, turns, ...options });
  classifiers.push(classifier);
  return classifier;
}

function handoff(step: number): Uint8Array {
  const { compression, fingerprint, handoff } = pack;
  const encoder = new HandoffEncoder(compression, fingerprint, handoff.windowSteps);
  const levels = new Uint8Array(handoff.windowSteps * compression.channels).fill(step % 7);
  return encoder.encode({ streamId: 1, step, endSample: step * 640 }, levels);
}

describe('classifiers that share turns', () => {
  it('have one worker at a time, and answer all that they are given', async () => {
    const [one, two, three] = [open(), open(), open()];
    for (let round = 0; round < 2; round++) {
      const asked = [one, two, three].flatMap((classifier) =>
        [1, 2, 3].map((step) => classifier.classify(handoff(step))),
      );
      const steps = (await Promise.all(asked)).map((answer) => answer!.step);
      assert.deepEqual(steps, [1, 2, 3, 1, 2, 3, 1, 2, 3]);
    }
    assert.equal(count.most, 1);
    // One that is awake with nothing to do makes way at once, not after an hour.
    assert.equal(two.status().state, 'asleep');
  });

  it('make way now and then while they have work without an end', async () => {
    const [busy, other] = [open({ capacity: 1000 }), open()];
    await busy.classify(handoff(1));
    let isOver = false;
    const keepBusy = async (): Promise<void> => {
      while (!isOver) await busy.classify(handoff(1));
    };
    const never = Promise.all(Array.from({ length: 40 }, keepBusy));
    assert.equal((await other.classify(handoff(2)))!.step, 2);
    assert.ok(busy.status().answered > 1);
    isOver = true;
    await never;
    assert.equal(count.most, 1);
    assert.equal(count.all, 3, 'what was left when it made way was done afterwards');
  });

  it('end a worker that hangs sooner than where nobody waits for it', async () => {
    const limits = { batchMs: 3_600_000, wakeMs: 3_600_000, hurryMs: 1000 };
    const [hung, other] = [open({ limits }), open({ limits })];
    let left = 1;
    onWorker = (worker) => {
      const post = worker.postMessage.bind(worker);
      worker.postMessage = (message: { kind: string }) => {
        if (message.kind === 'batch' && left-- > 0) return;
        post(message);
      };
    };
    const first = hung.classify(handoff(1));
    while (hung.status().state !== 'awake') await once(hung, 'state');
    const second = other.classify(handoff(2));
    assert.equal((await second)!.step, 2);
    assert.equal((await first)!.step, 1);
    assert.equal(count.most, 1);
  });

  it('take back what they asked for when they are closed', async () => {
    const [one, two] = [open(), open()];
    const first = one.classify(handoff(1));
    const refused = assert.rejects(two.classify(handoff(2)), { code: 'WG_CLASSIFIER_CLOSED' });
    await two.close();
    await refused;
    assert.equal((await first)!.step, 1);
    assert.equal(count.all, 1);
  });
});
