import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { Worker } from 'node:worker_threads';
import {
  Classifier,
  type ClassifierCost,
  type ClassifierOptions,
  openBackend,
  type StateChange,
} from '../../src/classifier/index.js';
import { HandoffEncoder } from '../../src/gate/handoff.js';
import type { ModelPack } from '../../src/model/index.js';
import { makeTinyPack } from '../support/tiny-pack.js';

let directory: string;
let pack: ModelPack;
let classifiers: Classifier[];
/** Every worker thread that the process has started during the test. */
let workers: Worker[];
const remember = (worker: Worker) => workers.push(worker);
/** Neither an idle worker nor its timer keeps the process alive, so that a test that awaits them has to. */
let alive: NodeJS.Timeout;

before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'wakegate-classifier-'));
  pack = await makeTinyPack(join(directory, 'tiny'));
  process.on('worker', remember);
  alive = setInterval(() => {}, 1000);
});

after(async () => {
  process.off('worker', remember);
  clearInterval(alive);
  await rm(directory, { recursive: true });
});

beforeEach(() => {
  classifiers = [];
  workers = [];
});

afterEach(async () => {
  for (const classifier of classifiers) await classifier.close();
});

function open(options: Partial<ClassifierOptions> = {}): Classifier {
  const classifier = new Classifier({ pack, backend: 'wasm', ...options });
  classifiers.push(classifier);
  return classifier;
}

/** Levels of step `step`, [windowSteps, channels]: mostly zeros, different for each step. */
function levelsOf(step: number): Uint8Array {
  const length = pack.handoff.windowSteps * pack.compression.channels;
  return Uint8Array.from({ length }, (_, i) => ((i * 7 + step * 13) % 5 < 3 ? 0 : (i * 11 + step * 5) % 33));
}

function handoff(step: number, of: ModelPack = pack): Uint8Array {
  const encoder = new HandoffEncoder(of.compression, of.fingerprint, of.handoff.windowSteps);
  return encoder.encode({ streamId: 7, step, endSample: step * 640 }, levelsOf(step));
}

const steps = (count: number) => Array.from({ length: count }, (_, i) => 100 + i);

async function gone(worker: Worker): Promise<void> {
  // A thread that has ended has the id -1.
  if (worker.threadId !== -1) await once(worker, 'exit');
}

describe('Classifier', () => {
  it('starts no worker before the first handoff', async () => {
    const classifier = open();
    await delay(20);
    assert.equal(workers.length, 0);
    assert.equal(classifier.status().state, 'asleep');
    assert.equal(classifier.status().backend, null);

    await classifier.classify(handoff(100));
    assert.equal(workers.length, 1);
    const status = classifier.status();
    assert.deepEqual(
      [status.state, status.backend, status.backendRequested, status.wakes, status.answered],
      ['awake', 'wasm', 'wasm', 1, 1],
    );
    assert.ok(status.wakeMs! > 0);
  });

  it('gives the posteriors of the same model run directly', async () => {
    const classifier = open();
    const { tf, layers } = await openBackend('wasm');
    const json = JSON.parse(await readFile(join(pack.directory, 'back.json'), 'utf8'));
    const bin = await readFile(join(pack.directory, 'back.bin'));
    const model = await layers.loadLayersModel({
      load: async () => ({
        modelTopology: json.modelTopology,
        weightSpecs: json.weightsManifest[0].weights,
        weightData: new Uint8Array(bin).buffer,
      }),
    });
    for (const step of steps(5)) {
      const answer = (await classifier.classify(handoff(step)))!;
      const activations = Float32Array.from(levelsOf(step), (level) => level * 0.25);
      const input = tf.tensor4d(activations, [1, 20, 1, 8]);
      const output = model.predict(input) as ReturnType<typeof tf.tensor>;
      const expected = await output.data();
      tf.dispose([input, output]);
      assert.deepEqual([answer.streamId, answer.step, answer.endSample], [7, step, step * 640]);
      assert.equal(answer.posteriors.length, 2 * 3);
      for (const [i, posterior] of answer.posteriors.entries()) {
        assert.ok(Math.abs(posterior - expected[i]) < 1e-4, `${posterior} is not ${expected[i]}`);
      }
      assert.ok(Math.abs(answer.posteriors.slice(0, 3).reduce((sum, p) => sum + p) - 1) < 1e-4);
    }
    model.dispose();
  });

  it('answers in order, and in a batch as one by one', async () => {
    const classifier = open();
    const order: number[] = [];
    const together = await Promise.all(
      steps(40).map(async (step) => {
        const answer = (await classifier.classify(handoff(step)))!;
        order.push(answer.step);
        return answer;
      }),
    );
    assert.deepEqual(order, steps(40));
    for (const [i, step] of steps(40).entries()) {
      const alone = (await classifier.classify(handoff(step)))!;
      for (const [k, posterior] of alone.posteriors.entries()) {
        assert.ok(Math.abs(posterior - together[i].posteriors[k]) < 1e-6);
      }
    }
    assert.notDeepEqual(together[0].posteriors, together[1].posteriors);
  });

  it('is not disturbed by a caller that reuses its buffer', async () => {
    const classifier = open();
    const shared = new Uint8Array(4096);
    const answers = steps(3).map((step) => {
      const message = handoff(step);
      shared.set(message);
      return classifier.classify(shared.subarray(0, message.length));
    });
    assert.deepEqual(
      (await Promise.all(answers)).map((answer) => answer!.step),
      steps(3),
    );
  });

  it('sleeps when idle, with its thread gone, and wakes again', async () => {
    const classifier = open({ idleMs: 30 });
    const changes: StateChange[] = [];
    classifier.on('state', (change) => changes.push(change));
    await classifier.classify(handoff(100));
    while (classifier.status().state !== 'asleep') await once(classifier, 'state');
    await gone(workers[0]);

    assert.equal((await classifier.classify(handoff(101)))!.step, 101);
    assert.equal(workers.length, 2);
    assert.equal(classifier.status().wakes, 2);
    assert.equal(classifier.status().restarts, 0);
    assert.deepEqual(
      changes.slice(0, 5).map(({ state }) => state),
      ['waking', 'awake', 'asleep', 'waking', 'awake'],
    );
    assert.match(changes[2].reason, /idle for 30 ms/);
    while (classifier.status().state !== 'asleep') await once(classifier, 'state');
    const idleMs = Number(/idle for (\d+) ms/.exec(changes.at(-1)!.reason)![1]);
    assert.ok(
      idleMs === 30 || (idleMs >= 60 && idleMs <= 180),
      'longer, where it slept for less than 180 ms',
    );
  });

  it('accounts for every handoff and every waking', async () => {
    const classifier = open();
    const costs: ClassifierCost[] = [];
    classifier.on('cost', (cost) => costs.push(cost));
    const answers = await Promise.all(steps(20).map((step) => classifier.classify(handoff(step))));

    assert.equal(
      costs.reduce((sum, cost) => sum + cost.handoffs, 0),
      20,
    );
    assert.equal(costs.filter((cost) => cost.wakeCpuMs > 0).length, 1);
    // One thread cannot spend more than the time that has passed since it was asked to start.
    assert.ok(costs[0].wakeCpuMs <= classifier.status().wakeMs!);
    const total = costs.reduce((sum, cost) => sum + cost.cpuMs, 0);
    const shares = answers.reduce((sum, answer) => sum + answer!.cpuMs, 0);
    assert.ok(total > 0 && Math.abs(total - shares) < 1e-6);
  });

  it('loses nothing when its worker is killed in mid-work', async () => {
    const classifier = open();
    const answers = steps(60).map((step) => classifier.classify(handoff(step)));
    await answers[0];
    assert.ok(classifier.status().inFlight > 0);
    await workers[0].terminate();

    const order = (await Promise.all(answers)).map((answer) => answer!.step);
    assert.deepEqual(order, steps(60));
    const { restarts, wakes, answered, dropped } = classifier.status();
    assert.deepEqual(
      { restarts, wakes, answered, dropped },
      { restarts: 1, wakes: 1, answered: 60, dropped: 0 },
    );
  });

  it('gives up a handoff that three workers died of, and continues with the rest', async () => {
    const classifier = open();
    let kills = 0;
    classifier.on('state', ({ state }) => {
      // The first batch is on its way to the worker, and never read, when it is ended here.
      if (state === 'awake' && kills++ < 3) void workers.at(-1)!.terminate();
    });
    const [first, ...rest] = steps(5).map((step) => classifier.classify(handoff(step)));
    await assert.rejects(first!, { code: 'WG_CLASSIFIER_FAILED' });
    assert.deepEqual(
      (await Promise.all(rest)).map((answer) => answer!.step),
      steps(5).slice(1),
    );
    assert.equal(classifier.status().restarts, 3);
  });

  it('gives up after three workers that die before they are awake, and tries again for the next handoff', async () => {
    const classifier = open();
    let kills = 0;
    const kill = (worker: Worker) => kills++ < 3 && void worker.terminate();
    process.on('worker', kill);
    try {
      await assert.rejects(classifier.classify(handoff(100)), { code: 'WG_CLASSIFIER_FAILED' });
      assert.equal(classifier.status().state, 'asleep');
      assert.equal((await classifier.classify(handoff(101)))!.step, 101);
    } finally {
      process.off('worker', kill);
    }
  });

  it('lets the oldest waiting handoff go when the queue is full, and counts it', async () => {
    const classifier = open({ capacity: 4 });
    // Nothing is taken from the queue while the worker wakes.
    const answers = await Promise.all(steps(10).map((step) => classifier.classify(handoff(step))));
    assert.deepEqual(
      answers.map((answer) => answer?.step ?? null),
      [...Array(6).fill(null), ...steps(10).slice(6)],
    );
    assert.equal(classifier.status().dropped, 6);
    assert.equal(classifier.status().answered, 4);
  });

  it('drops nothing of a caller that awaits ready()', async () => {
    const classifier = open({ capacity: 4 });
    const answers: Promise<unknown>[] = [];
    let most = 0;
    for (const step of steps(100)) {
      await classifier.ready();
      answers.push(classifier.classify(handoff(step)));
      most = Math.max(most, classifier.status().queued);
    }
    assert.ok((await Promise.all(answers)).every((answer) => answer !== null));
    assert.equal(classifier.status().dropped, 0);
    assert.equal(most, 2);
  });

  it('refuses a cut, a flipped and a foreign handoff, and harms no other', async () => {
    const classifier = open();
    const flipped = handoff(100);
    flipped[flipped.length >> 1] ^= 0x10;
    const foreign = handoff(100, { ...pack, fingerprint: pack.fingerprint ^ 1 });
    const results = await Promise.allSettled(
      [handoff(100), handoff(101).subarray(0, 9), flipped, foreign, new Uint8Array(0), handoff(102)].map(
        (message) => classifier.classify(message),
      ),
    );
    assert.deepEqual(
      results.map((result) => (result.status === 'fulfilled' ? result.value!.step : result.reason.code)),
      [100, ...Array(4).fill('WG_HANDOFF_INVALID'), 102],
    );
    assert.equal(classifier.status().restarts, 0);
  });

  it('rejects what waits when it is closed, and everything after', async () => {
    const classifier = open({ capacity: 4 });
    const waiting = steps(3).map((step) => classifier.classify(handoff(step)));
    const room = classifier.ready();
    const refused = [...waiting, room].map((promise) =>
      assert.rejects(promise, { code: 'WG_CLASSIFIER_CLOSED' }),
    );
    await classifier.close();
    await Promise.all(refused);
    await gone(workers[0]);
    await assert.rejects(classifier.classify(handoff(100)), { code: 'WG_CLASSIFIER_CLOSED' });
    await assert.rejects(classifier.ready(), { code: 'WG_CLASSIFIER_CLOSED' });
    assert.equal(workers.length, 1);
  });

  it('says so when the back half is not the one that the pack describes', async () => {
    const classifier = open({ pack: { ...pack, back: { ...pack.back, positions: 5 } } });
    await assert.rejects(classifier.classify(handoff(100)), {
      code: 'WG_MODEL_INVALID',
      message: /gives \[2,3\], but pack\.json says \[5,3\]/,
    });
    assert.equal(classifier.status().state, 'asleep');
  });

  it('keeps the process alive while work is in flight, and not when idle', async () => {
    const script = `
      import { Classifier } from ${JSON.stringify(new URL('../../src/classifier/index.js', import.meta.url).href)};
      import { readPack } from ${JSON.stringify(new URL('../../src/model/index.js', import.meta.url).href)};
      const pack = await readPack(process.argv[1]);
      const classifier = new Classifier({ pack, backend: 'wasm', idleMs: 3_600_000 });
      classifier.classify(Buffer.from(process.argv[2], 'hex')).then(({ step }) => console.log('answered', step));
    `;
    const message = Buffer.from(handoff(123)).toString('hex');
    const args = ['--input-type=module', '-e', script, pack.directory, message];
    const { stdout, stderr } = await promisify(execFile)(process.execPath, args, { timeout: 60_000 });
    assert.equal(stdout, 'answered 123\n');
    assert.equal(stderr, '');
  });
});
