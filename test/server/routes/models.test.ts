import assert from 'node:assert/strict';
import { cpSync, mkdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import type { ModelInfo } from '../../../src/protocol/index.js';
import { Subscriber, startDaemon, wavFile } from '../../support/daemon-fixture.js';
import { voice } from '../../support/signals.js';
import { temporaryFolder } from '../../support/temp-folder.js';
import { makeTinyPack } from '../../support/tiny-pack.js';
import { WakegateProcess } from '../../support/wakegate-process.js';

const folder = temporaryFolder();
const packs = join(folder, 'packs');
const model = join(packs, 'first');
const input = wavFile(folder, 'long.wav', voice(16_000, 30));

/** A copy of the first pack with something else in its description. */
function variant(id: string, change: (manifest: Record<string, never>) => object): void {
  cpSync(model, join(packs, id), { recursive: true });
  const path = join(packs, id, 'pack.json');
  const manifest = JSON.parse(readFileSync(path, 'utf8'));
  writeFileSync(path, JSON.stringify({ ...manifest, ...change(manifest) }));
}

before(async () => {
  mkdirSync(packs);
  await makeTinyPack(model);
  const keywords = ['eins', 'two'].map((name) => ({ name, threshold: 0.01, patience: 1 }));
  variant('second', () => ({ name: 'second', keywords }));
  variant('cut', () => ({ name: 'cut' }));
  truncateSync(join(packs, 'cut', 'back.bin'), 100);
  variant('spoilt', () => ({ keywords: 'none' }));
});

async function put(url: string, id: unknown): Promise<{ status: number; body: never }> {
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(`${url}/v1/model`, { method: 'PUT', headers, body: JSON.stringify({ id }) });
  return { status: answer.status, body: (await answer.json()) as never };
}

test('packs that come with wakegate and those next to the one in use are listed, spoilt ones with the reason', async (t) => {
  const { url } = await startDaemon(t, { model, input });
  const { models } = (await (await fetch(`${url}/v1/models`)).json()) as { models: ModelInfo[] };
  const byId = new Map(models.map((pack) => [pack.id, pack]));
  assert.ok(byId.has('wake-words-en'));
  const { name, keywords, problem, inUse } = byId.get('first')!;
  assert.deepEqual([name, keywords, problem, inUse], ['tiny', ['one', 'two'], null, true]);
  assert.deepEqual(byId.get('second')?.keywords, ['eins', 'two']);
  assert.equal(byId.get('second')?.inUse, false);
  assert.match(byId.get('spoilt')!.problem!, /keywords/);
});

test('another pack takes over while it plays: no gap, its keywords are heard, and subscribers are notified', async (t) => {
  const daemon = await startDaemon(t, { model, input, gate: 'off', keywords: { one: { threshold: 1 } } });
  const subscriber = new Subscriber(t, daemon.url!, '?types=level,config,detection,input');
  await subscriber.message('level');
  const { status, body } = await put(daemon.url!, 'second');
  assert.deepEqual([status, (body as ModelInfo).inUse], [200, true]);
  const told = await subscriber.message('config', ({ model }) => model?.name === 'second');
  const { keyword, sample } = await subscriber.message(
    'detection',
    (event) => event.sequence > told.sequence,
  );
  assert.ok(['eins', 'two'].includes(keyword));
  assert.deepEqual(
    daemon.keywords().map(({ name, threshold }) => [name, threshold]),
    [
      ['eins', 0.01],
      ['two', 0.01],
    ],
    'nor do settings of another pack hold for it',
  );
  assert.equal(daemon.status().model.name, 'second');
  assert.equal(daemon.status().input.gaps, 0);
  await subscriber.message('level', (level) => level.sample > sample);
  const levels = subscriber.messages.flatMap((message) => (message.type === 'level' ? [message.sample] : []));
  assert.deepEqual(
    new Set(levels.slice(1).map((at, i) => at - levels[i])),
    new Set([1600]),
    'no sample is missing',
  );
});

test('changes of keywords belong to the pack for which they were made, and are there when it comes back', async (t) => {
  const daemon = await startDaemon(t, { model, input });
  await daemon.mute(null);
  await daemon.changeKeyword('two', { threshold: 0.3, label: 'Due' });
  await put(daemon.url!, 'second');
  assert.deepEqual(daemon.keywords()[1], {
    name: 'two',
    label: 'two',
    enabled: true,
    threshold: 0.01,
    patience: 1,
    defaultThreshold: 0.01,
    changed: false,
    own: null,
  });
  await daemon.changeKeyword('two', { threshold: 0.8 });
  await assert.rejects(daemon.changeKeyword('one', { threshold: 0.8 }), { code: 'WG_UNKNOWN_NAME' });
  await put(daemon.url!, 'first');
  assert.deepEqual(daemon.keywords()[1], {
    name: 'two',
    label: 'Due',
    enabled: true,
    threshold: 0.3,
    patience: 2,
    defaultThreshold: 0.6,
    changed: true,
    own: null,
  });
  await daemon.changeKeyword('two', { threshold: null });
  assert.equal(daemon.keywords()[1].threshold, 0.6, "the pack's own");
});

test('a pack that is not there, cut or spoilt changes nothing, and why is said', async (t) => {
  const daemon = await startDaemon(t, { model, input });
  for (const [id, status, reason] of [
    ['third', 404, /choose one of cut, first, second, .*spoilt/],
    ['../packs/second', 404, /WG_UNKNOWN_NAME/],
    ['cut', 422, /back\.bin.* is 100 bytes long/],
    ['spoilt', 422, /WG_MODEL_INVALID/],
    [7, 400, /WG_REQUEST_INVALID/],
    ['', 400, /WG_REQUEST_INVALID/],
  ] as const) {
    const answer = await put(daemon.url!, id);
    assert.equal(answer.status, status, String(id));
    assert.match(JSON.stringify(answer.body), reason);
  }
  assert.equal(daemon.status().model.name, 'tiny');
  assert.equal((await fetch(`${daemon.url}/v1/status`)).status, 200);
});

test('one change after the other, with no sound and with some, and stopping in the midst of one', async (t) => {
  const daemon = await startDaemon(t, { model, input });
  const subscriber = new Subscriber(t, daemon.url!);
  await subscriber.message('input', ({ state }) => state === 'listening');
  await daemon.mute(null);
  const answers = await Promise.all(['second', 'first', 'second'].map((id) => put(daemon.url!, id)));
  assert.deepEqual(
    answers.map(({ status }) => status),
    [200, 200, 200],
  );
  assert.equal(daemon.status().model.name, 'second');
  const { sequence } = daemon.events;
  daemon.unmute();
  await subscriber.message('input', (event) => event.state === 'listening' && event.sequence > sequence);
  const changing = daemon.changeModel('first');
  const refused = assert.rejects(changing, { code: 'WG_CLASSIFIER_CLOSED' });
  await daemon.stop();
  await refused;
});

test('what is sent is heard to its end with the pack that it began with', async (t) => {
  const daemon = await startDaemon(t, { model, input, gate: 'off' });
  await daemon.mute(null);
  const samples = voice(16_000, 2);
  let resume = () => {};
  const resumed = new Promise<void>((resolve) => {
    resume = resolve;
  });
  async function* chunks() {
    yield { samples: samples.subarray(0, 16_000), startSample: 0 };
    await resumed;
    yield { samples: samples.subarray(16_000), startSample: 16_000 };
  }
  const report = daemon.detect('sent', chunks());
  await put(daemon.url!, 'second');
  resume();
  const { seconds, scores } = await report;
  assert.deepEqual([seconds, Object.keys(scores)], [2, ['one', 'two']]);
});

test('what is sent keeps three packs from before at most', async (t) => {
  const daemon = await startDaemon(t, { model, input, gate: 'off' });
  await daemon.mute(null);
  let end = () => {};
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  async function* chunks() {
    yield { samples: voice(16_000, 1), startSample: 0 };
    await ended;
  }
  const reports = [];
  for (const id of ['second', 'first', 'second']) {
    reports.push(daemon.detect('sent', chunks()));
    assert.equal((await put(daemon.url!, id)).status, 200);
  }
  const refused = await put(daemon.url!, 'first');
  assert.equal(refused.status, 429);
  assert.match(JSON.stringify(refused.body), /still use 3 model packs from before/);
  end();
  await Promise.all(reports);
  assert.equal((await put(daemon.url!, 'first')).status, 200);
});

test('many changes at once: some wait, the others are asked to try again later, and none begins while it stops', async (t) => {
  const args = ['run', '--model', model, '--input', input, '--port', '0', '--backend', 'wasm'];
  const daemon = new WakegateProcess(t, [...args, '--state-directory', join(folder, 'state')]);
  const url = await daemon.url();
  const ids = Array.from({ length: 200 }, (_, n) => (n % 2 === 0 ? 'second' : 'first'));
  const outcomes = ids.map((id) => put(url, id).catch(() => null));
  const first = await outcomes[0];
  assert.equal(first?.status, 200);
  assert.equal((await fetch(`${url}/healthz`)).status, 200);
  daemon.child.kill('SIGTERM');
  const { code, stdout } = await daemon.finished;
  assert.equal(code, 0);
  const answers = await Promise.all(outcomes);
  const statuses = answers.map((answer) => answer?.status ?? 'none');
  assert.ok(statuses.filter((status) => status === 429).length >= 190, String(statuses));
  assert.match(JSON.stringify(answers.find((answer) => answer?.status === 429)), /4 changes .* are waiting/);
  assert.ok(stdout.split('Listening with model pack').length - 1 < 4, stdout);
});
