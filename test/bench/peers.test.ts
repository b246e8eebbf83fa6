import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { met } from '../../bench/measure.js';
import { bestOf, heardAt, mostHeard, type Point, type WordAccuracy } from '../../bench/peers/accuracy.js';
import { CONDITIONS, keep } from '../../bench/peers/audio.js';
import { bars } from '../../bench/peers/bars.js';
import { installed } from '../../bench/peers/compare.js';
import { EngineProcess } from '../../bench/peers/engine-process.js';
import { ENGINES, type EngineDescription } from '../../bench/peers/engines.js';
import { FrameCutter } from '../../bench/peers/frame-cutter.js';
import { HeardStore } from '../../bench/peers/hear-all.js';
import { allowedCores } from '../../bench/peers/machine.js';
import { negativeStreams, SoundStore } from '../../bench/peers/negatives.js';
import type { EngineOptions, HeardClip } from '../../bench/peers/protocol.js';
import { emptyPage, withSection } from '../../bench/peers/section.js';
import { readAudioFile, writeWav } from '../../src/audio/index.js';
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

test('of what an engine has heard, the most is kept, as long as the engine is of the same version', () => {
  const heard = (by: string, hours: number, unseen: number) =>
    ({
      engine: 'one',
      word: 'alexa',
      by,
      asIs: { falseAccepts: { all: { of: hours }, unseen: { of: unseen } } },
    }) as WordAccuracy;
  const now = heard('2', 3, 1);
  for (const [before, isKept] of [
    [heard('2', 3, 2), true],
    [heard('2', 3, 0.5), false],
    [heard('1', 20, 3), false],
    [{ ...heard('2', 20, 3), word: 'jarvis' }, false],
  ] as const)
    assert.deepEqual(mostHeard([before], [now]), [isKept ? before : now]);
});

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
      packages: folder, // where nothing is installed
      folder,
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

test('the best setting misses least with at most half a false accept an hour', () => {
  const point = (setting: number, missed: number, accepted: number): Point => {
    const rate = (events: number) => ({ events, of: 4, rate: events / 4, interval: [0, 1] as const });
    return {
      setting,
      missed: Object.fromEntries(CONDITIONS.map((name) => [name, rate(missed)])) as Point['missed'],
      falseAccepts: {
        speech: rate(0),
        words: rate(0),
        music: rate(0),
        noise: rate(0),
        all: rate(accepted),
        unseen: null,
      },
    };
  };
  const points = [point(0.1, 0, 3), point(0.2, 1, 2), point(0.3, 1, 1), point(0.4, 4, 0)];
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

test('only what stands between the markers of a name is rewritten', () => {
  const other = '<!-- own:start -->\nkept\n<!-- own:end -->';
  const document = `a\n<!-- peers:start -->\nold\n<!-- peers:end -->\nb\n${other}\n`;
  const written = withSection(document, 'peers', 'new');
  assert.equal(written, `a\n<!-- peers:start -->\n\nnew\n\n<!-- peers:end -->\nb\n${other}\n`);
  assert.equal(withSection(written, 'peers', 'new'), written);
  assert.equal(withSection('no markers', 'peers', 'new'), 'no markers');
  assert.equal(withSection(emptyPage(['peers', 'own']), 'own', 'filled').match(/filled/g)?.length, 1);
});

test('what an engine has heard is kept, and heard again only where what it hears by has changed', async () => {
  const listening = { engine: engine('Porcupine 1.9'), setting: 0.5 };
  const clips: HeardClip[] = [{ detections: [['alexa', 5]], scores: [] }];
  await new HeardStore(folder, listening, '1.0').put('a', clips);
  assert.deepEqual(await new HeardStore(folder, listening, '1.0').get('a'), clips);
  assert.equal(await new HeardStore(folder, listening, '1.1').get('a'), null);
  assert.equal(await new HeardStore(folder, { ...listening, setting: 0.75 }, '1.0').get('a'), null);
});

test('recordings without a word become streams of one corpus each, without the train split and the keywords', async () => {
  const names = ['a', 'b', 'c', 'd', 'e'];
  for (const name of names) {
    const samples = new Int16Array(name === 'd' ? 100 : 16_000);
    await writeFile(join(folder, `${name}.wav`), writeWav(samples, 16_000));
  }
  const manifest = join(folder, 'manifest.csv');
  const rows = [
    'a.wav,dev,speech,speech,one,',
    'b.wav,dev,word,alexa,one,',
    'c.wav,train,speech,speech,one,',
  ];
  rows.push('d.wav,dev,speech,speech,one,', 'e.wav,test,word,left,two,');
  await writeFile(manifest, ['path,split,kind,label,corpus,speaker', ...rows].join('\n'));
  const streams = await negativeStreams([manifest], ['alexa'], { unseen: true });
  const found = streams.map(({ corpus, kind, unseen, recordings }) => [
    corpus,
    kind,
    unseen,
    recordings.map(({ path }) => path).join(),
  ]);
  assert.deepEqual(found.sort(), [
    ['one', 'speech', true, 'a.wav,d.wav'],
    ['two', 'words', true, 'e.wav'],
  ]);
  const sounds = new SoundStore(join(folder, 'sound'));
  const one = streams.find(({ corpus }) => corpus === 'one')!;
  // A second, and the pause after it: what is shorter than a quarter of a second is left out.
  for (const store of [sounds, new SoundStore(join(folder, 'sound'))]) {
    assert.deepEqual(await store.get(one), {
      path: join(folder, 'sound', `${one.name}.raw`),
      samples: 20_000,
      hours: 1 / 3600,
    });
  }
});
