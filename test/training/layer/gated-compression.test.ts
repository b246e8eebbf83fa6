import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import * as tfl from '@tensorflow/tfjs-layers';
import { openBackend } from '../../../src/classifier/index.js';
import type { WakegateError } from '../../../src/errors.js';
import {
  GatedCompression,
  gatedCompression,
  gatedLosses,
  gatedTargets,
  splitAtGate,
} from '../../../src/training/index.js';
import { Random } from '../../../src/training/random.js';

before(() => openBackend('wasm'));

const L = tfl.layers;
type Symbolic = tfl.SymbolicTensor;

function randomTensor(shape: number[], seed = 1): tf.Tensor {
  const random = new Random(seed);
  const size = shape.reduce((a, b) => a * b, 1);
  return tf.tensor(
    Float32Array.from({ length: size }, () => random.normal()),
    shape,
  );
}

/** Two predictions, one number after the other. */
function assertSame(actual: tf.Tensor | tf.Tensor[], expected: tf.Tensor | tf.Tensor[], tolerance = 0): void {
  const [a, b] = [actual, expected].map((x) => (Array.isArray(x) ? x : [x]));
  assert.deepEqual(
    a.map(({ shape }) => shape),
    b.map(({ shape }) => shape),
  );
  a.forEach((tensor, i) => {
    const values = b[i].dataSync();
    tensor.dataSync().forEach((value, k) => {
      assert.ok(Math.abs(value - values[k]) <= tolerance, `${value} instead of ${values[k]}`);
    });
  });
}

function imageModel(): tfl.LayersModel {
  return tfl.sequential({
    name: 'image',
    layers: [
      L.conv2d({ name: 'conv1', inputShape: [12, 12, 1], filters: 4, kernelSize: 3, activation: 'relu' }),
      L.maxPooling2d({ name: 'pool1', poolSize: 2 }),
      L.conv2d({ name: 'conv2', filters: 6, kernelSize: 3, activation: 'relu' }),
      L.flatten({ name: 'flat' }),
      L.dense({ name: 'classes', units: 3, activation: 'softmax' }),
    ],
  });
}

/** Functional, with a shortcut around each of its two blocks. */
function audioModel(): tfl.LayersModel {
  const input = tfl.input({ shape: [20, 5], name: 'frames' });
  let x = L.dense({ name: 'project', units: 6 }).apply(input) as Symbolic;
  for (const block of [1, 2]) {
    const y = L.conv1d({ name: `conv${block}`, filters: 6, kernelSize: 3, padding: 'same' }).apply(x);
    x = L.add({ name: `add${block}` }).apply([
      x,
      L.reLU({ name: `relu${block}` }).apply(y) as Symbolic,
    ]) as Symbolic;
  }
  const pooled = L.globalMaxPooling1d({ name: 'pool' }).apply(x) as Symbolic;
  const output = L.dense({ name: 'classes', units: 3, activation: 'softmax' }).apply(pooled) as Symbolic;
  return tfl.model({ inputs: input, outputs: output, name: 'audio' });
}

function withWeights<T extends tfl.LayersModel>(model: T, seed = 9): T {
  const weights = model.getWeights();
  model.setWeights(weights.map(({ shape }, i) => tf.mul(randomTensor(shape, seed + i), 0.4)));
  return model;
}

async function savedAndLoaded(model: tfl.LayersModel): Promise<tfl.LayersModel> {
  let saved: tf.io.ModelArtifacts | undefined;
  await model.save(
    tf.io.withSaveHandler(async (artifacts) => {
      saved = artifacts;
      return { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: 'JSON' } };
    }),
  );
  // As a file has it: whatever JSON would lose is lost.
  const modelTopology = JSON.parse(JSON.stringify(saved!.modelTopology));
  return tfl.loadLayersModel(tf.io.fromMemory({ ...saved!, modelTopology }));
}

describe('GatedCompression', () => {
  const gate = (config = {}) => new GatedCompression({ name: 'gc', levelStep: 0.5, maxLevel: 3, ...config });

  test('shrinks each channel by its theta, rounds to levels, clips', () => {
    const layer = gate();
    layer.apply(tf.zeros([1, 2]));
    const [, ...head] = layer.getWeights();
    layer.setWeights([tf.tensor1d([0.25, 1]), ...head]);
    const activations = tf.tensor2d([-1, 5, 0.4, 1.1, 0.8, 1.6, 9, 2.3], [4, 2]);
    const [z] = layer.apply(activations) as tf.Tensor[];
    assert.deepEqual([...z.dataSync()], [0, 1.5, 0, 0, 0.5, 0.5, 1.5, 1.5]);
  });

  test('scores every step of a sequence, and all else as a whole', () => {
    const shapes = (shape: number[], config = {}) =>
      (gate(config).apply(tf.zeros(shape)) as tf.Tensor[]).map((output) => output.shape);
    assert.deepEqual(shapes([2, 9, 4]), [
      [2, 9, 4],
      [2, 9, 1],
    ]);
    assert.deepEqual(shapes([2, 5, 6, 4]), [
      [2, 5, 6, 4],
      [2, 1],
    ]);
    assert.deepEqual(shapes([2, 4]), [
      [2, 4],
      [2, 1],
    ]);
    assert.deepEqual(shapes([2, 9, 3, 4], { gate: 'causal' })[1], [2, 9, 1]);
    assert.deepEqual(shapes([2, 9, 1, 4], { gate: 'causal' })[1], [2, 9, 1]);
    assert.deepEqual(shapes([2, 9, 4], { gate: 'global' })[1], [2, 1]);
  });

  test('a causal score is the perceptron of its steps and those before, and of none after', () => {
    const layer = gate({ gateTaps: 3, gateUnits: 2 });
    const activations = randomTensor([1, 6, 2]);
    const [, p] = layer.apply(activations) as tf.Tensor[];
    const f = activations.arraySync() as number[][][];
    const [, hiddenKernel, hiddenBias, scoreKernel, scoreBias] = layer
      .getWeights()
      .map((w) => w.arraySync()) as [number[], number[][], number[], number[][], number[]];
    for (let t = 0; t < 6; t++) {
      const seen = [t - 2, t - 1, t].flatMap((step) => (step < 0 ? [0, 0] : f[0][step]));
      const hidden = hiddenBias.map((bias, unit) =>
        Math.max(0, bias + seen.reduce((sum, x, i) => sum + x * hiddenKernel[i][unit], 0)),
      );
      const score = scoreBias[0] + hidden.reduce((sum, x, unit) => sum + x * scoreKernel[unit][0], 0);
      assert.ok(Math.abs(p.dataSync()[t] - 1 / (1 + Math.exp(-score))) < 1e-6);
    }
  });

  test('comes back from its configuration', () => {
    const layer = gate({ gate: 'global', gateUnits: 5, gateTaps: 2, alpha: 2, beta: 0.5 });
    const copy = GatedCompression.fromConfig(GatedCompression, layer.getConfig());
    assert.deepEqual(copy.getConfig(), layer.getConfig());
    assert.equal(copy.getClassName(), 'GatedCompression');
  });

  test('counts no padded step, and hands over zeros for it', async () => {
    const input = tfl.input({ shape: [6, 2] });
    const masked = L.masking({ maskValue: -9 }).apply(input) as Symbolic;
    const model = tfl.model({ inputs: input, outputs: L.reLU().apply(masked) as Symbolic });
    const [relu] = model.layers.slice(-1);
    const gated = withWeights(gatedCompression(model, { after: relu.name, gate: 'global' }));
    const short = randomTensor([1, 4, 2], 3);
    const [z, score, activation] = gated.predict(
      tf.pad(
        short,
        [
          [0, 0],
          [0, 2],
          [0, 0],
        ],
        -9,
      ),
    ) as tf.Tensor[];
    assert.ok(
      z
        .dataSync()
        .slice(8)
        .every((value) => value === 0),
    );

    const [zFree, pFree] = gated.layers
      .find((layer) => layer instanceof GatedCompression)!
      .apply(tf.relu(short)) as tf.Tensor[];
    assertSame(tf.slice(z, [0, 0, 0], [1, 4, 2]), zFree);
    assertSame(score, pFree, 1e-6);
    assertSame(activation, tf.reshape(tf.mean(zFree), [1, 1]), 1e-6);
  });

  test('gives a padded step the score 0 where each step has one', () => {
    const layer = gate();
    const mask = tf.tensor2d([1, 1, 0], [1, 3], 'bool');
    const [, p] = layer.apply(randomTensor([1, 3, 2]), { mask }) as tf.Tensor[];
    assert.equal(p.dataSync()[2], 0);
    assert.ok(p.dataSync()[1] > 0);
  });

  test('gives the same numbers on every backend', async () => {
    const model = withWeights(gatedCompression(audioModel(), { after: 'add1' }));
    const x = randomTensor([2, 20, 5]);
    const onWasm = (model.predict(x) as tf.Tensor[]).map((output) => [...output.dataSync()]);
    await tf.setBackend('cpu');
    try {
      const onCpu = (model.predict(x) as tf.Tensor[]).map((output) => [...output.dataSync()]);
      onCpu.flat().forEach((value, i) => {
        assert.ok(Math.abs(value - onWasm.flat()[i]) < 1e-5);
      });
    } finally {
      await tf.setBackend('wasm');
    }
  });
});

describe('gatedCompression', () => {
  test('leaves the model as it was, and what lies before the gate as well', () => {
    const model = imageModel();
    const images = randomTensor([5, 12, 12, 1]);
    const before = model.predict(images) as tf.Tensor;
    const gated = gatedCompression(model, { after: 'pool1', levelStep: 1e-4, maxLevel: 1e6 });
    const gc = gated.getLayer('gc');
    gc.setWeights([tf.zeros([4]), ...gc.getWeights().slice(1)]);
    const [classes, score, activation] = gated.predict(images) as tf.Tensor[];
    // With levels this fine and no shrinkage, the layer lets pooled ReLUs through as they are.
    assertSame(classes, before, 1e-3);
    assert.deepEqual(
      [score.shape, activation.shape],
      [
        [5, 1],
        [5, 1],
      ],
    );
    assert.deepEqual(gated.outputNames, ['classes', 'gc_score', 'gc_activation']);
    gated.getLayer('conv1').setWeights([tf.zeros([3, 3, 1, 4]), tf.zeros([4])]);
    assertSame(model.predict(images) as tf.Tensor, before);
  });

  test('is saved and loaded with its dials and its weights', async () => {
    const gated = withWeights(gatedCompression(audioModel(), { after: 'add1', alpha: 0.7, beta: 0.3 }));
    const loaded = await savedAndLoaded(gated);
    const x = randomTensor([3, 20, 5]);
    assertSame(loaded.predict(x) as tf.Tensor[], gated.predict(x) as tf.Tensor[]);
    const { alpha, beta } = loaded.getLayer('gc') as GatedCompression;
    assert.deepEqual([alpha, beta], [0.7, 0.3]);
    const { front, back } = splitAtGate(loaded);
    assertSame(
      back.predict((front.predict(x) as tf.Tensor[])[0]) as tf.Tensor,
      (gated.predict(x) as tf.Tensor[])[0],
    );
  });

  test('refuses a layer that is not there, or that something goes around', () => {
    const refusal = (after: string, message: RegExp) =>
      assert.throws(
        () => gatedCompression(audioModel(), { after }),
        (error: WakegateError) => {
          assert.equal(error.code, 'WG_LAYER_UNSUITABLE');
          assert.match(error.message, message);
          return true;
        },
      );
    refusal('conv9', /no layer conv9 .*project, conv1/);
    refusal('conv1', /frames goes around it/);
  });

  test('trains with compile and fit: the gate learns what is positive, and beta what can be left out', async () => {
    const random = new Random(12);
    // What is positive rises somewhere in channel 0; the rest is noise.
    const isPositive = Array.from({ length: 64 }, (_, i) => i % 2);
    const frames = isPositive.flatMap((positive) =>
      Array.from({ length: 10 * 3 }, (_, k) => 0.3 * random.normal() + (k % 3 === 0 ? 2 * positive : 0)),
    );
    const x = tf.tensor3d(Float32Array.from(frames), [64, 10, 3]);
    const labels = tf.oneHot(tf.tensor1d(isPositive, 'int32'), 2);
    const trained = async (beta: number) => {
      const seeded = (seed: number) => tfl.initializers.heNormal({ seed });
      const model = tfl.sequential({
        layers: [
          L.dense({ name: 'heard', units: 6, inputShape: [10, 3], kernelInitializer: seeded(1) }),
          L.flatten(),
          L.dense({ units: 2, activation: 'softmax', kernelInitializer: seeded(2) }),
        ],
      });
      const gated = gatedCompression(model, { after: 'heard', beta, seed: 3 });
      gated.compile({
        optimizer: tf.train.adam(0.02),
        loss: gatedLosses(gated, 'categoricalCrossentropy'),
      });
      const { history } = await gated.fit(x, gatedTargets(labels, { negative: 0 }), {
        epochs: 20,
        batchSize: 16,
        shuffle: false,
        verbose: 0,
      });
      const [, score, activation] = (gated.predict(x) as tf.Tensor[]).map((output) => [...output.dataSync()]);
      const ofPositives = activation.filter((_, i) => isPositive[i] === 1);
      const mean = ofPositives.reduce((sum, value) => sum + value, 0) / ofPositives.length;
      return { loss: history.loss as number[], score, activation: mean };
    };
    const [kept, squeezed] = [await trained(0), await trained(3)];
    assert.ok(kept.loss.at(-1)! < kept.loss[0] / 2, `${kept.loss[0]} to ${kept.loss.at(-1)}`);
    const of = (positive: number) => kept.score.filter((_, i) => isPositive[i] === positive);
    assert.ok(Math.min(...of(1)) > Math.max(...of(0)), 'every positive scores higher than any negative');
    assert.ok(squeezed.activation < kept.activation / 2, `${squeezed.activation} and ${kept.activation}`);
  });
});

describe('the loss', () => {
  test('tells positives from negatives in labels of every form', () => {
    const oneHot = tf.oneHot(tf.tensor1d([0, 2, 1, 3], 'int32'), 4);
    const classes = tf.tensor2d([0, 2, 1, 3], [4, 1]);
    for (const labels of [oneHot, classes, tf.reshape(classes, [4])]) {
      const [task, forScore, forActivation] = gatedTargets(labels, { negative: [0, 3] });
      assert.equal(task, labels);
      assert.deepEqual([...forScore.dataSync()], [0, 1, 1, 0]);
      assert.deepEqual([forScore, forScore.shape], [forActivation, [4, 1]]);
    }
  });

  test('is alpha times cross-entropy, and beta times the mean activation of positives', () => {
    const gated = gatedCompression(imageModel(), { after: 'pool1', alpha: 3, beta: 0.5 });
    const [task, gate, activation] = gatedLosses(gated, 'categoricalCrossentropy');
    assert.equal(task as unknown, 'categoricalCrossentropy');
    const positive = tf.tensor2d([[1], [0], [1]]);
    const entropy = (3 * -(Math.log(0.8) + Math.log(1 - 0.4) + Math.log(0.5))) / 3;
    const mean = (of: tf.Tensor) => tf.mean(of).dataSync()[0];
    assert.ok(Math.abs(mean(gate(positive, tf.tensor2d([[0.8], [0.4], [0.5]]))) - entropy) < 1e-5);
    assert.ok(Math.abs(mean(activation(positive, tf.tensor2d([[2], [50], [4]]))) - 0.5 * 3) < 1e-6);
    assert.equal(mean(activation(tf.zeros([2, 1]), tf.ones([2, 1]))), 0);
  });
});

describe('splitAtGate', () => {
  for (const [what, make, after, x] of [
    ['an image model', imageModel, 'pool1', [4, 12, 12, 1]],
    ['an audio model', audioModel, 'add2', [4, 20, 5]],
  ] as const) {
    test(`cuts ${what} into halves that give its numbers`, () => {
      const gated = withWeights(gatedCompression(make(), { after }));
      const input = randomTensor([...x], 5);
      const { front, back } = splitAtGate(gated);
      const [z, p] = front.predict(input) as tf.Tensor[];
      const [classes, score, activation] = gated.predict(input) as tf.Tensor[];
      assertSame(back.predict(z) as tf.Tensor, classes);
      assertSame(tf.max(tf.reshape(p, [4, -1]), 1, true), score);
      assertSame(tf.mean(tf.reshape(z, [4, -1]), 1, true), activation);
      assert.ok(tf.max(z).dataSync()[0] > 0, 'something is handed over');
    });
  }

  test('hands the mask over with z where there is one', async () => {
    const input = tfl.input({ shape: [6, 2] });
    const masked = L.masking({ maskValue: -9 }).apply(input) as Symbolic;
    const heard = L.activation({ name: 'relu', activation: 'relu' }).apply(masked) as Symbolic;
    const output = L.gru({ units: 3, name: 'gru', recurrentInitializer: 'glorotNormal' }).apply(
      heard,
    ) as Symbolic;
    const gated = withWeights(
      gatedCompression(tfl.model({ inputs: input, outputs: output }), { after: 'relu' }),
    );
    const long = randomTensor([2, 6, 2], 4);
    const short = tf.concat([tf.slice(long, [0, 0, 0], [2, 4, 2]), tf.fill([2, 2, 2], -9)], 1);
    for (const x of [long, short]) {
      const { front, back } = splitAtGate(await savedAndLoaded(gated));
      const [z, , steps] = front.predict(x) as tf.Tensor[];
      assertSame(back.predict([z, steps]) as tf.Tensor, (gated.predict(x) as tf.Tensor[])[0], 1e-6);
    }
    // The mask is of use: without it, padding would be heard as silence.
    const { front, back } = splitAtGate(gated);
    const [z, , steps] = front.predict(short) as tf.Tensor[];
    assert.deepEqual([...steps.dataSync()].slice(0, 6), [1, 1, 1, 1, 0, 0]);
    const [unlike, like] = [tf.onesLike(steps), steps].map((mask) => back.predict([z, mask]) as tf.Tensor);
    assert.ok(tf.max(tf.abs(tf.sub(unlike, like))).dataSync()[0] > 1e-3);
  });

  test('refuses a model without a gate', () => {
    assert.throws(() => splitAtGate(imageModel()), { code: 'WG_LAYER_UNSUITABLE', message: /has 0/ });
  });
});
