import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises';
import { type AudioChunk, FileSource, writeWav } from '../src/audio/index.js';
import {
  Classifier,
  type Dropped,
  type FileReport,
  KeywordSpotter,
  Listener,
  type ModelPack,
  readPack,
  resolvePack,
  type SpotterDetection,
  type SpotterOptions,
} from '../src/index.js';
import { DEMO, DEMO_WORDS, spokenWords } from './support/spoken-words.js';
import { temporaryFolder } from './support/temp-folder.js';
import { wakegate } from './support/wakegate-process.js';

const WASM = { backend: 'wasm' } as const satisfies SpotterOptions;
const NAMES = DEMO_WORDS.map(([word]) => word);

const essence = (detections: readonly Pick<SpotterDetection, 'keyword' | 'time'>[]) =>
  detections.map(({ keyword, time }) => `${keyword} ${time.toFixed(2)}`);

async function all(heard: AsyncIterable<SpotterDetection>): Promise<SpotterDetection[]> {
  const detections: SpotterDetection[] = [];
  for await (const detection of heard) detections.push(detection);
  return detections;
}

function* cut(samples: Int16Array, size: number): Generator<Int16Array> {
  for (let at = 0; at < samples.length; at += size) yield samples.subarray(at, at + size);
}

describe('of a hundred words, as many as `wakegate detect` hears are heard', () => {
  const folder = temporaryFolder();
  const file = join(folder, 'words.wav');
  let samples: Int16Array;
  let expected: string[];
  let spotter: KeywordSpotter;
  const dropped: Dropped[] = [];

  before(async () => {
    const spoken = await spokenWords(100);
    samples = spoken.samples;
    writeFileSync(file, writeWav(samples, 16_000));
    spotter = await KeywordSpotter.load(WASM);
    spotter.on('dropped', (event) => dropped.push(event));
  });
  after(() => spotter.close());

  test('by `wakegate detect` itself', async (t) => {
    const { stdout, code } = await wakegate(t, ['detect', '--json', '--backend', 'wasm', file]);
    assert.equal(code, 0);
    const report: FileReport = JSON.parse(stdout);
    expected = essence(report.detections);
    assert.ok(expected.length >= 98, `${expected.length} of 100`);
  });

  test('from a file at its own pace', async () => {
    assert.deepEqual(essence(await all(spotter.listen(new FileSource(file)))), expected);
  });

  test('in one piece', async () => {
    assert.deepEqual(essence(await all(spotter.listen(samples))), expected);
  });

  test('by bursts of some seconds, with pauses, while the loop takes its time', async () => {
    async function* bursts() {
      let n = 0;
      for (const piece of cut(samples, 777)) {
        if (n++ % 100 === 0) await sleep(1);
        yield piece;
      }
    }
    const detections: SpotterDetection[] = [];
    for await (const detection of spotter.listen(bursts())) {
      detections.push(detection);
      await sleep(2);
    }
    assert.deepEqual(essence(detections), expected);
  });

  test('a little at a time, as from a microphone', async () => {
    async function* live(): AsyncGenerator<AudioChunk> {
      let startSample = 0;
      for (const piece of cut(samples, 1280)) {
        await turn();
        yield { samples: piece, startSample };
        startSample += piece.length;
      }
    }
    assert.deepEqual(essence(await all(spotter.listen(live()))), expected);
  });

  test('written to a stream by one who never waits for it to drain', async () => {
    const stream = spotter.stream({ rate: 16_000 });
    const detections: SpotterDetection[] = [];
    stream.on('detection', (detection) => detections.push(detection));
    const finished = new Promise((resolve, reject) =>
      stream.on('finish', () => resolve(0)).on('error', reject),
    );
    for (const piece of cut(samples, 8000)) stream.write(piece);
    stream.end();
    await finished;
    assert.deepEqual(essence(detections), expected);
    assert.ok(stream.account().samples >= samples.length);
  });

  test('and in all of it nothing was dropped', () => {
    assert.deepEqual(dropped, []);
    assert.equal(spotter.status().dropped, 0);
    const { stages } = spotter.energy();
    assert.ok(stages.features.cpuMs > 0 && stages.classifier.calls > 500);
  });

  test('a bare listener whose caller does not wait reports each handoff that it lost', async (t) => {
    const pack = await readPack(await resolvePack('wake-words-en'));
    const classifier = new Classifier({ pack, backend: 'wasm' });
    t.after(() => classifier.close());
    const listener = new Listener({ pack, classifier });
    const lost: number[] = [];
    let heard = 0;
    listener.on('detection', () => heard++);
    listener.on('dropped', ({ sample, count }) => {
      lost.push(sample);
      assert.equal(count, lost.length);
    });
    for await (const { samples, startSample } of new FileSource(file)) listener.push(samples, startSample);
    await listener.finish();
    const { dropped, handoffs } = listener.account();
    assert.ok(heard < expected.length, 'some words were lost');
    assert.ok(lost.length > 0);
    assert.equal(dropped, lost.length);
    assert.equal(dropped, classifier.status().dropped);
    assert.equal(handoffs.count, dropped + classifier.status().answered);
  });
});

describe('a spotter', () => {
  let pack: ModelPack;
  let spotter: KeywordSpotter;
  before(async () => {
    pack = await readPack(await resolvePack('wake-words-en'));
    spotter = await KeywordSpotter.load({ model: pack, ...WASM });
  });
  after(() => spotter.close());

  test('hears the words of the bundled sample, each near its end', async () => {
    const detections = await all(spotter.listen(DEMO));
    assert.deepEqual(
      detections.map(({ keyword }) => keyword),
      NAMES,
    );
    for (const [i, { time, score, sample, cost }] of detections.entries()) {
      assert.ok(Math.abs(time - DEMO_WORDS[i][1]) < 0.5);
      assert.equal(time, sample / 16_000);
      assert.ok(score > 0.5 && score <= 1);
      assert.ok(cost.handoffs > 0 && cost.bytes > 0 && cost.cpuMs > 0);
    }
  });

  test('listens only for the keywords that it was loaded with', async (t) => {
    const one = await KeywordSpotter.load({ keywords: ['jarvis'], ...WASM });
    t.after(() => one.close());
    const { detections } = await one.detect(DEMO);
    assert.deepEqual(
      detections.map(({ keyword }) => keyword),
      ['jarvis'],
    );
    assert.deepEqual(
      one.keywords.filter(({ enabled }) => enabled).map(({ name }) => name),
      ['jarvis'],
    );
  });

  test('keywords that are changed while a stream runs are heard in another way from then on', async () => {
    const keywords: string[] = [];
    async function* slowly() {
      let samples = 0;
      const { samples: spoken } = await spokenWords(10);
      for (const piece of cut(spoken, 1280)) {
        // Between the fifth word and the sixth.
        if (samples <= 160_000 && samples + piece.length > 160_000) {
          while (keywords.length < 5) await sleep(1);
          spotter.setKeyword('alexa', { enabled: false });
          spotter.setKeyword('computer', { threshold: 1 });
        }
        samples += piece.length;
        yield piece;
      }
    }
    try {
      for await (const { keyword } of spotter.listen(slowly())) keywords.push(keyword);
      assert.deepEqual(keywords, [...NAMES, ...NAMES.slice(2)]);
    } finally {
      spotter.setKeyword('alexa', { enabled: true });
      spotter.setKeyword('computer', {
        threshold: pack.keywords.find(({ name }) => name === 'computer')!.threshold,
      });
    }
    assert.deepEqual(
      spotter.keywords.map(({ name, threshold, patience }) => ({ name, threshold, patience })),
      pack.keywords,
    );
  });

  test('many streams at once share its classifier, and each hears what is its own', async () => {
    const wakes = spotter.status().wakes;
    const ids = new Set<number>();
    const heard = await Promise.all(
      [1, 2, 3, 4].map(async (words) => {
        const { samples } = await spokenWords(words);
        const detections = await all(spotter.listen(samples));
        for (const { streamId } of detections) ids.add(streamId);
        return detections.map(({ keyword }) => keyword);
      }),
    );
    assert.deepEqual(
      heard,
      [1, 2, 3, 4].map((words) => NAMES.slice(0, words)),
    );
    assert.equal(ids.size, 4);
    assert.ok(spotter.status().wakes <= wakes + 1);
  });

  test('the signal ends the loop and closes the source, also one that gives nothing', {
    timeout: 20_000,
  }, async () => {
    const controller = new AbortController();
    let closed = false;
    const { samples } = await spokenWords(1);
    async function* words() {
      try {
        yield samples;
        yield new Int16Array(32_000);
        await new Promise(() => {});
      } finally {
        closed = true;
      }
    }
    const close = async () => {
      closed = true;
      throw new Error('it does not close');
    };
    const source = { [Symbol.asyncIterator]: () => words(), close };
    let heard = 0;
    for await (const _ of spotter.listen(source, { signal: controller.signal })) {
      heard++;
      controller.abort();
    }
    assert.equal(heard, 1);
    assert.ok(closed);
    assert.deepEqual(await all(spotter.listen(samples, { signal: AbortSignal.abort() })), []);
  });

  test('leaving the loop ends the source', { timeout: 60_000 }, async () => {
    const { samples } = await spokenWords(20);
    let given = 0;
    let closed = false;
    function* pieces() {
      try {
        for (const piece of cut(samples, 16_000)) {
          given++;
          yield piece;
        }
      } finally {
        closed = true;
      }
    }
    for await (const { keyword } of spotter.listen(pieces())) {
      assert.equal(keyword, NAMES[0]);
      break;
    }
    // It is in the middle of a piece.
    while (!closed) await sleep(1);
    assert.ok(given < 40, 'not all was read');
  });

  test('a source that fails ends the loop with its error, after what was heard before', async () => {
    async function* failing() {
      yield (await spokenWords(2)).samples;
      throw new Error('the cable was pulled');
    }
    const heard: string[] = [];
    await assert.rejects(async () => {
      for await (const { keyword } of spotter.listen(failing())) heard.push(keyword);
    }, /the cable was pulled/);
    assert.deepEqual(heard, NAMES.slice(0, 2));
  });

  test('samples that are missing from a source are reported', async () => {
    const { samples } = await spokenWords(1);
    const dropped: Dropped[] = [];
    spotter.on('dropped', (event) => dropped.push(event));
    await all(
      spotter.listen([
        { samples, startSample: 0 },
        { samples, startSample: samples.length + 48_000 },
      ]),
    );
    spotter.removeAllListeners('dropped');
    assert.deepEqual(
      dropped.map(({ what, time, seconds }) => ({ what, time, seconds })),
      [{ what: 'audio', time: 5, seconds: 3 }],
    );
  });

  test('a handoff that a small classifier has no room for is reported', async (t) => {
    const small = await KeywordSpotter.load({ ...WASM, capacity: 1, gate: 'off' });
    t.after(() => small.close());
    const dropped: Dropped[] = [];
    small.on('dropped', (event) => dropped.push(event));
    const { samples } = await spokenWords(1);
    await Promise.all([1, 2, 3].map(() => all(small.listen(samples))));
    assert.ok(dropped.length > 0);
    assert.equal(dropped.length, small.status().dropped);
    for (const { what, time, seconds } of dropped) {
      assert.equal(what, 'handoff');
      assert.ok(time > 0 && time <= 3);
      assert.equal(seconds, 0.16);
    }
    await assert.rejects(Promise.all([1, 2, 3].map(() => small.detect(samples))), { code: 'WG_BUSY' });
  });

  test('counts what files and streams have cost', async (t) => {
    const fresh = await KeywordSpotter.load(WASM);
    t.after(() => fresh.close());
    const nothing = fresh.energy();
    assert.equal(nothing.total.cpuMs, 0);
    const report = await fresh.detect(DEMO);
    const ofFile = fresh.energy();
    assert.equal(ofFile.stages.classifier.calls, report.handoffs.count);
    assert.equal(ofFile.stages.handoff.bytesOut, report.handoffs.bytes);
    assert.ok(ofFile.saved !== null && ofFile.saved.alwaysOnCpuMs > 0);
    await all(fresh.listen(DEMO));
    assert.equal(fresh.energy().stages.classifier.calls, 2 * report.handoffs.count);
  });
});

describe('a spotter that is closed', () => {
  test('ends its worker, its loops and its streams, and says so from then on', async () => {
    const spotter = await KeywordSpotter.load(WASM);
    const { samples } = await spokenWords(1);
    async function* endless() {
      yield samples;
      yield new Int16Array(32_000);
      await new Promise(() => {});
    }
    const stream = spotter.stream();
    const failed = new Promise<NodeJS.ErrnoException>((resolve) => stream.on('error', resolve));
    const states: string[] = [];
    spotter.on('state', ({ state }) => states.push(state));
    const heard: string[] = [];
    for await (const { keyword } of spotter.listen(endless())) {
      heard.push(keyword);
      assert.equal(spotter.status().state, 'awake');
      void spotter.close();
    }
    await spotter.close();
    assert.deepEqual(heard, ['alexa']);
    assert.equal(spotter.status().state, 'asleep');
    assert.deepEqual(states, ['waking', 'awake', 'asleep']);
    assert.equal((await failed).code, 'WG_CLASSIFIER_CLOSED');
    const closed = { code: 'WG_CLASSIFIER_CLOSED', message: /closed/ };
    assert.throws(() => spotter.listen(samples), closed);
    assert.throws(() => spotter.stream(), closed);
    await assert.rejects(spotter.detect(samples), closed);
  });

  test('rejects what is being detected', async () => {
    const spotter = await KeywordSpotter.load(WASM);
    const { samples } = await spokenWords(20);
    spotter.once('state', () => void spotter.close());
    await assert.rejects(spotter.detect(samples), { code: 'WG_CLASSIFIER_CLOSED' });
  });
});

describe('what cannot be is said', () => {
  let spotter: KeywordSpotter;
  before(async () => {
    spotter = await KeywordSpotter.load(WASM);
  });
  after(() => spotter.close());

  test('of keywords and packs', async () => {
    const load = (options: SpotterOptions) => KeywordSpotter.load(options);
    await assert.rejects(load({ keywords: ['allexa'] }), {
      code: 'WG_UNKNOWN_NAME',
      message: /did you mean alexa\?/,
    });
    await assert.rejects(load({ keywords: [] }), { code: 'WG_USAGE' });
    await assert.rejects(load({ model: 'no-such-pack' }), { code: 'WG_MODEL_NOT_FOUND' });
    await assert.rejects(load({ capacity: 0 }), { code: 'WG_USAGE' });
    assert.throws(() => spotter.setKeyword('smart mirror', {}), { message: /did you mean smart_mirror\?/ });
    assert.throws(() => spotter.setKeyword('alexa', { threshold: 97 }), { code: 'WG_USAGE' });
    assert.throws(() => spotter.setKeyword('alexa', { patience: 0 }), { code: 'WG_USAGE' });
  });

  test('of arguments of a bare listener', async () => {
    const pack = await readPack(await resolvePack('wake-words-en'));
    const classifier = new Classifier({ pack });
    const listener = new Listener({ pack, classifier });
    const push = listener.push.bind(listener) as (samples: unknown, startSample?: unknown) => void;
    assert.throws(() => push(new Float32Array(10), 0), {
      code: 'WG_USAGE',
      message: /Int16Array.*Float32Array/,
    });
    assert.throws(() => push(undefined, 0), { code: 'WG_USAGE' });
    assert.throws(() => push(new Int16Array(10)), {
      code: 'WG_USAGE',
      message: /number of the first sample/,
    });
    assert.throws(() => push(new Int16Array(10), Number.NaN), { code: 'WG_USAGE' });
    const { pack: _, ...noPack } = { pack, classifier };
    assert.throws(() => new Listener(noPack as never), { code: 'WG_USAGE', message: /readPack/ });
  });
});
