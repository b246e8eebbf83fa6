import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Classifier, openBackend, secondLookSamples } from '../../../src/classifier/index.js';
import { readPack } from '../../../src/model/index.js';
import { SecondKeywordNetwork } from '../../../src/training/network/second-keyword-network.js';
import type { SecondShape } from '../../../src/training/network/second-network.js';
import { addSecondLook, joinSecondLook } from '../../../src/training/pack/add-second-look.js';
import { exportSecond } from '../../../src/training/pack/second-model.js';
import { makeTinyPack } from '../../support/tiny-pack.js';

const SHAPE: SecondShape = {
  stem: [
    { taps: 5, bands: 4, strides: [2, 2], filters: 4 },
    { taps: 3, bands: 3, strides: [2, 2], filters: 4 },
  ],
  bodyTaps: [3],
  expandedChannels: 4,
  embedding: 4,
  headEmbeddings: 2,
  headChannels: [4, 4],
};
const MOMENTS = { mean: Array(32).fill(9), deviation: Array(32).fill(3) };
const KEYWORDS = { one: { ask: 0.3, bias: -1 }, two: { ask: 0.4, bias: 0.5 } };

let folder: string;
let directory: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'wakegate-add-second-look-'));
  directory = join(folder, 'tiny');
  await makeTinyPack(directory);
});
after(() => rm(folder, { recursive: true, force: true }));

const add = async (keywords: Readonly<Record<string, { ask: number; bias: number }>>) => {
  await openBackend('wasm');
  const network = new SecondKeywordNetwork(SHAPE, 2, SHAPE.headEmbeddings, MOMENTS, 1);
  const second = await exportSecond(SHAPE, network.weights(), 2);
  await addSecondLook(directory, second, MOMENTS, { weight: 1, keywords, thresholds: { one: 0.75 } });
};

test('a pack is given a second look that its worker can be asked for, and stays the same for handoffs', async (t) => {
  const before = await readPack(directory);
  assert.equal(before.secondLook, undefined, 'a pack without one is read as ever');
  await add(KEYWORDS);
  const pack = await readPack(directory);
  assert.equal(pack.fingerprint, before.fingerprint);
  assert.deepEqual(pack.secondLook!.keywords, KEYWORDS);
  assert.deepEqual(
    pack.keywords.map(({ threshold }) => threshold),
    [0.75, 0.6],
  );
  const classifier = new Classifier({ pack, backend: 'wasm' });
  t.after(() => classifier.close());
  const look = await classifier.look(new Int16Array(secondLookSamples(pack.secondLook!)));
  assert.equal(look!.posteriors.length, 3);
  assert.ok(Math.abs(look!.posteriors.reduce((a, b) => a + b, 0) - 1) < 1e-5);
});

test('a keyword that the second look does not know is found when the pack is read', async () => {
  await assert.rejects(add({ one: KEYWORDS.one }), {
    code: 'WG_MODEL_INVALID',
    message: /secondLook\/keywords\/two.*is missing/,
  });
  await add(KEYWORDS);
});

test('the second look of a pack is joined in another way, and stays what it is', async () => {
  const before = (await readPack(directory)).secondLook!;
  const keywords = { one: { ask: 0.2, bias: 2 }, two: { ask: 0.2, bias: -3 } };
  await joinSecondLook(directory, { weight: 1.5, keywords, thresholds: { one: 0.8 }, made: { by: 'test' } });
  const after = await readPack(directory);
  assert.equal(after.made.by, 'test');
  assert.equal(after.keywords[0].threshold, 0.8);
  assert.deepEqual(after.secondLook, { ...before, weight: 1.5, keywords });
  await add(KEYWORDS);
});

test('where there is no second look, there is none to join', async () => {
  const without = join(folder, 'without');
  await makeTinyPack(without);
  await assert.rejects(joinSecondLook(without, { weight: 1, keywords: KEYWORDS }), {
    code: 'WG_MODEL_INVALID',
    message: /has no second look: add that of a run with --run/,
  });
});

test('weights that were altered are found when the pack is read', async () => {
  const path = join(directory, 'second.bin');
  const bytes = await readFile(path);
  await writeFile(
    path,
    bytes.map((byte) => byte ^ 1),
  );
  await assert.rejects(readPack(directory), { code: 'WG_MODEL_INVALID', message: /second\.bin.*SHA-256/ });
  await writeFile(path, bytes);
  assert.ok((await readPack(directory)).secondLook);
});
