import assert from 'node:assert/strict';
import { once } from 'node:events';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { Value } from '@sinclair/typebox/value';
import WebSocket from 'ws';
import { EnergySchema, ErrorSchema, StatusSchema } from '../../src/protocol/schemas/index.js';
import { startDaemon, wavFile } from '../support/daemon-fixture.js';
import { voice } from '../support/signals.js';
import { temporaryFolder } from '../support/temp-folder.js';
import { makeTinyPack } from '../support/tiny-pack.js';

const folder = temporaryFolder();
const pack = join(folder, 'pack');
const input = wavFile(folder, 'voice.wav', voice(16_000, 0.5));

before(async () => {
  await makeTinyPack(pack);
});

async function getJson(url: string): Promise<unknown> {
  const answer = await fetch(url);
  assert.equal(answer.status, 200);
  assert.match(answer.headers.get('content-type')!, /^application\/json/);
  return answer.json();
}

test('/healthz answers that the daemon is alive', async (t) => {
  const { url } = await startDaemon(t, { model: pack, input });
  assert.deepEqual(await getJson(`${url}/healthz`), { status: 'ok' });
});

test('/v1/status and /v1/energy are as their schemas say, before the classifier has been awake and after', async (t) => {
  const keywords = { one: { threshold: 0.01 } };
  const daemon = await startDaemon(t, { model: pack, input, gate: 'off', keywords });
  const before = Value.Parse(StatusSchema, await getJson(`${daemon.url}/v1/status`));
  const energyBefore = Value.Parse(EnergySchema, await getJson(`${daemon.url}/v1/energy`));
  assert.equal(before.gate.stopRate, null);
  assert.equal(before.classifier.state, 'asleep');
  assert.equal(energyBefore.saved, null);

  await new Promise<void>((resolve) => {
    daemon.events.on('event', (event) => event.type === 'input' && event.state === 'ended' && resolve());
  });
  const after = Value.Parse(StatusSchema, await getJson(`${daemon.url}/v1/status`));
  assert.equal(after.input.name, input);
  assert.equal(after.input.state, 'ended');
  assert.equal(after.input.gaps, 0);
  assert.ok(after.input.levelDbfs! > -40 && after.input.levelDbfs! < 0);
  assert.equal(after.input.problem, null);
  assert.equal(after.gate.stopRate, 0);
  assert.equal(after.classifier.backend, 'wasm');
  assert.equal(after.model.name, 'tiny');
  const unchanged = { enabled: true, changed: false, own: null };
  assert.deepEqual(after.keywords, [
    { ...unchanged, name: 'one', label: 'one', threshold: 0.01, patience: 1, defaultThreshold: 0.01 },
    { ...unchanged, name: 'two', label: 'two', threshold: 0.6, patience: 2, defaultThreshold: 0.6 },
  ]);
  const energy = Value.Parse(EnergySchema, await getJson(`${daemon.url}/v1/energy`));
  assert.equal(energy.stages.capture.bytesIn, 16_000);
  assert.equal(energy.stages.classifier.calls, after.classifier.answered);
  assert.ok(energy.stages.classifier.calls > 0);
  assert.ok(energy.saved !== null);
});

test('what is not there is answered with a sentence', async (t) => {
  const { url } = await startDaemon(t, { model: pack, input });
  const answer = await fetch(`${url}/v1/nothing`);
  assert.equal(answer.status, 404);
  const { error } = Value.Parse(ErrorSchema, await answer.json());
  assert.equal(error.code, 'WG_REQUEST_INVALID');
  assert.match(error.message, /GET \/v1\/nothing/);
});

test('a malformed request is answered as such, not as a fault of the server', async (t) => {
  const { url } = await startDaemon(t, { model: pack, input });
  const answer = await fetch(`${url}/%zz`);
  assert.equal(answer.status, 400);
  assert.equal(Value.Parse(ErrorSchema, await answer.json()).error.code, 'WG_REQUEST_INVALID');
});

test('a WebSocket to anywhere else is closed at once, and the server lives on', async (t) => {
  const { url } = await startDaemon(t, { model: pack, input });
  const socket = new WebSocket(`${url!.replace('http', 'ws')}/healthz`);
  await once(socket, 'close');
  assert.deepEqual(await getJson(`${url}/healthz`), { status: 'ok' });
});

test('stopping closes connections that are kept alive', async (t) => {
  const daemon = await startDaemon(t, { model: pack, input });
  await getJson(`${daemon.url}/healthz`); // fetch keeps its connection
  await daemon.stop();
  await assert.rejects(fetch(`${daemon.url}/healthz`));
});

test('/v1/energy reports the last minute and hour too, and a reset counts from nothing', async (t) => {
  const daemon = await startDaemon(t, { model: pack, input });
  await new Promise<void>((resolve) => {
    daemon.events.on('event', (event) => event.type === 'input' && event.state === 'ended' && resolve());
  });
  const before = Value.Parse(EnergySchema, await getJson(`${daemon.url}/v1/energy`));
  assert.ok(before.stages.features.calls > 0);
  assert.equal(before.lastMinute.stages.features.calls, before.stages.features.calls);
  assert.equal((await fetch(`${daemon.url}/v1/energy/reset`, { method: 'POST' })).status, 204);
  const after = Value.Parse(EnergySchema, await getJson(`${daemon.url}/v1/energy`));
  assert.equal(after.stages.features.calls, 0);
  assert.equal(after.lastHour.stages.features.calls, 0);
});

test('/readyz says why nothing can be detected', async (t) => {
  const daemon = await startDaemon(t, { model: pack, input: join(folder, 'missing.wav') });
  await assert.rejects(daemon.ended, { code: 'WG_INPUT_NOT_FOUND' });
  const answer = await fetch(`${daemon.url}/readyz`);
  assert.equal(answer.status, 503);
  const { error } = Value.Parse(ErrorSchema, await answer.json());
  assert.equal(error.code, 'WG_NOT_READY');
  assert.match(error.message, /missing\.wav/);
});
