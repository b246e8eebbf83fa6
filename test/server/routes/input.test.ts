import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { before, type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { ServiceError, WakegateClient } from '../../../src/client/index.js';
import { type Config, defaultConfig } from '../../../src/config/index.js';
import type { Daemon } from '../../../src/daemon/daemon.js';
import { makeDaemon, Subscriber, startDaemon, wavFile } from '../../support/daemon-fixture.js';
import { fakeRecorders } from '../../support/fake-recorder.js';
import { temporaryFolder } from '../../support/temp-folder.js';
import { makeTinyPack } from '../../support/tiny-pack.js';

const folder = temporaryFolder();
const pack = join(folder, 'pack');
/** Only one program at a time may listen on this socket, which stands for a device of that kind. */
const CARD = `\0${folder}`;

before(() => makeTinyPack(pack));

/**
 * An arecord for a desk at -6 dBFS, a sofa at -26 and an attic that is not there. "card" and "card-again" are one device that
 * only one program may open; what it hears is at -46 dBFS.
 */
const ARECORD = `
if (argv.includes('-l')) process.exit(0);
const device = (argv.find((arg) => arg.startsWith('--device=')) ?? '').slice(9);
const fail = (says) => { console.error('arecord: main:831: audio open error: ' + says); process.exit(1); };
const amplitudes = { '': 1642, desk: 16422, sofa: 1642, card: 164, 'card-again': 164 };
if (!(device in amplitudes)) fail('No such file or directory');
const hear = () => {
const piece = Buffer.alloc(2560);
for (let i = 0; i < 1280; i++) piece.writeInt16LE(i % 2 ? amplitudes[device] : -amplitudes[device], 2 * i);
const beganMs = Date.now();
let sent = 0;
setInterval(() => {
  for (; sent < (Date.now() - beganMs) / 80; sent++) process.stdout.write(piece);
}, 40);
};
if (!device.startsWith('card')) hear();
else require('node:net').createServer().listen(${JSON.stringify(CARD)}, hear).on('error', () => fail('Device or resource busy'));
`;

async function listening(t: TestContext, config: Partial<Config> = {}) {
  const { arecord } = fakeRecorders(t, folder, { arecord: ARECORD });
  const daemon = await startDaemon(t, { model: pack, input: 'mic', recorder: 'arecord', ...config });
  return { arecord, daemon, client: new WakegateClient({ url: daemon.url! }) };
}

/** Waits until the daemon hears sound of about that level. */
async function hears(daemon: Daemon, dbfs: number): Promise<void> {
  for (;;) {
    const { state, levelDbfs } = daemon.status().input;
    const isHeard = state === 'listening' || state === 'restored';
    if (isHeard && levelDbfs !== null && Math.abs(levelDbfs - dbfs) < 1) return;
    await sleep(20);
  }
}

async function refused(call: Promise<unknown>, code: string, says: RegExp, status: number): Promise<void> {
  await assert.rejects(call, (error) => {
    assert.ok(error instanceof ServiceError);
    assert.deepEqual([error.code, error.status], [code, status], error.message);
    assert.match(error.message, says);
    return true;
  });
}

test('another microphone is listened to at once, with its level, and its name goes out as an event', async (t) => {
  const { daemon, client, arecord } = await listening(t, { device: 'sofa' });
  await hears(daemon, -26);
  assert.deepEqual(await client.microphone(), {
    name: 'microphone (arecord, sofa)',
    recorder: 'arecord',
    device: 'sofa',
    isChosen: false,
  });
  const subscriber = new Subscriber(t, daemon.url!);
  await subscriber.message('snapshot');
  const { device, isChosen } = await client.chooseMicrophone({ recorder: 'arecord', device: 'desk' });
  assert.deepEqual([device, isChosen], ['desk', true]);
  const { name } = await subscriber.message('input', ({ state }) => state === 'listening');
  assert.equal(name, 'microphone (arecord, desk)');
  await hears(daemon, -6);
  assert.ok(arecord.args().includes('--device=desk'));
  assert.equal((await client.deviceLevel({ device: 'desk' })).peakDbfs, null, 'it is the one in use');
  assert.equal(daemon.status().input.restarts, 0, 'nothing was lost');
  assert.deepEqual(daemon.status().problems, []);
});

test('one that gives no sound is refused with a sentence, and the one before is listened to all the while', async (t) => {
  const { daemon, client } = await listening(t, { device: 'sofa' });
  await hears(daemon, -26);
  const { sequence } = daemon.events;
  await refused(client.chooseMicrophone({ device: 'attic' }), 'WG_RECORDER_FAILED', /device is missing/, 422);
  await refused(client.chooseMicrophone({ recorder: 'sox' }), 'WG_RECORDER_MISSING', /no sox was found/, 422);
  await refused(client.chooseMicrophone({ device: 'desk|sh' }), 'WG_USAGE', /not the name of a device/, 400);
  assert.equal((await client.microphone()).device, 'sofa');
  assert.deepEqual(
    daemon.events.since(sequence).filter(({ type }) => type === 'input'),
    [],
  );
  await hears(daemon, -26);
});

test('a choice outlives the daemon, and the settings count again when it is taken back', async (t) => {
  fakeRecorders(t, folder, { arecord: ARECORD });
  const stateDirectory = join(folder, 'state');
  mkdirSync(stateDirectory);
  const config = { model: pack, input: 'mic', recorder: 'arecord', device: 'sofa', stateDirectory } as const;
  const first = await makeDaemon(config);
  await new WakegateClient({ url: first.daemon.url! }).chooseMicrophone({ device: 'desk' });
  await first.end();
  const second = await makeDaemon(config);
  await hears(second.daemon, -6);
  const client = new WakegateClient({ url: second.daemon.url! });
  assert.equal((await client.microphone()).isChosen, true);
  assert.deepEqual(
    second.daemon.reconfigure({ ...defaultConfig(), backend: 'wasm', port: 0, logLevel: 'silent', ...config })
      .atRestart,
    [],
  );
  const { device, isChosen } = await client.chooseMicrophone(null);
  assert.deepEqual([device, isChosen], ['sofa', false]);
  await hears(second.daemon, -26);
  await second.end();
  const third = await startDaemon(t, config);
  await hears(third, -26);
});

test('while it is muted nothing is recorded for a choice, which is listened to when it is unmuted', async (t) => {
  const { daemon, client, arecord } = await listening(t, { device: 'sofa' });
  await hears(daemon, -26);
  await client.mute();
  assert.ok(!arecord.isRunning());
  const { name } = await client.chooseMicrophone({ device: 'desk' });
  assert.equal(name, 'microphone (arecord, desk)');
  assert.equal(daemon.status().input.state, 'muted');
  assert.ok(!arecord.isRunning());
  assert.ok(arecord.args().includes('--device=sofa'), 'none was started');
  await client.unmute();
  await hears(daemon, -6);
});

test('a device that only one program may open is released for another name of it, and taken back where that fails', async (t) => {
  const { daemon, client } = await listening(t, { device: 'card' });
  await hears(daemon, -46);
  const { device } = await client.chooseMicrophone({ device: 'card-again' });
  assert.equal(device, 'card-again');
  await hears(daemon, -46);
  await client.chooseMicrophone({ device: 'sofa' });
  await hears(daemon, -26);
  // By another program, from now on.
  const taken = createServer();
  t.after(() => taken.close());
  await once(taken.listen(CARD), 'listening');
  await refused(client.chooseMicrophone({ device: 'card' }), 'WG_RECORDER_FAILED', /busy/, 422);
  assert.equal((await client.microphone()).device, 'sofa');
  await hears(daemon, -26);
});

test('a mute during a trial ends the recorder that is tried too', async (t) => {
  const { arecord, parec } = fakeRecorders(t, folder, { arecord: ARECORD, parec: 'stay();' });
  const daemon = await startDaemon(t, { model: pack, input: 'mic', recorder: 'arecord', device: 'sofa' });
  const client = new WakegateClient({ url: daemon.url! });
  await hears(daemon, -26);
  const choosing = client.chooseMicrophone({ recorder: 'parec' });
  while (!parec.isRunning()) await sleep(10);
  await refused(client.chooseMicrophone({ device: 'desk' }), 'WG_BUSY', /is being tried/, 429);
  await client.mute();
  assert.ok(!parec.isRunning() && !arecord.isRunning());
  await choosing.catch(() => {});
});

test('where there was no microphone at the start, one takes the place of the bundled sample', async (t) => {
  fakeRecorders(t, folder, { arecord: ARECORD });
  const daemon = await startDaemon(t, { model: pack, input: 'auto', recorder: 'auto' });
  const client = new WakegateClient({ url: daemon.url! });
  while (daemon.status().input.state !== 'listening') await sleep(20);
  assert.match((await client.microphone()).name, /demo\.wav$/);
  await client.chooseMicrophone({ recorder: 'arecord', device: 'desk' });
  await hears(daemon, -6);
  assert.equal(daemon.status().input.name, 'microphone (arecord, desk)');
});

test('an input that is no microphone stays what the settings say', async (t) => {
  fakeRecorders(t, folder, { arecord: ARECORD });
  const input = wavFile(folder, 'quiet.wav', new Int16Array(16_000 * 30));
  const daemon = await startDaemon(t, { model: pack, input });
  const client = new WakegateClient({ url: daemon.url! });
  const refusal = client.chooseMicrophone({ recorder: 'arecord', device: 'desk' });
  await refused(refusal, 'WG_REQUEST_INVALID', /set input to mic/, 400);
});
