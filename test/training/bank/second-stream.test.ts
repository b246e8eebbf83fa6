import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { openBackend } from '../../../src/classifier/backend.js';
import { secondLookSamples } from '../../../src/classifier/index.js';
import { SecondLook } from '../../../src/classifier/second-look.js';
import { readPack, resolvePack } from '../../../src/model/index.js';
import { EMBEDDING_SCALE, HEAD_EMBEDDINGS } from '../../../src/training/bank/embeddings.js';
import { SecondEmbedder } from '../../../src/training/bank/second-embedder.js';
import { SecondStream } from '../../../src/training/bank/second-stream.js';
import { speech } from '../../support/speech.js';

test('the bank that comes with the pack is of its second look', async () => {
  const pack = await readPack(await resolvePack('wake-words-en'));
  const read = async (name: string) => JSON.parse(await readFile(join(pack.directory, name), 'utf8'));
  const [bank, second] = [await read('bank.json'), await read('second-bank.json')];
  assert.equal(second.weightsSha256, pack.secondLook!.weightsSha256, 'or no new keyword would have one');
  assert.equal(second.bank, bank.sha256);
});

test('a head that was trained on a stream hears the same in the second look of the daemon', async () => {
  const pack = await readPack(await resolvePack('wake-words-en'));
  const backend = await openBackend('wasm');
  const embedder = (await SecondEmbedder.load(pack, backend))!;
  const said = await speech('the weather will be fine in the morning');
  const samples = new Int16Array(64_000);
  samples.set(said.subarray(0, 60_000));
  const stream = new SecondStream(embedder);
  // In pieces, whose number does not matter.
  for (let at = 0; at < samples.length; at += 7000) stream.add(samples.subarray(at, at + 7000));
  const values = stream.finish();

  const inputs = HEAD_EMBEDDINGS * embedder.size;
  const w1 = Float32Array.from({ length: inputs }, (_, i) => 0.02 * Math.sin(i));
  const head = {
    embeddings: HEAD_EMBEDDINGS,
    size: embedder.size,
    hidden: 1,
    w1,
    b1: Float32Array.of(1),
    w2: Float32Array.of(0.7),
    b2: -0.5,
  };
  const settings = pack.secondLook!;
  const look = await SecondLook.load(backend, settings, pack.keywords.length + 1, [null, head]);
  // Positions of the trunk end with sample 32 000 + 1280 n.
  for (const position of [0, 9]) {
    const end = 32_000 + 1280 * position;
    const posteriors = look.judge(samples.slice(end - secondLookSamples(settings), end));
    assert.equal(posteriors.length, pack.keywords.length + 3);
    let sum = 1;
    for (let i = 0; i < inputs; i++) {
      sum += (values[position * embedder.size + i] / EMBEDDING_SCALE) * w1[i];
    }
    const expected = 1 / (1 + Math.exp(-(0.7 * Math.max(0, sum) - 0.5)));
    const given = posteriors[posteriors.length - 1];
    assert.ok(Math.abs(given - expected) < 0.01, `${given} at ${position}, and ${expected} of the stream`);
    const known = posteriors.subarray(0, pack.keywords.length + 1).reduce((all, one) => all + one, 0);
    assert.ok(Math.abs(known - 1) < 1e-5, 'those of the pack are as they were');
  }
});
