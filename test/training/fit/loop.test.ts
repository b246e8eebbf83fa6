import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { Adam } from '../../../src/training/fit/adam.js';
import { runLoop, type Task } from '../../../src/training/fit/loop.js';
import { trainableVariables } from '../../../src/training/network/keyword-network.js';
import { readWeightMap } from '../../../src/training/network/weights.js';
import type { TrainingProgress } from '../../../src/training/progress.js';
import { Random } from '../../../src/training/random.js';
import { temporaryFolder } from '../../support/temp-folder.js';

const folder = temporaryFolder();
const STEPS = 40;
const CHECKPOINT = 20;
const DECAY = 0.75;

before(async () => {
  await tf.setBackend('cpu');
});

/** A line to be fitted to noise that starts over at each checkpoint. */
function lineTask(name: string) {
  const layer = tfl.layers.dense({ units: 1, inputShape: [1], name: 'line', kernelInitializer: 'ones' });
  layer.apply(tf.zeros([1, 1]));
  const kernel = () => layer.getWeights()[0].dataSync()[0];
  const optimizer = new Adam(trainableVariables([layer]));
  const closed: number[] = [];
  const kernels: number[] = [];
  const task: Task = {
    run: join(folder, name),
    settings: { steps: STEPS },
    layers: [layer],
    steps: STEPS,
    checkpointEvery: CHECKPOINT,
    reportEvery: 10,
    decayAt: () => DECAY,
    optimizerAt: () => optimizer,
    initialize: async () => layer.setWeights([tf.tensor2d([[3]]), tf.tensor1d([0])]),
    openLeg: async (from) => {
      const random = new Random(from);
      return {
        train: async (step) => {
          const x = tf.tensor2d([[random.normal()]]);
          const loss = () =>
            tf.mean(tf.square(tf.sub(layer.apply(x) as tf.Tensor, tf.mul(x, 2)))) as tf.Scalar;
          const value = optimizer.minimize(loss, 0.05);
          kernels[step] = kernel();
          return value;
        },
        close: async () => void closed.push(from),
      };
    },
    measure: async () => ({ kernel: kernel() }),
  };
  return { task, closed, kernels, kernel };
}

test('averages every tenth step, measures the average, and continues with the weights as they were', async () => {
  const { task, kernels, kernel } = lineTask('average');
  await runLoop(task);
  let average = 3;
  const expected: number[] = [];
  for (let step = 10; step <= STEPS; step += 10) {
    average = DECAY * average + (1 - DECAY) * kernels[step];
    if (step % CHECKPOINT === 0) expected.push(average);
  }
  const curve = readFileSync(join(task.run, 'curve.jsonl'), 'utf8').trim().split('\n');
  const measured = curve.map((line) => JSON.parse(line) as { step: number; kernel: number });
  assert.deepEqual(
    measured.map(({ step }) => step),
    [20, 40],
  );
  for (const [i, { kernel }] of measured.entries()) assert.ok(Math.abs(kernel - expected[i]) < 1e-6);
  assert.equal(kernel(), kernels[STEPS]);
});

test('reports steps and checkpoints, and a run that continues', async () => {
  const reported: TrainingProgress[] = [];
  const onProgress = (progress: TrainingProgress) => reported.push(progress);
  await runLoop(lineTask('reports').task, { until: CHECKPOINT, onProgress });
  await runLoop(lineTask('reports').task, { onProgress });
  assert.deepEqual(
    reported.map((of) => `${of.type} ${'step' in of ? of.step : ''}`),
    ['step 10', 'step 20', 'checkpoint 20', 'resume 20', 'step 30', 'step 40', 'checkpoint 40'],
  );
});

test('stops where its signal says, closes what feeds it, and continues from the checkpoint with the same numbers', async () => {
  const whole = lineTask('whole');
  await runLoop(whole.task);

  const stopping = new AbortController();
  const broken = lineTask('broken');
  const onProgress = (progress: TrainingProgress) => {
    if (progress.type === 'step' && progress.step === 30) stopping.abort();
  };
  await assert.rejects(runLoop(broken.task, { signal: stopping.signal, onProgress }), { name: 'AbortError' });
  assert.equal(broken.kernels.length - 1, 30);
  assert.deepEqual(broken.closed, [0, 20]);

  await runLoop(lineTask('broken').task);
  const [one, other] = await Promise.all(
    ['whole', 'broken'].map((name) => readWeightMap(join(folder, name, 'checkpoint.bin'))),
  );
  for (const [name, { values }] of one) assert.deepEqual(values, other.get(name)!.values, name);
});
