import assert from 'node:assert/strict';
import { fork, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { formatOwnKeyword, type ModelPack, type OwnKeyword, parseOwnKeyword } from '../../src/model/index.js';
import { KeywordSpotter } from '../../src/spotter.js';
import type { Forecast } from '../../src/training/own/forecast.js';
import { makeKeyword } from '../../src/training/own/make-keyword.js';
import { readPhrase } from '../../src/training/own/phrase.js';
import { Subscriber, startDaemon, wavFile } from '../support/daemon-fixture.js';
import { noise, packWithBank } from '../support/small-bank.js';
import { speech } from '../support/speech.js';
import { temporaryFolder } from '../support/temp-folder.js';

const folder = temporaryFolder();
const model = join(folder, 'small-bank');
let pack: ModelPack;
let keyword: OwnKeyword;

/** A pack whose bank has a minute of other sentences, and a keyword that a few simple voices have spoken. */
before(async () => {
  const text = 'the weather will be fine in the morning, with some rain later in the north and west';
  const sentence = { samples: await speech(text), text: 'The weather will be fine in the morning.' };
  const phraseSaid = {
    samples: await speech('they say hey kitchen to it'),
    text: 'They say "Hey, kitchen!" to it.',
  };
  const hiss = { samples: noise(10), text: null };
  pack = await packWithBank(model, [...Array(5).fill(sentence), phraseSaid, hiss], 'whole');
  process.env.WAKEGATE_VOICES = join(folder, 'no-voices');
  const made = await makeKeyword({
    pack,
    name: 'hey_kitchen',
    phrase: await readPhrase('hey kitchen'),
    folder: join(folder, 'work'),
    cache: join(folder, 'cache'),
    clips: { kokoro: 10, programs: 6, heldOut: 4, near: 6 },
    steps: 250,
    anyway: true,
  });
  keyword = made.keyword;
});

async function send(method: string, url: string, body?: object | string) {
  const answer = await fetch(url, {
    method,
    ...(body !== undefined && {
      headers: { 'content-type': 'application/json' },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    }),
  });
  const text = await answer.text();
  return { status: answer.status, body: text === '' ? null : JSON.parse(text) };
}

test('a keyword made from text is added while it plays, heard, and removed, without a gap', async (t) => {
  const said = await speech('hey kitchen');
  const turn = new Int16Array(48_000);
  turn.set(said.subarray(0, 40_000), 4000);
  const input = wavFile(
    folder,
    'said.wav',
    Int16Array.from({ length: 40 * turn.length }, (_, i) => turn[i % turn.length]),
  );
  const daemon = await startDaemon(t, { model, input });
  const subscriber = new Subscriber(t, daemon.url!, '?types=detection,config');
  const address = `${daemon.url}/v1/keywords/hey_kitchen`;
  const put = await send('PUT', address, formatOwnKeyword(keyword));
  assert.deepEqual([put.status, put.body.name], [200, 'hey_kitchen']);
  const heard = await subscriber.message('detection', ({ keyword }) => keyword === 'hey_kitchen');
  assert.ok(heard.score >= keyword.threshold);
  const tuned = await send('PATCH', address, { label: 'Kitchen' });
  assert.equal(tuned.body.label, 'Kitchen', 'its settings change as those of the pack do');
  assert.equal((await send('DELETE', address)).status, 204);
  assert.ok(!daemon.keywords().some(({ name }) => name === 'hey_kitchen'));
  assert.equal((await send('DELETE', address)).status, 404);
  assert.equal(daemon.status().input.gaps, 0);
});

test('what says the phrase in the bank is neither trained nor counted against', () => {
  const { leftOut, falseAccepts } = keyword.forecast as unknown as Forecast;
  assert.equal(leftOut?.clips, 2, 'one of each split');
  assert.ok(leftOut.minutes > 0 && leftOut.minutes < 0.2, `${leftOut.minutes} minutes`);
  assert.equal(falseAccepts.count, 0);
});

test('a full disk is reported, and nothing half done is left on it', {
  skip: process.getuid?.() !== 0 && 'only root can mount a disk',
}, async (t) => {
  const disk = mkdtempSync(join(folder, 'disk-'));
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=200k', 'tmpfs', disk]);
  if (mounted.status !== 0) return t.skip('no disk can be mounted');
  t.after(() => spawnSync('umount', ['-l', disk]));
  const making = makeKeyword({
    pack,
    name: 'hey_kitchen',
    phrase: await readPhrase('hey kitchen'),
    folder: join(disk, 'work'),
    cache: join(disk, 'cache'),
    clips: { kokoro: 10, programs: 6, heldOut: 4, near: 6 },
  });
  await assert.rejects(making, {
    code: 'WG_STATE_UNUSABLE',
    message: /^the disk is full \(.*then run it again/,
  });
  const left = readdirSync(disk, { recursive: true }) as string[];
  assert.ok(
    left.some((name) => name.endsWith('.wav')),
    'what was spoken is kept for the next time',
  );
  assert.deepEqual(
    left.filter((name) => /part|spoken$/.test(name)),
    [],
  );
});

test('takes are heard by keywords that were trained without them, and make the file', async () => {
  const said = await speech('hey kitchen');
  const takes = [1, 0.6, 0.3].map((gain) => ({
    name: `${gain}.wav`,
    samples: said.map((sample) => sample * gain),
  }));
  const { keyword, forecast } = await makeKeyword({
    pack,
    name: 'hey_kitchen',
    phrase: await readPhrase('hey kitchen'),
    takes,
    folder: join(folder, 'takes-work'),
    cache: join(folder, 'cache'),
    clips: { kokoro: 3, programs: 3, heldOut: 2, near: 3 },
    steps: 100,
    anyway: true,
  });
  assert.equal(keyword.made.takes, 3);
  assert.equal(forecast.takesMissed?.of, 3);
});

test('the library hears it in a file, and the second look is asked about it', async () => {
  const { ask, weightsSha256 } = keyword.second!;
  assert.equal(weightsSha256, pack.secondLook!.weightsSha256);
  assert.ok(ask > 0 && ask < 1);
  const file = join(folder, 'hey_kitchen.json');
  writeFileSync(file, formatOwnKeyword(keyword));
  const samples = new Int16Array(64_000);
  samples.set((await speech('hey kitchen')).subarray(0, 32_000), 24_000);
  const spotter = await KeywordSpotter.load({ model, ownKeywords: file, backend: 'wasm' });
  const { detections } = await spotter.detect(samples);
  assert.deepEqual(
    detections.map(({ keyword }) => keyword),
    ['hey_kitchen'],
  );
  assert.ok(spotter.status().looks > 0);
  await spotter.close();
});

test('it is there again after a restart', async (t) => {
  const stateDirectory = mkdtempSync(join(folder, 'state-'));
  const input = wavFile(folder, 'short.wav', noise(1));
  const first = await startDaemon(t, { model, input, stateDirectory });
  await send('PUT', `${first.url}/v1/keywords/hey_kitchen`, formatOwnKeyword(keyword));
  await first.stop();
  const again = await startDaemon(t, { model, input, stateDirectory });
  assert.ok(again.keywords().some(({ name }) => name === 'hey_kitchen'));
});

test('files that do not fit are refused with the reason, and nothing changes', async (t) => {
  const daemon = await startDaemon(t, { model, input: wavFile(folder, 'n.wav', noise(1)) });
  const before = daemon.keywords();
  const other = { ...keyword, trunk: { pack: 'another', fingerprint: '00000000' } };
  const refused = async (name: string, file: OwnKeyword) =>
    (await send('PUT', `${daemon.url}/v1/keywords/${name}`, formatOwnKeyword(file))).body.error;
  assert.match((await refused('hey_kitchen', other)).message, /was made for model pack another/);
  assert.match((await refused('alexa', { ...keyword, name: 'alexa' })).message, /a keyword alexa already/);
  assert.match((await refused('hello', keyword)).message, /is of keyword hey_kitchen, not of hello/);
  const altered = JSON.parse(formatOwnKeyword(keyword));
  altered.gate.weights = altered.gate.weights.replace(/^..../, 'AAAA');
  const { status, body } = await send('PUT', `${daemon.url}/v1/keywords/hey_kitchen`, altered);
  assert.deepEqual([status, body.error.code], [422, 'WG_KEYWORD_INVALID']);
  assert.deepEqual(daemon.keywords(), before);
});

test('jobs wait for each other, and one that cannot work says why', async (t) => {
  const daemon = await startDaemon(t, { model, input: wavFile(folder, 'j.wav', noise(1)) });
  const subscriber = new Subscriber(t, daemon.url!, '?types=keyword');
  await subscriber.message('snapshot');
  const url = `${daemon.url}/v1/keywords`;
  const [first, second] = [
    await send('POST', url, { phrase: 'uh' }),
    await send('POST', url, { phrase: 'oh' }),
  ];
  assert.deepEqual([first.status, first.body.state], [202, 'running']);
  assert.deepEqual([second.status, second.body.state], [202, 'queued']);
  const failed = await subscriber.message(
    'keyword',
    ({ name, state }) => name === 'oh' && state === 'failed',
  );
  assert.match(failed.problem!, /too short/);
  assert.equal((await send('POST', url, { phrase: 'Alexa' })).body.error.code, 'WG_KEYWORD_INVALID');
  assert.equal((await send('POST', url, { phrase: '' })).body.error.code, 'WG_KEYWORD_INVALID');
});

test('it is made again with its labelled captures, and stays as it was where that is not better', async (t) => {
  const stateDirectory = mkdtempSync(join(folder, 'improve-'));
  const daemon = await startDaemon(t, { model, input: wavFile(folder, 'i.wav', noise(1)), stateDirectory });
  const url = `${daemon.url}/v1/keywords/hey_kitchen/improve`;
  assert.equal((await send('POST', url, {})).status, 404);
  await send('PUT', `${daemon.url}/v1/keywords/hey_kitchen`, formatOwnKeyword(keyword));
  const without = await send('POST', url, {});
  assert.deepEqual([without.status, without.body.error.code], [422, 'WG_KEYWORD_INVALID']);
  assert.match(without.body.error.message, /label some as right or wrong/);

  const said = new Int16Array(48_000);
  said.set((await speech('hey kitchen')).subarray(0, 20_000), 12_000);
  for (const [label, samples] of [
    ['right', said],
    ['wrong', noise(3)],
    [null, noise(2)],
  ] as const) {
    const clip = { kind: 'detection', keyword: 'hey_kitchen', score: 0.9, sample: 0, samples } as const;
    const { id } = await daemon.captures.store.add(clip, pack.name, new Date());
    if (label) await daemon.captures.store.label(id, { label });
  }
  const begun = await send('POST', url, {});
  assert.deepEqual([begun.status, begun.body.name, begun.body.phrase], [202, 'hey_kitchen', keyword.phrase]);
  assert.equal((await send('POST', url, {})).body.error.code, 'WG_BUSY');
  const work = join(stateDirectory, 'keyword-jobs', 'hey_kitchen');
  const job = JSON.parse(readFileSync(join(work, 'job.json'), 'utf8'));
  // The daemon's own takes minutes: the same with fewer clips and steps.
  const small = join(folder, 'small-job');
  await daemon.stop();
  cpSync(work, small, { recursive: true });
  const sizes = { clips: { kokoro: 3, programs: 3, heldOut: 2, near: 3 }, steps: 100 };
  writeFileSync(join(small, 'job.json'), JSON.stringify({ ...job, ...sizes }));
  const program = fileURLToPath(new URL('../../src/training/own/job.js', import.meta.url));
  const child = fork(program, [small], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  let result: { keyword?: string; advice?: string[]; failed?: object } = {};
  child.on('message', (message: object) => {
    if (!('progress' in message)) result = message;
  });
  await new Promise((resolve) => child.once('exit', resolve));
  assert.equal(result.failed, undefined);
  const [right, wrong] = result.advice!;
  const [, before, now] = /^right ones missed: (\d) before, (\d) now, of 1$/.exec(right)!;
  const [, heard, heardNow] = /^wrong ones heard: (\d) before, (\d) now, of 1$/.exec(wrong)!;
  const isFewer = Number(now) + Number(heardNow) < Number(before) + Number(heard);
  if (!isFewer) assert.equal(result.keyword, undefined, 'the old one stays');
  if (result.keyword) {
    const { made } = parseOwnKeyword(result.keyword, 'the new one');
    assert.deepEqual([made.takes, made.mistakes], [1, 1]);
  } else assert.match(result.advice!.at(-1)!, /the old one stays/);
});
