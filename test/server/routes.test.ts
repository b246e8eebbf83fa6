import assert from 'node:assert/strict';
import { once } from 'node:events';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { Value } from '@sinclair/typebox/value';
import WebSocket from 'ws';
import { EnergySchema } from '../../src/server/energy.js';
import { ErrorSchema } from '../../src/server/errors.js';
import { StatusSchema } from '../../src/server/status.js';
import { voice } from '../audio/signals.js';
import { temporaryFolder } from '../audio/temp-folder.js';
import { makeTinyPack } from '../tiny-pack.js';
import { startDaemon, wavFile } from './daemon-fixture.js';

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
  assert.deepEqual(after.input, { name: input, state: 'ended', reason: null, problem: null });
  assert.equal(after.gate.stopRate, 0);
  assert.equal(after.classifier.backend, 'wasm');
  assert.equal(after.model.name, 'tiny');
  assert.deepEqual(after.keywords, [
    { name: 'one', threshold: 0.01, patience: 1 },
    { name: 'two', threshold: 0.6, patience: 2 },
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

test('plain HTTP to /v1/events is told to upgrade', async (t) => {
  const { url } = await startDaemon(t, { model: pack, input });
  const answer = await fetch(`${url}/v1/events`);
  assert.equal(answer.status, 426);
  assert.equal(answer.headers.get('upgrade'), 'websocket');
  assert.match(Value.Parse(ErrorSchema, await answer.json()).error.message, /WebSocket/);
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
