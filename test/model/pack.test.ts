import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { cp, mkdtemp, readdir, readFile, rm, truncate, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, describe, it } from 'node:test';
import {
  listPacks,
  MODELS_DIRECTORY,
  type ModelPack,
  readPack,
  resolvePack,
  writePack,
} from '../../src/model/index.js';
import { makeTinyPack, TINY, tinyTensors } from '../support/tiny-pack.js';

let directory: string;
let sound: string;
let pack: ModelPack;

before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'wakegate-model-'));
  sound = join(directory, 'sound');
  pack = await makeTinyPack(sound);
});

after(() => rm(directory, { recursive: true }));

describe('readPack', () => {
  it('reads what was written, with everything folded', () => {
    assert.equal(pack.name, 'tiny');
    assert.equal(pack.directory, sound);
    assert.deepEqual(
      pack.front.map((layer) => [layer.name, layer.kernel.length, layer.bias.length]),
      [
        ['conv1', 5 * 20 * 8, 8],
        ['depthwise2', 3 * 8, 8],
        ['pointwise2', 8 * 8, 8],
        ['project3', 8 * 8, 8],
      ],
    );
    assert.deepEqual(
      pack.gate.head.map((layer) => layer.kernel.length),
      [4 * 8 * 4, 4 * 4],
    );
    assert.deepEqual(pack.compression.theta, tinyTensors().get('compression/theta')!.values);
    assert.deepEqual([...pack.compression.zeroPrior], TINY.compression.zeroPrior);
    assert.equal(pack.back.positions, 2);
    assert.ok(Number.isInteger(pack.fingerprint) && pack.fingerprint >= 0 && pack.fingerprint < 2 ** 32);
  });

  it('folds each kernel into the numbers that its definition gives', () => {
    const tensors = tinyTensors();
    const tensor = (name: string) => tensors.get(name)!.values;
    // Output 3 of conv1 for one input, from the unfolded tensors, in double precision.
    const x = Array.from({ length: 5 * 20 }, (_, i) => 10 * Math.sin(i));
    let sum = 0;
    for (const [i, value] of x.entries()) {
      const standard = (value - tensor('input/mean')[i % 20]) / Math.sqrt(tensor('input/variance')[i % 20]);
      sum += standard * tensor('conv1/kernel')[i * 8 + 3];
    }
    const deviation = Math.sqrt(tensor('conv1/variance')[3] + 1e-3);
    const expected =
      (tensor('conv1/gamma')[3] * (sum - tensor('conv1/mean')[3])) / deviation + tensor('conv1/beta')[3];

    const { kernel, bias } = pack.front[0];
    const folded = x.reduce((total, value, i) => total + value * kernel[i * 8 + 3], bias[3]);
    assert.ok(Math.abs(folded - expected) < 1e-4, `${folded} is not ${expected}`);
    // A layer without batch normalization is as it was.
    assert.deepEqual(pack.front[3].kernel, tensor('project3/kernel'));
    assert.deepEqual(pack.front[3].bias, tensor('project3/bias'));
  });

  it('gives the same fingerprint for the same pack, and another for another', async () => {
    assert.equal((await readPack(sound)).fingerprint, pack.fingerprint);
    const other = join(directory, 'other-fingerprint');
    const compression = { ...TINY.compression, levelStep: 0.5 };
    await writePack(other, { ...TINY, compression }, tinyTensors(), pack.back);
    assert.notEqual((await readPack(other)).fingerprint, pack.fingerprint);
  });

  it('says that there is no pack where there is none', async () => {
    await assert.rejects(readPack(join(directory, 'nowhere')), {
      code: 'WG_MODEL_NOT_FOUND',
      message: /nowhere; name a folder of models/,
    });
  });
});

describe('a broken pack', () => {
  let broken: string;

  beforeEach(async () => {
    broken = join(directory, 'broken');
    await rm(broken, { recursive: true, force: true });
    await cp(sound, broken, { recursive: true });
  });

  /** Changes pack.json; `change` may return what to write instead of it. */
  // biome-ignore lint/suspicious/noExplicitAny: a manifest is broken on purpose
  async function editManifest(change: (manifest: any) => void): Promise<void> {
    const path = join(broken, 'pack.json');
    const manifest = JSON.parse(await readFile(path, 'utf8'));
    change(manifest);
    await writeFile(path, JSON.stringify(manifest));
  }

  /** Changes a file, and pack.json with it, as one who knows what pack.json checks. */
  async function replaceFile(name: string, bytes: Uint8Array): Promise<void> {
    await writeFile(join(broken, name), bytes);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    await editManifest((manifest) => (manifest.files[name] = { bytes: bytes.length, sha256 }));
  }

  async function assertInvalid(...fragments: (string | RegExp)[]): Promise<void> {
    await assert.rejects(readPack(broken), (error: Error & { code: string }) => {
      assert.equal(error.code, 'WG_MODEL_INVALID', error.stack);
      for (const fragment of fragments) {
        if (typeof fragment === 'string') assert.ok(error.message.includes(fragment), error.message);
        else assert.match(error.message, fragment);
      }
      return true;
    });
  }

  for (const name of ['front.bin', 'back.json', 'back.bin']) {
    it(`with ${name} missing`, async () => {
      await unlink(join(broken, name));
      await assertInvalid(join(broken, name), 'cannot be read', 'copy the pack again');
    });

    it(`with ${name} cut`, async () => {
      await truncate(join(broken, name), 100);
      await assertInvalid(join(broken, name), 'is 100 bytes long, but pack.json says');
    });

    it(`with one bit of ${name} flipped`, async () => {
      const bytes = await readFile(join(broken, name));
      bytes[50] ^= 1;
      await writeFile(join(broken, name), bytes);
      await assertInvalid(join(broken, name), 'SHA-256');
    });
  }

  it('with a back.bin of gigabytes, without reading it', async () => {
    await truncate(join(broken, 'back.bin'), 8 * 2 ** 30);
    await assertInvalid(join(broken, 'back.bin'), 'is 8589934592 bytes long');
  });

  it('with a pack.json of gigabytes, without reading it', async () => {
    await truncate(join(broken, 'pack.json'), 8 * 2 ** 30);
    await assertInvalid(join(broken, 'pack.json'), 'is 8589934592 bytes long');
  });

  it('yet takes a pack.json that an editor of Windows has saved', async () => {
    const path = join(broken, 'pack.json');
    await writeFile(path, `\uFEFF${(await readFile(path, 'utf8')).replaceAll('\n', '\r\n')}`);
    assert.equal((await readPack(broken)).name, 'tiny');
  });

  it('with a pack.json that is not JSON', async () => {
    await truncate(join(broken, 'pack.json'), 700);
    await assertInvalid(join(broken, 'pack.json'), 'not JSON');
  });

  // biome-ignore lint/suspicious/noExplicitAny: a manifest is broken on purpose
  const faults: [what: string, change: (manifest: any) => void, ...fragments: string[]][] = [
    ['an unknown key', (m) => (m.gate.treshold = 1), '/gate/treshold', 'is not known'],
    ['a missing key', (m) => delete m.handoff.hopSteps, '/handoff/hopSteps', 'is missing'],
    ['another format', (m) => (m.format = 'zip'), '/format', 'must be "wakegate-pack"'],
    ['a later version', (m) => (m.version = 2), '/version', 'must be 1'],
    ['a gate threshold over 1', (m) => (m.gate.threshold = 1.5), '/gate/threshold', 'must be at most 1'],
    [
      'a keyword threshold below 0',
      (m) => (m.keywords[1].threshold = -0.1),
      '/keywords/1/threshold',
      'at least 0',
    ],
    ['a keyword twice', (m) => (m.keywords[1].name = 'one'), '/keywords/1/name', 'twice'],
    ['smoothing without end', (m) => (m.gate.smoothingScores = 2e9), '/gate/smoothingScores', 'at most 256'],
    [
      'a mean over very many positions',
      (m) => (m.detector.smoothingPositions = 3e8),
      '/detector/smoothingPositions',
      'at most 256',
    ],
    ['a hop of hours', (m) => (m.features.hopSamples = 1e9), '/features/hopSamples', 'at most 8192'],
    ['a hop of one sample', (m) => (m.features.hopSamples = 1), '/features/hopSamples', 'at least 80'],
    ['a window of hours', (m) => (m.handoff.windowSteps = 1e6), '/handoff/windowSteps', 'at most 512'],
    ['a file of gigabytes', (m) => (m.files['back.bin'].bytes = 4e9), '/files/back.bin/bytes', 'at most'],
    ['a step of one frame', (m) => (m.front.layers[0].stride = 1), '/front/layers', 'strides of 1 in all'],
    [
      'a gate that looks back for minutes',
      (m) => Object.assign(m.gate.layers[0], { taps: 256, stride: 16 }) && (m.gate.layers[1].taps = 256),
      '/gate/layers',
      'look back over',
    ],
    [
      'layers for a data centre',
      (m) => {
        m.features.hopSamples = 80;
        const wide = { taps: 256, stride: 1, inputs: 8, outputs: 1024, shortcutFrom: null };
        m.front.layers.splice(3, 0, { ...m.front.layers[3], ...wide, name: 'wide' });
        m.front.layers[4].inputs = 1024;
      },
      '/front/layers',
      'multiplications a second',
    ],
    ['a stride of 0', (m) => (m.front.layers[2].stride = 0), '/front/layers/2/stride', 'must be at least 1'],
    [
      'front layers that do not chain',
      (m) => (m.front.layers[2].inputs = 7),
      '/front/layers/2/inputs',
      'is 7, but what comes in has 8 channels',
    ],
    ['a first layer of other inputs', (m) => (m.front.layers[0].inputs = 13), '/front/layers/0/inputs', '20'],
    [
      'a front that gives other channels',
      (m) => (m.compression.channels = 9),
      '/front/layers/3/outputs',
      '9',
    ],
    ['a gate that does not chain', (m) => (m.gate.layers[1].inputs = 5), '/gate/layers/1/inputs', '4'],
    ['a gate of two outputs', (m) => (m.gate.layers[1].outputs = 2), '/gate/layers/1/outputs', '1'],
    [
      'a depthwise layer that changes channels',
      (m) => (m.front.layers[1].outputs = 16),
      '/front/layers/1/outputs',
      'depthwise',
    ],
    [
      'a shortcut from an unknown layer',
      (m) => (m.front.layers[2].shortcutFrom = 'conv9'),
      '/front/layers/2/shortcutFrom',
      '"conv9" is neither this layer nor an earlier one',
    ],
    [
      'a shortcut from a later layer',
      (m) => (m.front.layers[1].shortcutFrom = 'project3'),
      '/front/layers/1/shortcutFrom',
    ],
    [
      'a shortcut across a stride',
      (m) => (m.front.layers[1].stride = 2),
      '/front/layers/2/shortcutFrom',
      'stride',
    ],
    [
      'a shortcut of other channels',
      (m) => (m.gate.layers[1].shortcutFrom = 'gate2'),
      '/gate/layers/1/shortcutFrom',
      'adds 4 channels to 1',
    ],
    ['two layers of one name', (m) => (m.front.layers[3].name = 'conv1'), '/front/layers/3/name', '"conv1"'],
    ['a layer named as one of the gate', (m) => (m.front.layers[3].name = 'gate1'), '/front/layers/3/name'],
    [
      'more taps than the tensor has',
      (m) => (m.front.layers[0].taps = 7),
      'tensor conv1/kernel',
      '[5,20,8]',
      '[7,20,8]',
    ],
    ['a tensor missing', (m) => m.tensors.pop(), 'tensor compression/theta', 'is missing'],
    ['a tensor too many', (m) => (m.front.layers[0].batchNorm = false), 'tensor conv1/bias', 'is missing'],
    [
      'a tensor of no layer',
      (m) => m.tensors.push({ name: 'conv7/kernel', shape: [1], offset: 0 }),
      'tensor conv7/kernel',
      'belongs to no layer',
    ],
    ['a tensor twice', (m) => m.tensors.push(m.tensors[0]), 'tensor input/mean', 'twice'],
    [
      'a tensor past the end',
      (m) => (m.tensors.at(-1).offset += 4),
      'compression/theta',
      'front.bin ends at',
    ],
    [
      'a window smaller than its positions',
      (m) => (m.back.positions = 11),
      '/handoff/windowSteps',
      'is 20, too small for 11 positions',
      'make it at least 21',
    ],
    ['a hop over its window', (m) => (m.handoff.hopSteps = 21), '/handoff/windowSteps', 'at least 21'],
    [
      'another window than the model',
      (m) => (m.handoff.windowSteps = 24),
      'back.json',
      '[20,1,8]',
      '[24,1,8]',
    ],
    ['a prior that is too short', (m) => m.compression.zeroPrior.pop(), '/compression/zeroPrior', '23'],
    ['a prior of 0', (m) => (m.compression.zeroPrior[4] = 0), '/compression/zeroPrior/4', 'at least 1'],
    ['a frame that no FFT takes', (m) => (m.features.windowSamples = 500), '/features/windowSamples', '500'],
    [
      'more coefficients than bands',
      (m) => (m.features.melBands = 19),
      '/features/coefficients',
      '19 mel bands',
    ],
    ['another sample rate', (m) => (m.features.sampleRate = 8000), '/features/sampleRate', '16000'],
  ];
  for (const [what, change, ...fragments] of faults) {
    it(`with ${what}`, async () => {
      await editManifest(change);
      await assertInvalid(broken, ...fragments, ';');
    });
  }

  it('with a weight that is not a number', async () => {
    const bytes = await readFile(join(broken, 'front.bin'));
    bytes.writeFloatLE(Number.NaN, 400);
    await replaceFile('front.bin', bytes);
    await assertInvalid('tensor conv1/kernel', 'not finite');
  });

  it('with a front.bin that was cut by one who knew', async () => {
    const bytes = await readFile(join(broken, 'front.bin'));
    await replaceFile('front.bin', bytes.subarray(0, 2000));
    await assertInvalid('pack.json', 'front.bin ends at byte 2000');
  });

  it('with fewer weights than the model has', async () => {
    const bytes = await readFile(join(broken, 'back.bin'));
    await replaceFile('back.bin', bytes.subarray(0, -2));
    await assertInvalid('back.json', 'but back.bin holds');
  });

  it('with a back.json that is no layers-model', async () => {
    await replaceFile('back.json', Buffer.from('{"format":"graph-model"}'));
    await assertInvalid('back.json', 'not a layers-model');
    await replaceFile('back.json', Buffer.from('{"format":'));
    await assertInvalid('back.json', 'not JSON');
  });

  /** Replaces the layers of the classifier's topology. */
  async function replaceLayers(layers: unknown): Promise<void> {
    const model = JSON.parse(await readFile(join(broken, 'back.json'), 'utf8'));
    model.modelTopology.config.layers = layers;
    await replaceFile('back.json', Buffer.from(JSON.stringify(model)));
  }

  for (const layers of [null, {}, 7, 'layers', [null], [[null]], [{ config: null }], [{ config: [] }]]) {
    it(`yet leaves a topology with layers of ${JSON.stringify(layers)} to TensorFlow.js`, async () => {
      await replaceLayers(layers);
      await readPack(broken);
    });
  }

  it('with an input shape that is no text', async () => {
    await replaceLayers([{ config: { batch_input_shape: [null, { toString: 1 }] } }]);
    await assertInvalid('back.json', 'reads [{"toString":1}]');
  });

  it('with so much in its JSON files that reading them takes long', async () => {
    const filler = Object.fromEntries(Array.from({ length: 40_000 }, (_, i) => [`k${i}`, 0]));
    await replaceFile('back.json', Buffer.from(JSON.stringify(filler)));
    await assertInvalid('key /files/back.json/bytes', 'at most 262144');
    await editManifest((manifest) => Object.assign(manifest, filler));
    await assertInvalid('pack.json', 'more than 262144');
  });
});

describe('writePack', () => {
  it('replaces what is there, and leaves nothing next to it', async () => {
    const target = join(directory, 'twice');
    await writePack(target, TINY, tinyTensors(), pack.back);
    await writePack(target, { ...TINY, description: 'the second' }, tinyTensors(), pack.back);
    assert.equal((await readPack(target)).description, 'the second');
    assert.deepEqual(
      (await readdir(directory)).filter((name) => name.startsWith('twice')),
      ['twice'],
    );
    assert.deepEqual((await readdir(target)).sort(), ['back.bin', 'back.json', 'front.bin', 'pack.json']);
  });

  it('leaves what is there where the new one is not sound', async () => {
    const target = join(directory, 'kept');
    await writePack(target, TINY, tinyTensors(), pack.back);
    const tensors = tinyTensors();
    tensors.delete('gate1/bias');
    await assert.rejects(writePack(target, TINY, tensors, pack.back), {
      code: 'WG_MODEL_INVALID',
      message: /tensor gate1\/bias: is missing/,
    });
    assert.equal((await readPack(target)).fingerprint, pack.fingerprint);
    assert.deepEqual(
      (await readdir(directory)).filter((name) => name.startsWith('kept')),
      ['kept'],
    );
  });
});

describe('resolvePack', () => {
  it('takes a folder', async () => {
    assert.equal(await resolvePack(sound), sound);
  });

  it('finds by name every pack that comes with the package', async () => {
    for (const name of await listPacks()) assert.equal(await resolvePack(name), join(MODELS_DIRECTORY, name));
  });

  it('says of an unknown name which there are', async () => {
    const names = (await listPacks()).join(', ') || 'none';
    await assert.rejects(resolvePack('no-such-pack'), (error: Error & { code: string }) => {
      assert.equal(error.code, 'WG_MODEL_NOT_FOUND');
      assert.ok(error.message.includes('named no-such-pack'), error.message);
      assert.ok(error.message.includes(`choose one of ${names},`), error.message);
      return true;
    });
  });

  it('says of a folder without a pack that it is none', async () => {
    await assert.rejects(resolvePack(directory), { code: 'WG_MODEL_NOT_FOUND', message: /pack\.json/ });
    await assert.rejects(resolvePack('../nowhere'), { code: 'WG_MODEL_NOT_FOUND', message: /nowhere/ });
  });
});
