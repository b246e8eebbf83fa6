import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, type TestContext, test } from 'node:test';
import WebSocket from 'ws';
import { writeWav } from '../../src/audio/index.js';
import type { Status } from '../../src/protocol/index.js';
import { type LoadedScripts, loadedScripts } from '../support/inspect.js';
import { temporaryFolder } from '../support/temp-folder.js';
import { makeTinyPack } from '../support/tiny-pack.js';
import { WakegateProcess } from '../support/wakegate-process.js';

const folder = temporaryFolder();
const noise = join(folder, 'noise.wav');
const openPack = join(folder, 'open');
const closedPack = join(folder, 'closed');

before(async () => {
  const samples = Int16Array.from({ length: 16_000 }, () => Math.round(60 * (Math.random() - 0.5)));
  writeFileSync(noise, writeWav(samples, 16_000));
  await makeTinyPack(openPack);
  await makeTinyPack(closedPack);
  // A probability of 1 is never reached, so this gate stays shut.
  const manifest = JSON.parse(readFileSync(join(closedPack, 'pack.json'), 'utf8'));
  manifest.gate.threshold = 1;
  writeFileSync(join(closedPack, 'pack.json'), JSON.stringify(manifest));
});

/** The daemon once it has heard all of the noise: its status, and the scripts that its threads have loaded. */
async function afterNoise(t: TestContext, args: readonly string[]): Promise<[Status, LoadedScripts]> {
  const daemon = new WakegateProcess(
    t,
    ['run', '--input', noise, '--port', '0', '--backend', 'wasm', ...args],
    { nodeFlags: ['--inspect=127.0.0.1:0'] },
  );
  const [, inspector] = await daemon.stderrMatch(/Debugger listening on (ws:\S+)/);
  const url = await daemon.url();
  await daemon.logLine(({ msg }) => msg.endsWith('has been heard'));
  const status = (await (await fetch(`${url}/v1/status`)).json()) as Status;
  return [status, await loadedScripts(inspector)];
}

/** Packages that the daemon can do without while it sleeps, and that take megabytes each. */
const HEAVY =
  /node_modules\/(?:@sinclair\/typebox|ajv|yaml|@alexanderolsen|fast-json-stringify\/index|@fastify\/ajv-compiler|mpg123-decoder|mqtt-packet|bonjour-service|opus-decoder|@wasm-audio-decoders)/;

const ofTensorFlow = (urls: readonly string[]) => urls.filter((url) => /tfjs|tensorflow/i.test(url));

test('on quiet noise no worker is started and nothing of TensorFlow.js is loaded', async (t) => {
  const [status, scripts] = await afterNoise(t, ['--model', closedPack]);
  assert.equal(status.gate.stopRate, 1);
  assert.ok(status.gate.maxScore > 0, 'the gate has listened');
  assert.equal(status.classifier.wakes, 0);
  assert.equal(status.classifier.state, 'asleep');
  assert.deepEqual(scripts.workers, []);
  assert.ok(scripts.main.some((url) => url.endsWith('/src/pipeline.js')));
  assert.deepEqual(ofTensorFlow(scripts.main), []);
  assert.deepEqual(
    scripts.main.filter((url) => HEAVY.test(url)),
    [],
  );
});

test('the same look at a daemon whose gate is off finds the worker, and TensorFlow.js in it only', async (t) => {
  const [status, scripts] = await afterNoise(t, [
    '--model',
    openPack,
    '--gate',
    'off',
    '--idle-seconds',
    '600',
  ]);
  assert.equal(status.classifier.wakes, 1);
  assert.equal(scripts.workers.length, 1);
  assert.notDeepEqual(ofTensorFlow(scripts.workers[0]), []);
  assert.deepEqual(ofTensorFlow(scripts.main), []);
});

test('bodies and streams at other rates are decoded on a thread of their own', async (t) => {
  const daemon = new WakegateProcess(
    t,
    ['run', '--input', noise, '--port', '0', '--backend', 'wasm', '--model', closedPack],
    { nodeFlags: ['--inspect=127.0.0.1:0'] },
  );
  const [, inspector] = await daemon.stderrMatch(/Debugger listening on (ws:\S+)/);
  const url = await daemon.url();
  const body = writeWav(new Int16Array(44_100), 44_100);
  const answer = await fetch(`${url}/v1/detect`, {
    method: 'POST',
    headers: { 'content-type': 'audio/wav' },
    body,
  });
  assert.equal(answer.status, 200);
  const socket = new WebSocket(`${url.replace('http', 'ws')}/v1/listen?rate=8000`);
  await once(socket, 'open');
  socket.send(Buffer.alloc(16_000));
  socket.send(JSON.stringify({ type: 'finish' }));
  const [finished] = await once(socket, 'message');
  assert.equal(JSON.parse(String(finished)).seconds, 1);
  const { main, workers } = await loadedScripts(inspector);
  assert.deepEqual(
    main.filter((script) => HEAVY.test(script)),
    [],
  );
  const decoding = workers.filter((urls) => urls.some((url) => url.endsWith('/audio/decoding/worker.js')));
  assert.equal(decoding.length, 2);
});
