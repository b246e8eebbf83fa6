import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { openBackend, secondLookSamples } from '../../src/classifier/index.js';
import { type Networks, openNetworks } from '../../src/classifier/networks.js';
import type { WorkerModel } from '../../src/classifier/protocol.js';
import type { Handoff } from '../../src/gate/handoff.js';
import { listPacks, type ModelPack, type OwnHead, readPack, resolvePack } from '../../src/model/index.js';
import { newKernels } from '../../src/simd/index.js';
import { savedModel } from '../../src/training/pack/back-model.js';
import { Random } from '../../src/training/random.js';
import { speech } from '../support/speech.js';
import { temporaryFolder } from '../support/temp-folder.js';
import { makeTinyPack } from '../support/tiny-pack.js';

const skip = newKernels() === null && 'this processor has no SIMD for WebAssembly';
const folder = temporaryFolder();

const packs = async (): Promise<ModelPack[]> => {
  const shipped = (await listPacks()).map(async (name) => readPack(await resolvePack(name)));
  return [await makeTinyPack(join(folder, 'tiny')), ...(await Promise.all(shipped))];
};

const modelOf = (pack: ModelPack, rest: Partial<WorkerModel> = {}): WorkerModel => ({
  ...pack,
  classes: pack.keywords.length + 1,
  ...rest,
});

/** One stream of sparse levels, as the front half gives them, cut into windows that end with these steps. */
function handoffs({ handoff, compression }: ModelPack, streamId: number, ends: readonly number[]): Handoff[] {
  const random = new Random(8 + streamId);
  const { channels, maxLevel } = compression;
  const length = (Math.max(...ends) + 1) * channels;
  const all = Uint8Array.from({ length }, () => (random.chance(0.8) ? 0 : 1 + random.index(maxLevel)));
  return ends.map((step) => {
    const end = (step + 1) * channels;
    const levels = all.slice(end - handoff.windowSteps * channels, end);
    return { streamId, step, endSample: 640 * step, levels };
  });
}

const classifyAll = ({ back }: Networks, all: readonly Handoff[]) =>
  all.map((handoff) => back.classify([handoff])[0]);

function assertClose(actual: readonly Float32Array[], expected: readonly Float32Array[], what: string): void {
  assert.equal(actual.length, expected.length);
  for (const [i, row] of expected.entries()) {
    assert.equal(actual[i].length, row.length, what);
    for (const [k, value] of row.entries())
      assert.ok(Math.abs(actual[i][k] - value) < 1e-4, `${what}, ${i}: ${actual[i]} and ${row}`);
  }
}

/** A head over the embeddings of a pack, of weights from a seed. */
function head(seed: number, size: number, hidden: number, embeddings = 16): OwnHead {
  const random = new Random(seed);
  const weights = (length: number, spread: number) =>
    Float32Array.from({ length }, () => random.between(-spread, spread));
  return {
    embeddings,
    size,
    hidden,
    w1: weights(embeddings * size * hidden, 0.1),
    b1: weights(hidden, 1),
    w2: weights(hidden, 1),
    b2: random.between(-1, 1),
  };
}

describe('networks on our own kernels', { skip }, () => {
  test('the back half of every pack gives what TensorFlow.js gives', async () => {
    for (const pack of await packs()) {
      const { windowSteps } = pack.handoff;
      const all = handoffs(pack, 1, [windowSteps - 1, windowSteps + 3, 2 * windowSteps]);
      const [simd, wasm] = [
        await openNetworks('simd', modelOf(pack)),
        await openNetworks('wasm', modelOf(pack)),
      ];
      assert.deepEqual([simd.name, wasm.name], ['simd', 'wasm']);
      assertClose(simd.back.classify(all), wasm.back.classify(all), pack.name);
    }
  });

  test('a window gives the same to the last bit, whatever came before it', async () => {
    const pack = await readPack(await resolvePack('wake-words-en'));
    const fresh = async (handoff: Handoff) =>
      (await openNetworks('simd', modelOf(pack))).back.classify([handoff])[0];
    // By whole rows of the network, by parts of them, by more than a window, and back.
    const ends = [60, 64, 68, 69, 71, 73, 90, 200, 202, 100];
    const networks = await openNetworks('simd', modelOf(pack));
    const one = handoffs(pack, 1, ends);
    // Windows of several streams, and one that says that it continues another but does not.
    const liar = { ...handoffs(pack, 2, [104])[0], streamId: 1 };
    const others = [3, 4, 5, 6, 7].flatMap((stream) => handoffs(pack, stream, [60]));
    const again = handoffs(pack, 3, [60, 64]).slice(1);
    const all = [...one, liar, ...others, ...again];
    const given = classifyAll(networks, all);
    for (const [i, handoff] of all.entries())
      assert.deepEqual(given[i], await fresh(handoff), `window ${i}, to step ${handoff.step}`);
    assert.deepEqual(networks.back.classify(all), given, 'in a batch');
    // By turns, streams that are all remembered, and more than are.
    for (const count of [12, 30]) {
      const streams = Array.from({ length: count }, (_, i) => 20 + i);
      const ends = [60, 64, 68];
      const byTurns = ends.flatMap((_, i) => streams.map((stream) => handoffs(pack, stream, ends)[i]));
      for (const [i, posteriors] of classifyAll(networks, byTurns).entries()) {
        if (i % 7 === 0)
          assert.deepEqual(posteriors, await fresh(byTurns[i]), `window ${i} of ${count} streams`);
      }
    }
  });

  test("the user's own keywords are heard as TensorFlow.js hears them", async () => {
    const pack = await readPack(await resolvePack('wake-words-en'));
    const model = modelOf(pack, { ownHeads: [head(1, 96, 5), head(2, 96, 32)] });
    const all = handoffs(pack, 1, [60, 64, 70]);
    const simd = await openNetworks('simd', model);
    assertClose(
      classifyAll(simd, all),
      (await openNetworks('wasm', model)).back.classify(all),
      'with own heads',
    );
    const another = { ...model, ownHeads: [head(1, 95, 5)] };
    await assert.rejects(openNetworks('auto', another), { code: 'WG_MODEL_INVALID' });
  });

  test('the second look of every pack gives what TensorFlow.js gives, and the same after another look', async () => {
    const said = await speech('alexa, what will the weather be like tomorrow?');
    for (const name of await listPacks()) {
      const pack = await readPack(await resolvePack(name));
      const heads = modelOf(pack, { ownSeconds: [null, head(3, 96, 4)] });
      const length = secondLookSamples(pack.secondLook!);
      const looks = [0, 1280, 2560, 3000, 5560].map((at) => said.slice(at, at + length));
      const simd = await (await openNetworks('simd', heads)).openSecondLook();
      const wasm = await (await openNetworks('wasm', heads)).openSecondLook();
      const given = looks.map((look) => simd.judge(look));
      assertClose(
        given,
        looks.map((look) => wasm.judge(look)),
        name,
      );
      for (const [i, look] of looks.entries()) {
        const fresh = await (await openNetworks('simd', heads)).openSecondLook();
        assert.deepEqual(given[i], fresh.judge(look), `look ${i}`);
      }
    }
  });

  test('a network that they do not know is left to TensorFlow.js', async () => {
    const pack = await makeTinyPack(join(folder, 'unknown'));
    const { layers } = await openBackend('wasm');
    const { activation, averagePooling2d, conv2d, reshape } = layers.layers;
    const network = layers.sequential({
      layers: [
        conv2d({ inputShape: [20, 1, 8], filters: 3, kernelSize: [4, 1] }),
        averagePooling2d({ poolSize: [8, 1], strides: [8, 1] }),
        reshape({ targetShape: [2, 3] }),
        activation({ activation: 'softmax' }),
      ],
    });
    const back = { ...pack.back, ...(await savedModel(network)) };
    const model = modelOf({ ...pack, back });
    const { name, passedOver, back: half } = await openNetworks('auto', model);
    assert.ok(name !== 'simd');
    assert.match(passedOver[0], /^simd: back\.json: .* is a AveragePooling2D$/);
    assert.equal(half.classify(handoffs(pack, 1, [19]))[0].length, 6);
    await assert.rejects(openNetworks('simd', model), { code: 'WG_BACKEND_UNAVAILABLE' });
  });
});
