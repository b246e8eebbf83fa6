import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { Classifier, openBackend, secondLookSamples } from '../../../src/classifier/index.js';
import { readPack } from '../../../src/model/index.js';
import { SecondKeywordNetwork } from '../../../src/training/network/second-keyword-network.js';
import { SPEECH_EMBEDDING_SHAPE } from '../../../src/training/network/second-network.js';
import { addSecondLook } from '../../../src/training/pack/add-second-look.js';
import { exportSecond } from '../../../src/training/pack/second-model.js';
import { makePackWithTeacher, writeTeacherHead } from '../../../src/training/pack/teacher-head.js';
import { floatBytes, onnxBytes } from '../../support/onnx-bytes.js';
import { makeTinyPack } from '../../support/tiny-pack.js';

test('a pack comes with a head, and is made whole with the teacher that was fetched', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'wakegate-teacher-head-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const [trained, shipped, whole] = ['trained', 'shipped', 'whole'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  await makeTinyPack(trained);
  await makeTinyPack(shipped);
  await openBackend('wasm');
  const shape = SPEECH_EMBEDDING_SHAPE;
  const levels = { mean: Array(32).fill(0), deviation: Array(32).fill(1) };
  const network = new SecondKeywordNetwork(shape, 2, shape.headEmbeddings, levels, 5);
  const weights = network.weights();
  // What is a constant of the teacher is not in its file.
  for (const [name, { values }] of weights) {
    if (name.includes('_least/')) values.fill(name.endsWith('bias') ? -0.4 : 0);
  }
  const file = join(folder, 'teacher.onnx');
  await writeFile(file, asOnnx(weights));
  const second = await exportSecond(shape, weights, 2);
  const keywords = { one: { ask: 0.3, bias: -1 }, two: { ask: 0.4, bias: 0.5 } };
  await addSecondLook(trained, second, levels, { weight: 0.5, keywords, thresholds: { one: 0.75 } });

  await assert.rejects(makePackWithTeacher(shipped, whole, file), {
    code: 'WG_DATA_INVALID',
    message: /has no teacher-head.json/,
  });
  await writeTeacherHead(trained, shipped);
  await makePackWithTeacher(shipped, whole, file);
  const [pack, expected] = [await readPack(whole), await readPack(trained)];
  assert.equal(pack.name, 'whole');
  assert.equal(pack.fingerprint, (await readPack(shipped)).fingerprint);
  assert.deepEqual(pack.secondLook!.keywords, expected.secondLook!.keywords);
  assert.equal(pack.secondLook!.weight, 0.5);
  assert.equal(pack.keywords[0]!.threshold, 0.75);
  assert.equal(pack.secondLook!.weightsSha256, expected.secondLook!.weightsSha256);

  const classifier = new Classifier({ pack });
  t.after(() => classifier.close());
  const look = await classifier.look(new Int16Array(secondLookSamples(pack.secondLook!)));
  assert.equal(look!.posteriors.length, 3);

  await assert.rejects(makePackWithTeacher(shipped, whole, file), {
    code: 'WG_DATA_INVALID',
    message: /exists already/,
  });
  await writeFile(file, (await readFile(file)).subarray(0, 5000));
  await assert.rejects(makePackWithTeacher(shipped, join(folder, 'other'), file), {
    code: 'WG_DATA_INVALID',
  });
});

/** The teacher's weights as its file has them: [filters, inputs, frames, bands]. */
function asOnnx(weights: ReturnType<SecondKeywordNetwork['weights']>): Buffer {
  const tensors = Array.from({ length: 20 }, (_, i) => {
    const { shape, values } = weights.get(`heard${i + 1}/kernel`)!;
    const [taps, bands, inputs, filters] = shape as [number, number, number, number];
    const turned: number[] = [];
    for (let f = 0; f < filters; f++) {
      for (let c = 0; c < inputs; c++) {
        for (let t = 0; t < taps; t++) {
          for (let b = 0; b < bands; b++) turned.push(values[((t * bands + b) * inputs + c) * filters + f]!);
        }
      }
    }
    const scope = `model/conv2d${i === 0 ? '' : `_${i}`}/Conv2D`;
    const last = i === 19;
    const kernel = {
      name: last ? `${scope}/ReadVariableOp:0` : `${scope}_weights_fused_bn`,
      dims: [filters, inputs, taps, bands],
      raw: floatBytes(turned),
    };
    if (last) return [kernel];
    const bias = weights.get(`heard${i + 1}/bias`)!;
    return [kernel, { name: `${scope}_bias_fused_bn`, dims: [filters], raw: floatBytes(bias.values) }];
  });
  return onnxBytes(tensors.flat());
}
