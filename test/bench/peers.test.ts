import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { met } from '../../bench/measure.js';
import { bestOf, heardAt, type Point } from '../../bench/peers/accuracy.js';
import { CONDITIONS, keep } from '../../bench/peers/audio.js';
import { bars } from '../../bench/peers/bars.js';
import { installed } from '../../bench/peers/compare.js';
import { EngineProcess } from '../../bench/peers/engine-process.js';
import { ENGINES, type EngineDescription } from '../../bench/peers/engines.js';
import { FrameCutter } from '../../bench/peers/frame-cutter.js';
import { allowedCores } from '../../bench/peers/machine.js';
import type { EngineOptions, HeardClip } from '../../bench/peers/protocol.js';
import { withSection } from '../../bench/peers/section.js';
import { readAudioFile } from '../../src/audio/index.js';
import { Classifier } from '../../src/classifier/index.js';
import { readPack, resolvePack } from '../../src/model/index.js';
import { listenToClip } from '../../src/training/evaluation/listen-to-clip.js';

const MODEL = 'wake-words-en';
const SAMPLE = fileURLToPath(new URL('../../../samples/demo.wav', import.meta.url));
const [core] = allowedCores();
let folder: string;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'wakegate-peers-test-'));
});
after(() => rm(folder, { recursive: true }));

function engine(name: string): EngineDescription {
  return ENGINES.find((one) => one.name === name)!;
}

function optionsOf({ words, setting }: EngineDescription): EngineOptions {
  return { words, setting, model: MODEL, packages: folder, templates: null };
}

async function hear(name: string, clips: readonly Int16Array[]): Promise<readonly HeardClip[]> {
  const process = await EngineProcess.start(engine(name), optionsOf(engine(name)), core);
  try {
    return (await process.hear(await keep(folder, 'clips', clips))).clips;
  } finally {
    await process.stop();
  }
}

test('an engine of a process of its own hears what the pipeline hears, starting over with each clip', async () => {
  const sample = await readAudioFile(SAMPLE);
  const pack = await readPack(await resolvePack(MODEL));
  const classifier = new Classifier({ pack, backend: 'wasm' });
  const { detections } = await listenToClip(sample, pack, classifier);
  await classifier.close();
  assert.ok(detections.length > 0);
  const expected = detections.map(({ keyword, sample }) => [keyword, sample]);

  const clips = await hear('wakegate', [sample, new Int16Array(16_000), sample]);
  assert.deepEqual(
    clips.map((clip) => clip.detections),
    [expected, [], expected],
  );
});

test('without gates, and behind a VAD, the same words are found', async () => {
  const sample = await readAudioFile(SAMPLE);
  const [gated] = await hear('wakegate', [sample]);
  for (const name of ['wakegate, gate off', 'WebRTC VAD + classifier']) {
    const [clip] = await hear(name, [sample]);
    for (const [word] of gated.detections) {
      assert.ok(
        clip.detections.some(([heard]) => heard === word),
        `${name} hears ${word}`,
      );
    }
  }
});

test('an engine says what a file cost it', async () => {
  const vad = engine('WebRTC VAD alone');
  const process = await EngineProcess.start(vad, optionsOf(vad), core);
  try {
    const { path } = await keep(folder, 'cost', [new Int16Array(32_000)]);
    const { cpuMs, seconds } = await process.spend(path);
    assert.equal(seconds, 2);
    assert.ok(cpuMs > 0);
  } finally {
    await process.stop();
  }
});

test('what is not installed is left out, with a reason', async () => {
  const said: string[] = [];
  const names = ['openWakeWord', 'microWakeWord', 'WebRTC VAD alone'];
  const { engines, missing } = await installed(
    {
      engines: names.map(engine),
      model: MODEL,
      pack: { keywords: [] },
      packages: folder, // where nothing is installed
      folder,
      machine: '',
      cores: [core],
      quick: true,
      say: (progress) => said.push(progress),
    },
    null,
  );
  assert.deepEqual(
    engines.map(({ name }) => name),
    ['WebRTC VAD alone'],
  );
  assert.match(missing.openWakeWord, /Cannot find module 'onnxruntime-node'/);
  assert.match(missing.microWakeWord, /there is no .*python/);
  assert.equal(said.length, 2);
});

test('detections within two seconds are one, by the scores over a threshold or by the engine itself', () => {
  const clip: HeardClip = {
    detections: [['alexa', 5000]],
    scores: [
      ['alexa', 1000, 0.6],
      ['alexa', 2000, 0.9],
      ['jarvis', 3000, 0.9],
      ['alexa', 40_000, 0.5],
    ],
  };
  assert.deepEqual(heardAt(clip, 'alexa', 0.5), [1000, 40_000]);
  assert.deepEqual(heardAt(clip, 'alexa', 0.7), [2000]);
  assert.deepEqual(heardAt(clip, 'alexa', null), [5000]);
});

test('the best setting misses least with at most one false accept', () => {
  const point = (setting: number, missed: number, accepted: number): Point => {
    const rate = (events: number) => ({ events, of: 10, rate: events / 10, interval: [0, 1] as const });
    return {
      setting,
      missed: Object.fromEntries(CONDITIONS.map((name) => [name, rate(missed)])) as Point['missed'],
      falseAccepts: { speech: rate(0), music: rate(0), noise: rate(0), all: rate(accepted) },
    };
  };
  const points = [point(0.1, 0, 9), point(0.2, 1, 1), point(0.3, 1, 0), point(0.4, 5, 0)];
  assert.equal(bestOf(points).setting, 0.3);
  assert.equal(bestOf([point(0.1, 0, 9), point(0.2, 2, 4)]).setting, 0.2);
});

test('samples in any pieces become frames of one length', () => {
  const frames = new FrameCutter(3);
  const cut = (...samples: number[]) =>
    Array.from(frames.cut(Int16Array.from(samples)), (frame) => [...frame]);
  assert.deepEqual(cut(1, 2), []);
  assert.deepEqual(cut(3, 4), [[1, 2, 3]]);
  assert.equal(frames.samples, 3);
  assert.deepEqual(cut(5, 6, 7, 8, 9), [
    [4, 5, 6],
    [7, 8, 9],
  ]);
});

test('a bar on what could not be measured is not met', () => {
  const spread = (median: number) => ({ median, least: median, most: median, runs: 1 });
  const cost = (quiet: number) => ({ kinds: { quiet: spread(quiet) }, levels: [] });
  const of = (costs: Parameters<typeof bars>[0]['costs']) => bars({ costs }).map(met);
  const ours = { wakegate: cost(0.3), 'WebRTC VAD alone': cost(0.25) };
  assert.deepEqual(of(ours), [true, false, true]);
  assert.deepEqual(of({ ...ours, openWakeWord: cost(20) }), [true, true, true]);
});

test('only what stands between its markers is rewritten', () => {
  const document = 'a\n<!-- peers:start -->\nold\n<!-- peers:end -->\nb\n';
  const written = withSection(document, 'new');
  assert.equal(written, 'a\n<!-- peers:start -->\n\nnew\n\n<!-- peers:end -->\nb\n');
  assert.equal(withSection(written, 'new'), written);
  assert.equal(withSection('no markers', 'new'), 'no markers');
});
