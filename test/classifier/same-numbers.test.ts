import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { BackHalf } from '../../src/classifier/back-half.js';
import { openBackend } from '../../src/classifier/index.js';
import { listPacks, type ModelPack, readPack, resolvePack } from '../../src/model/index.js';
import { Random } from '../../src/training/random.js';
import { temporaryFolder } from '../support/temp-folder.js';
import { skipWithoutTfjsNode } from '../support/tfjs-node.js';
import { makeTinyPack } from '../support/tiny-pack.js';

const folder = temporaryFolder();

/** Sparse levels, as handoffs have them. */
function windows({ handoff, compression }: ModelPack): Uint8Array[] {
  const random = new Random(8);
  return Array.from({ length: 4 }, () =>
    Uint8Array.from({ length: handoff.windowSteps * compression.channels }, () =>
      random.chance(0.8) ? 0 : 1 + random.index(compression.maxLevel),
    ),
  );
}

async function posteriors(pack: ModelPack, backend: 'wasm' | 'node'): Promise<Float32Array[]> {
  const settings = { ...pack, classes: pack.keywords.length + 1 };
  const opened = await openBackend(backend);
  return (await BackHalf.load(opened, settings)).classify(windows(pack)).map((row) => row.slice());
}

test('the back half of every pack gives the same posteriors on WebAssembly and tfjs-node', {
  skip: skipWithoutTfjsNode,
}, async () => {
  const packs = [await makeTinyPack(join(folder, 'tiny'))];
  for (const name of await listPacks()) packs.push(await readPack(await resolvePack(name)));
  for (const pack of packs) {
    const onWasm = await posteriors(pack, 'wasm');
    const onNode = await posteriors(pack, 'node');
    for (const [i, row] of onWasm.entries()) {
      assert.equal(row.length, pack.back.positions * (pack.keywords.length + 1));
      for (const [k, value] of row.entries()) {
        assert.ok(Math.abs(value - onNode[i][k]) < 1e-4, `${pack.name}: ${value} and ${onNode[i][k]}`);
      }
    }
  }
});
