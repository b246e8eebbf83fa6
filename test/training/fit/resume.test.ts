import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { writeWav } from '../../../src/audio/index.js';
import type { Clip } from '../../../src/training/corpus/corpus.js';
import { writeMistakes } from '../../../src/training/corpus/mistakes.js';
import { GATE_ONLY, HEADS, type HeadsSettings, trainHeads } from '../../../src/training/fit/heads.js';
import {
  SECOND_KEYWORDS,
  type SecondKeywordSettings,
  trainSecondKeywords,
} from '../../../src/training/fit/second-keywords.js';
import { TRUNK, trainTrunk } from '../../../src/training/fit/trunk.js';
import { type NetworkShape, SHAPE } from '../../../src/training/network/network.js';
import { SecondKeywordNetwork } from '../../../src/training/network/second-keyword-network.js';
import { type DistilledShape, SECOND_SHAPE } from '../../../src/training/network/second-network.js';
import { readWeightMap, weightsOf, writeWeights } from '../../../src/training/network/weights.js';
import { Random } from '../../../src/training/random.js';
import { temporaryFolder } from '../../support/temp-folder.js';

const folder = temporaryFolder();
const RATE = 16_000;
const SMALL: NetworkShape = {
  ...SHAPE,
  frontChannels: 4,
  frontBlocks: 1,
  gateChannels: 3,
  bodyChannels: 6,
  expandedChannels: 8,
  headChannels: [6, 5],
};
const PITCHES = { low: 150, middle: 300, high: 600 };
const KEYWORDS = ['low', 'high'];
/** Statistics of levels as they are. */
const FLAT = { mean: Array(32).fill(0), deviation: Array(32).fill(1) };
const random = new Random(1);

/** A tone with a harmonic, between two pauses. */
function sound(seconds: number, pitch: number): Int16Array {
  const samples = new Int16Array(seconds * RATE);
  const pause = 0.15 * RATE;
  for (let i = pause; i < samples.length - pause; i++) {
    const phase = (2 * Math.PI * pitch * i) / RATE;
    samples[i] = 6000 * (Math.sin(phase) + 0.5 * Math.sin(3 * phase)) + 300 * random.normal();
  }
  return samples;
}

/** Recordings, and two scenes of which a teacher that knows nothing has said something. */
function prepare(): void {
  const lines = ['path,split,kind,label,corpus,speaker'];
  const record = (split: string, kind: string, label: string, samples: Int16Array) => {
    const path = `${lines.length}.wav`;
    writeFileSync(join(folder, path), writeWav(samples, RATE));
    lines.push(`${path},${split},${kind},${label},own,`);
  };
  for (const split of ['train', 'dev']) {
    for (const [kind, pitch] of Object.entries({ speech: 220, noise: 40, music: 440 })) {
      record(split, kind, kind, sound(4, pitch));
    }
    for (const [label, pitch] of Object.entries(PITCHES)) {
      for (const take of [1, 1.05, 1.1]) record(split, 'word', label, sound(0.8, pitch * take));
    }
  }
  writeFileSync(join(folder, 'manifest.csv'), `${lines.join('\n')}\n`);
  mkdirSync(join(folder, 'scenes'));
  for (const scene of ['train-0000', 'train-paced-0000', 'dev-0000']) {
    const samples = sound(10, 220);
    const embeddings = Float32Array.from({ length: 117 * 96 }, () => random.normal());
    const span = { label: 'speech', kind: 'speech', path: 'x', start: 0, end: samples.length };
    const path = join(folder, 'scenes', scene);
    writeFileSync(`${path}.pcm`, new Uint8Array(samples.buffer));
    writeFileSync(`${path}.emb`, new Uint8Array(embeddings.buffer));
    writeFileSync(`${path}.json`, JSON.stringify([span]));
  }
}

before(async () => {
  await tf.setBackend('cpu');
  process.env.WAKEGATE_DATA = folder;
  prepare();
});

async function assertSame(one: string, other: string): Promise<void> {
  const [a, b] = await Promise.all([one, other].map((path) => readWeightMap(join(folder, path))));
  assert.deepEqual([...a.keys()], [...b.keys()]);
  for (const [name, { values }] of a) assert.deepEqual(values, b.get(name)!.values, name);
}

const trunk = { ...TRUNK, cache: folder, steps: 4, checkpointEvery: 2, batch: 2, embeddingsPerWindow: 1 };

test('an interrupted trunk continues with the same numbers', async () => {
  await trainTrunk(trunk, { shape: SMALL });
  const whole = readFileSync(join(folder, 'trunk-1/checkpoint.bin'));
  const elsewhere = join(folder, 'again');
  mkdirSync(elsewhere);
  for (const path of [
    'scenes',
    'corpus-train.pcm',
    'corpus-train.json',
    'corpus-dev.pcm',
    'corpus-dev.json',
  ]) {
    symlinkSync(join(folder, path), join(elsewhere, path));
  }
  const again = { ...trunk, cache: elsewhere };
  await trainTrunk(again, { shape: SMALL, until: 2 });
  assert.notDeepEqual(readFileSync(join(elsewhere, 'trunk-1/checkpoint.bin')), whole);
  await trainTrunk(again, { shape: SMALL });
  await assertSame('trunk-1/averaged.bin', 'again/trunk-1/averaged.bin');
  await assertSame('trunk-1/checkpoint.bin', 'again/trunk-1/checkpoint.bin');
});

test('interrupted heads continue with the same numbers, and not at all with other settings', async () => {
  const settings: HeadsSettings = {
    ...HEADS,
    cache: folder,
    trunk: join(folder, 'trunk-1'),
    run: join(folder, 'whole'),
    keywords: KEYWORDS,
    voices: { keyword: 0, near: 0 },
    steps: 6,
    headSteps: 1,
    checkpointEvery: 3,
    counts: { keyword: 2, other: 2, noise: 2, scene: 2 },
    pools: { keyword: 2, scene: 2, noise: 1 },
    hard: 1,
    mining: { every: 2, batches: 1 },
  };
  await trainHeads(settings, { shape: SMALL });
  const broken = { ...settings, run: join(folder, 'broken') };
  await trainHeads(broken, { shape: SMALL, until: 3 });
  await trainHeads(broken, { shape: SMALL });
  await assertSame('whole/averaged.bin', 'broken/averaged.bin');
  await assertSame('whole/checkpoint.bin', 'broken/checkpoint.bin');

  await assert.rejects(trainHeads({ ...broken, seed: 2 }, { shape: SMALL }), {
    code: 'WG_DATA_INVALID',
    message: /broken holds a run with other settings/,
  });
});

test('a gate that is trained alone leaves everything else as it is', async () => {
  const settings: HeadsSettings = {
    ...HEADS,
    ...GATE_ONLY,
    cache: folder,
    trunk: join(folder, 'trunk-1'),
    init: join(folder, 'whole/averaged.bin'),
    run: join(folder, 'gate'),
    keywords: KEYWORDS,
    voices: { keyword: 0, near: 0 },
    steps: 10,
    checkpointEvery: 10,
    counts: { keyword: 2, other: 2, noise: 2, scene: 2 },
    pools: { keyword: 2, scene: 2, noise: 1 },
    hard: 1,
    mining: { every: 4, batches: 1 },
  };
  await trainHeads(settings, { shape: SMALL });
  const [before, after] = await Promise.all(
    ['whole', 'gate'].map((run) => readWeightMap(join(folder, run, 'averaged.bin'))),
  );
  const changed = [...before].filter(
    ([name, { values }]) => String(values) !== String(after.get(name)!.values),
  );
  const names = changed.map(([name]) => name);
  assert.ok(names.length > 0 && names.every((name) => name.startsWith('gate')), names.join());
});

test('a second look learns from mistakes and from corpora of dev, and continues where it was interrupted', async () => {
  const shape: DistilledShape = {
    ...SECOND_SHAPE,
    stem: SECOND_SHAPE.stem.map((layer) => ({ ...layer, filters: 3 })),
    expandedChannels: 6,
    headChannels: [5, 4],
  };
  const trunk = join(folder, 'second');
  const sets = [{ data: folder, cache: folder }];
  mkdirSync(trunk);
  const body = new SecondKeywordNetwork(shape, KEYWORDS.length, SECOND_KEYWORDS.embeddings, FLAT, 1);
  await writeWeights(join(trunk, 'averaged.bin'), weightsOf(body.layers));
  const embedding = { mean: Array(96).fill(0), deviation: Array(96).fill(1) };
  writeFileSync(join(trunk, 'moments.json'), JSON.stringify({ levels: FLAT, embedding }));
  const mistake: Clip = {
    path: 'mistake',
    split: 'dev',
    kind: 'word',
    label: '(mistake)',
    corpus: 'own',
    speaker: '',
    samples: sound(2, 500),
  };
  await writeMistakes(join(folder, 'mistakes'), [mistake]);
  const settings: SecondKeywordSettings = {
    ...SECOND_KEYWORDS,
    sets,
    trunk,
    run: join(folder, 'second-whole'),
    keywords: KEYWORDS,
    voices: { keyword: 0, near: 0 },
    mistakes: join(folder, 'mistakes'),
    alsoDev: ['own'],
    steps: 4,
    headSteps: 1,
    checkpointEvery: 2,
    counts: { keyword: 2, other: 1, noise: 1, mistake: 2, scene: 2 },
    hard: 1,
  };
  await trainSecondKeywords(settings, { shape });
  const broken = { ...settings, run: join(folder, 'second-broken') };
  await trainSecondKeywords(broken, { shape, until: 2 });
  await trainSecondKeywords(broken, { shape });
  await assertSame('second-whole/averaged.bin', 'second-broken/averaged.bin');

  // Without its corpus, the same mistake is not learned from, as another network is measured on it.
  const without = { ...settings, run: join(folder, 'second-without'), alsoDev: [] };
  await assert.rejects(trainSecondKeywords(without, { shape }), {
    message: /no mistake in what this network learns from/,
  });
});
