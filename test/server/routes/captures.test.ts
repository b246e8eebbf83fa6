import assert from 'node:assert/strict';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { Value } from '@sinclair/typebox/value';
import { pino } from 'pino';
import { readAudioFile } from '../../../src/audio/index.js';
import type { Daemon } from '../../../src/daemon/daemon.js';
import type { Capture } from '../../../src/protocol/index.js';
import { DetectReportSchema } from '../../../src/protocol/schemas/index.js';
import { Subscriber, startDaemon, wavFile } from '../../support/daemon-fixture.js';
import { voice } from '../../support/signals.js';
import { temporaryFolder } from '../../support/temp-folder.js';
import { makeTinyPack } from '../../support/tiny-pack.js';

const folder = temporaryFolder();
const pack = join(folder, 'pack');
const opening = join(folder, 'opening-pack');
const sound = voice(16_000, 2);
const input = wavFile(folder, 'voice.wav', sound);
/** The first detection of `one`, whose window is 0.8 s, is a matter of time. */
const EAGER = { gate: 'off', keywords: { one: { threshold: 0.01 }, two: { enabled: false } } } as const;

before(async () => {
  await makeTinyPack(pack);
  cpSync(pack, opening, { recursive: true });
  const path = join(opening, 'pack.json');
  const manifest = JSON.parse(readFileSync(path, 'utf8'));
  manifest.gate.threshold = 0.6; // silence scores less, and some of the voice more
  writeFileSync(path, JSON.stringify(manifest));
});

async function ask(url: string, method = 'GET', body?: unknown): Promise<{ status: number; body: never }> {
  const answer = await fetch(url, {
    method,
    ...(body !== undefined && {
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    }),
  });
  const text = await answer.text();
  return { status: answer.status, body: (text && JSON.parse(text)) as never };
}

/** Resolves once there are so many captures. */
async function captured(daemon: Daemon, count: number): Promise<Capture[]> {
  for (;;) {
    const captures = await daemon.captures.store.list();
    if (captures.length >= count) return captures;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

const ended = (daemon: Daemon) =>
  new Promise<void>((resolve) => {
    daemon.events.on('event', (event) => event.type === 'input' && event.state === 'ended' && resolve());
  });

test('what was detected is kept as it sounded, is served, labelled and removed', async (t) => {
  const daemon = await startDaemon(t, { model: pack, input, captures: 'on', ...EAGER });
  const url = `${daemon.url}/v1/captures`;
  const subscriber = new Subscriber(t, daemon.url!);
  const { sample } = await subscriber.message('detection');
  await captured(daemon, 1);
  const { body } = await ask(url);
  const { enabled, fault, captures } = body as { enabled: boolean; fault: null; captures: Capture[] };
  assert.deepEqual([enabled, fault], [true, null]);
  const capture = captures.at(-1)!;
  assert.deepEqual([capture.kind, capture.keyword, capture.model], ['detection', 'one', 'tiny']);

  const answer = await fetch(`${url}/${capture.id}.wav`);
  assert.equal(answer.headers.get('content-type'), 'audio/wav');
  const path = join(folder, 'capture.wav');
  writeFileSync(path, new Uint8Array(await answer.arrayBuffer()));
  const expected = sound.subarray(Math.max(0, sample - 0.8 * 16_000 - 32_000), sample + 16_000);
  assert.deepEqual(await readAudioFile(path), expected.slice());

  const labelled = { ...capture, label: 'other', word: 'won' };
  assert.deepEqual(
    (await ask(`${url}/${capture.id}/label`, 'POST', { label: 'other', word: 'won' })).body,
    labelled,
  );
  assert.deepEqual((await ask(`${url}/${capture.id}`)).body, labelled);
  for (const wrong of [{}, { label: 'maybe' }, { label: 'other' }, { label: 'right', word: 'x' }, []]) {
    assert.equal((await ask(`${url}/${capture.id}/label`, 'POST', wrong)).status, 400, JSON.stringify(wrong));
  }
  assert.equal((await ask(`${url}/${capture.id}`, 'DELETE')).status, 204);
  assert.equal((await ask(`${url}/${capture.id}.wav`)).status, 404);
  assert.equal((await ask(url, 'DELETE')).status, 204);
  assert.deepEqual(((await ask(url)).body as { captures: unknown[] }).captures, []);
});

test('a near miss is kept: the gate opened, the score was over the floor, nothing was detected', async (t) => {
  const longer = new Int16Array(16_000 * 5);
  longer.set(sound.subarray(0, 16_000));
  const daemon = await startDaemon(t, {
    model: opening,
    input: wavFile(folder, 'then-silence.wav', longer),
    captures: 'on',
    captureFloor: 0.01,
    keywords: { one: { threshold: 1 }, two: { enabled: false } },
  });
  const [capture] = await captured(daemon, 1);
  assert.deepEqual([capture.kind, capture.keyword], ['near-miss', 'one']);
  assert.ok(capture.score >= 0.01 && capture.seconds > 0);
});

test('while captures are off there is nothing of them, and turning them on or off lasts', async (t) => {
  const stateDirectory = join(folder, 'lasting');
  const config = { model: pack, input, stateDirectory, ...EAGER };
  const first = await startDaemon(t, config);
  const url = `${first.url}/v1/captures`;
  await ended(first);
  assert.ok(!existsSync(join(stateDirectory, 'captures')), 'nothing was kept');
  assert.equal(((await ask(url)).body as { enabled: boolean }).enabled, false);
  for (const wrong of [{}, { enabled: 'yes' }, { enabled: true, count: 3 }]) {
    assert.equal((await ask(url, 'PATCH', wrong)).status, 400);
  }
  const { status, body } = await ask(url, 'PATCH', { enabled: true });
  assert.deepEqual([status, (body as { enabled: boolean }).enabled], [200, true]);
  await first.stop();

  const second = await startDaemon(t, config);
  await captured(second, 1);
  await ask(`${second.url}/v1/captures`, 'PATCH', { enabled: false });
  await second.stop();
  const third = await startDaemon(t, { ...config, captures: 'on' });
  assert.equal(third.captures.enabled, false, 'what was changed while it ran overrides the configuration');
  assert.ok((await third.captures.store.list()).length > 0, 'and what was kept is still there');
  await ask(`${third.url}/v1/captures`, 'PATCH', { enabled: null });
  assert.equal(third.captures.enabled, true);
});

test('a folder that cannot be written to is reported, and listening continues', async (t) => {
  const stateDirectory = join(folder, 'blocked');
  const log: string[] = [];
  const logger = pino({ level: 'warn' }, { write: (line: string) => void log.push(line) });
  mkdirSync(stateDirectory);
  writeFileSync(join(stateDirectory, 'captures'), 'in the way');
  const config = { model: pack, input, stateDirectory, captures: 'on', ...EAGER } as const;
  const daemon = await startDaemon(t, config, logger);
  await ended(daemon);
  while (daemon.captures.fault === null) await new Promise((resolve) => setTimeout(resolve, 20));
  const told = log.filter((line) => line.includes('What was heard is not kept'));
  assert.equal(told.length, 1, 'once, not for each');
  assert.equal((await fetch(`${daemon.url}/readyz`)).status, 200);
  assert.ok(daemon.status().gate.passed > 0);
  assert.match(JSON.stringify((await ask(`${daemon.url}/v1/captures`)).body), /cannot be read or written/);
});

test('no name leads out of the folder of captures', async (t) => {
  const stateDirectory = join(folder, 'traversal');
  const daemon = await startDaemon(t, { model: pack, input, stateDirectory });
  await daemon.captures.enable(true); // writes captures.json next to the folder
  for (const name of [
    '..%2fcaptures.json',
    '..%2fcaptures',
    '%2e%2e%2fcaptures.wav',
    '....//captures.wav',
    '/etc/passwd',
    '%2fetc%2fpasswd',
    '..%5ccaptures',
    'a%00.wav',
  ]) {
    for (const method of ['GET', 'DELETE']) {
      const { status } = await ask(`${daemon.url}/v1/captures/${name}`, method);
      assert.ok(status === 400 || status === 404, `${method} ${name}: ${status}`);
    }
  }
  assert.ok(readdirSync(stateDirectory).includes('captures.json'));
});

test('a capture is heard again: with its scores over time, other thresholds, and another pack', async (t) => {
  const daemon = await startDaemon(t, { model: pack, input, captures: 'on', ...EAGER });
  const [{ id }] = await captured(daemon, 1);
  const track = async (query = '') => {
    const { status, body } = await ask(`${daemon.url}/v1/captures/${id}/track${query}`);
    assert.equal(status, 200);
    return Value.Parse(DetectReportSchema, body);
  };
  const report = await track();
  assert.ok(report.detections.some(({ keyword }) => keyword === 'one'));
  assert.ok(report.track!.positions.length > 0 && report.track!.gate.scores.length > 0);
  assert.deepEqual([report.model, report.thresholds], ['tiny', { one: 0.01 }]);
  assert.deepEqual((await track('?thresholds=one:1')).detections, []);
  const other = await track('?model=opening-pack');
  assert.deepEqual(other.track!.gate.threshold, 0.6);
  assert.equal((await ask(`${daemon.url}/v1/captures/20260101-000000-00000000/track`)).status, 404);
});
