import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, type TestContext, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import type { Daemon } from '../../src/daemon/daemon.js';
import { ownKeywordSetOf, readOwnKeywordSets, writeOwnKeywordSets } from '../../src/fleet/own-keyword-set.js';
import { fingerprintText } from '../../src/fleet/topics.js';
import {
  formatOwnKeyword,
  MODELS_DIRECTORY,
  type ModelPack,
  type OwnKeyword,
  parseOwnKeyword,
  readPack,
  trunkOf,
} from '../../src/model/index.js';
import { startDaemon } from '../support/daemon-fixture.js';
import { FLEET_TOPICS, heardBy, startWorker } from '../support/fleet.js';
import { Mosquitto, noMosquitto, Watcher } from '../support/mosquitto.js';
import { temporaryFolder } from '../support/temp-folder.js';

const folder = temporaryFolder();
const models = join(folder, 'models');
const model = join(models, 'wake-words-en');
let pack: ModelPack;

before(async () => {
  mkdirSync(models);
  symlinkSync(join(MODELS_DIRECTORY, 'wake-words-en'), model);
  pack = await readPack(model);
});

/** A keyword whose head has weights from a seed, which is near a half all the time. */
function keyword(name: string, seed: number, threshold = 0.4): OwnKeyword {
  const { channels } = pack.compression;
  const [embeddings, size, hidden] = [16, 96, 8];
  let state = seed;
  const numbers = (length: number, scale: number) =>
    Float32Array.from({ length }, () => {
      state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
      return scale * (state / 0x3fffffff - 1);
    });
  return {
    name,
    phrase: name,
    trunk: trunkOf(pack),
    threshold,
    patience: 1,
    head: {
      embeddings,
      size,
      hidden,
      w1: numbers(embeddings * size * hidden, 0.02),
      b1: numbers(hidden, 0.1),
      w2: numbers(hidden, 0.2),
      b2: 0,
    },
    gate: { taps: 4, channels, weights: numbers(4 * channels, 0.01), bias: 0 },
    second: null,
    made: { by: 'a test' },
    forecast: {},
  };
}

/** A folder of state with own keywords. */
function stateWith(name: string, keywords: readonly OwnKeyword[]): string {
  const stateDirectory = join(folder, name);
  mkdirSync(join(stateDirectory, 'keywords'), { recursive: true });
  for (const one of keywords)
    writeFileSync(join(stateDirectory, 'keywords', `${one.name}.json`), formatOwnKeyword(one));
  return stateDirectory;
}

function startSatellite(t: TestContext, broker: Mosquitto, mqttName: string, stateDirectory: string) {
  const config = { model, input: '-', gate: 'off', secondLook: 'off', stateDirectory } as const;
  return startDaemon(t, { ...config, classifier: broker.url, mqttName, fleetGroup: 'none' });
}

/** What it detects, which is something. */
async function detectedBy(daemon: Daemon): Promise<object[]> {
  const heard = await heardBy(daemon);
  assert.ok(heard.length > 0, 'there is something to detect');
  return heard;
}

/** Resolves when both workers take windows for these keywords, which they do once a classifier with them is awake. */
async function workersOffer(watcher: Watcher, own: readonly OwnKeyword[]): Promise<void> {
  const fits = (payload: string) => payload.includes(idOf(own));
  for (const name of ['one', 'two']) await watcher.message(FLEET_TOPICS.worker(name), fits);
}

test('a satellite detects its own keywords through workers, also those that are added while it runs', {
  skip: noMosquitto,
}, async (t) => {
  const broker = await Mosquitto.start(t);
  const workers = [await startWorker(t, broker, 'one', models), await startWorker(t, broker, 'two', models)];
  const watcher = await Watcher.start(t, broker, '-T', 'wakegate-fleet/keywords/#');
  const [athlete, zebra] = [keyword('athlete', 3, 0.2), keyword('zebra', 5)];
  const satellites = [
    await startSatellite(t, broker, 'kitchen', stateWith('kitchen', [athlete])),
    await startSatellite(t, broker, 'bedroom', stateWith('bedroom', [zebra])),
  ];
  const config = { model, input: '-', gate: 'off', secondLook: 'off' } as const;
  const alone = await startDaemon(t, { ...config, stateDirectory: stateWith('alone', [athlete]) });
  const expected = await detectedBy(alone);
  assert.equal((expected[0] as unknown[])[0], 'athlete');
  for (const own of [[athlete], [zebra]]) await workersOffer(watcher, own);
  const [kitchen, bedroom] = await Promise.all(satellites.map(detectedBy));
  assert.deepEqual(kitchen, expected, 'as one machine by itself');
  assert.equal((bedroom[0] as unknown[])[0], 'zebra');
  await satellites[1].putKeyword('athlete', formatOwnKeyword(athlete));
  await satellites[1].removeKeyword('zebra');
  await watcher.message(FLEET_TOPICS.satellite(null, 'bedroom'), (payload) =>
    payload.includes(idOf([athlete])),
  );
  assert.deepEqual(await detectedBy(satellites[1]), expected);
  const windows = FLEET_TOPICS.windows(fingerprintText(pack.fingerprint), 'bedroom');
  // A handoff is bytes, and may look like lines to the watcher.
  const named = new Set(
    watcher.seen
      .filter(({ topic }) => topic?.startsWith(windows))
      .map(({ topic }) => topic.split('/').at(-1)),
  );
  const ids = [[zebra], [athlete, zebra], [athlete]].map((own) => idOf(own));
  assert.deepEqual([named.has(ids[0]), named.has(ids[2])], [true, true], 'handoffs name their keywords');
  assert.deepEqual(
    [...named].filter((id) => !ids.includes(id!)),
    [],
  );
  assert.ok(workers.every(({ counts }) => counts.answered > 0));
});

/** Of a set as the daemon reads it from its files. */
function idOf(own: readonly OwnKeyword[]): string {
  return ownKeywordSetOf(own.map((one) => parseOwnKeyword(formatOwnKeyword(one), 'file')))!.id;
}

test('what is no set of keywords is refused with the reason', async () => {
  const own = [keyword('zebra', 5)];
  const set = ownKeywordSetOf(own)!;
  const read = readOwnKeywordSets(writeOwnKeywordSets([set]), 'kitchen');
  assert.deepEqual(
    [...read].map(([id, keywords]) => [id, keywords.map(({ name, made }) => [name, made])]),
    [[set.id, [['zebra', {}]]]],
    'how it was made stays at home',
  );
  assert.equal(ownKeywordSetOf([]), null);
  assert.notEqual(ownKeywordSetOf([keyword('zebra', 6)])!.id, set.id, 'another head is another set');
  const refused = (payload: Buffer, problem: RegExp) =>
    assert.throws(() => readOwnKeywordSets(payload, 'kitchen'), {
      code: 'WG_KEYWORD_INVALID',
      message: problem,
    });
  refused(Buffer.from('garbage'), /own keywords of kitchen are not gzipped JSON/);
  refused(gzipSync('{}'), /own keywords of kitchen are no lists of keywords/);
  refused(gzipSync('[["{}"]]'), /one of the own keywords of kitchen is no keyword/);
  refused(gzipSync(Buffer.alloc(64 * 1024 * 1024)), /are not gzipped JSON/);
});
