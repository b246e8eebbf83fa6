import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { Subscriber, startDaemon, wavFile } from '../../support/daemon-fixture.js';
import { s16le, voice } from '../../support/signals.js';
import { temporaryFolder } from '../../support/temp-folder.js';
import { makeTinyPack } from '../../support/tiny-pack.js';

const folder = temporaryFolder();
const pack = join(folder, 'pack');
const long = wavFile(folder, 'long.wav', voice(16_000, 30));

before(async () => {
  await makeTinyPack(pack);
});

/** Puts an arecord on the PATH that gives a voice at real-time pace, and writes its process id down. */
function installRecorder(t: { after(fn: () => void): void }): string {
  const bin = join(folder, 'bin');
  mkdirSync(bin, { recursive: true });
  const sound = join(folder, 'sound.raw');
  const pidFile = join(folder, 'recorder.pid');
  writeFileSync(sound, s16le(voice(16_000, 1)));
  const script = `#!${process.execPath}
const fs = require('node:fs');
const sound = fs.readFileSync(${JSON.stringify(sound)});
fs.writeFileSync(${JSON.stringify(pidFile)}, String(process.pid));
process.stdout.on('error', () => process.exit(1));
let at = 0;
setInterval(() => {
  process.stdout.write(sound.subarray(at, at + 2560));
  at = (at + 2560) % 28160;
}, 80);
`;
  writeFileSync(join(bin, 'arecord'), script);
  chmodSync(join(bin, 'arecord'), 0o755);
  const path = process.env.PATH;
  process.env.PATH = bin;
  t.after(() => {
    process.env.PATH = path;
  });
  return pidFile;
}

const isRunning = (pid: number) => existsSync(`/proc/${pid}`);
const post = async (url: string) => (await fetch(url, { method: 'POST' })).json();

test('muting ends the recorder and says so; unmuting records again, with the time between as a gap', async (t) => {
  const pidFile = installRecorder(t);
  const daemon = await startDaemon(t, { model: pack, input: 'mic', recorder: 'arecord' });
  daemon.ended.catch((error) => assert.fail(error));
  const subscriber = new Subscriber(t, daemon.url!);
  if (daemon.status().input.state !== 'listening') {
    await subscriber.message('input', ({ state }) => state === 'listening');
  }
  assert.equal((await fetch(`${daemon.url}/readyz`)).status, 200);
  const pid = Number(readFileSync(pidFile, 'utf8'));
  assert.ok(isRunning(pid));

  assert.deepEqual(await post(`${daemon.url}/v1/mute`), { muted: true, mutedUntil: null });
  assert.ok(!isRunning(pid), 'when it is answered the recorder is gone');
  const { sequence } = await subscriber.message('input', ({ state }) => state === 'muted');
  assert.equal(daemon.status().input.levelDbfs, null);
  assert.equal((await fetch(`${daemon.url}/readyz`)).status, 200, 'muted is not a fault');

  assert.deepEqual(await post(`${daemon.url}/v1/unmute`), { muted: false, mutedUntil: null });
  await subscriber.message('input', (event) => event.state === 'listening' && event.sequence > sequence);
  assert.notEqual(Number(readFileSync(pidFile, 'utf8')), pid);
  assert.equal(daemon.status().input.gaps, 1);
  assert.equal(daemon.status().input.restarts, 0, 'it was never lost');
});

test('muting for some seconds ends by itself; muting again without them does not', async (t) => {
  const daemon = await startDaemon(t, { model: pack, input: long });
  const subscriber = new Subscriber(t, daemon.url!);
  await subscriber.message('snapshot');
  const { muted, mutedUntil } = (await post(`${daemon.url}/v1/mute?seconds=2`)) as {
    muted: boolean;
    mutedUntil: string;
  };
  assert.ok(muted);
  assert.ok(Math.abs(Date.parse(mutedUntil) - Date.now()) < 10_000);
  assert.equal(daemon.status().input.mutedUntil, mutedUntil);
  const { sequence } = await subscriber.message('input', ({ state }) => state === 'muted');
  await subscriber.message('input', (event) => event.state === 'listening' && event.sequence > sequence);

  await post(`${daemon.url}/v1/mute?seconds=1000`);
  assert.deepEqual(await post(`${daemon.url}/v1/mute`), { muted: true, mutedUntil: null });
});

test('what plays in the room mutes for a time, and unmutes nothing that people have muted', async (t) => {
  const daemon = await startDaemon(t, { model: pack, input: long });
  const muted = async (path: string) => ((await post(`${daemon.url}${path}`)) as { muted: boolean }).muted;
  assert.ok(await muted('/v1/mute?seconds=600&by=tv'));
  assert.ok(await muted('/v1/mute'));
  assert.ok(await muted('/v1/unmute?by=tv'));
  assert.ok(!(await muted('/v1/unmute')));
  assert.ok(await muted('/v1/mute?seconds=600&by=media_player.tv'));
  assert.ok(!(await muted('/v1/unmute?by=media_player.tv')));
  for (const query of ['by=tv', 'seconds=5&by=', 'seconds=5&by=a%20b']) {
    assert.equal((await fetch(`${daemon.url}/v1/mute?${query}`, { method: 'POST' })).status, 400, query);
  }
});

test('what is played while it is muted is not heard', async (t) => {
  const daemon = await startDaemon(t, { model: pack, input: long, gate: 'off' });
  await post(`${daemon.url}/v1/mute`);
  const { calls } = daemon.energy().stages.features;
  await new Promise((resolve) => setTimeout(resolve, 300));
  assert.equal(daemon.energy().stages.features.calls, calls);
});

test('a time that cannot be is refused', async (t) => {
  const daemon = await startDaemon(t, { model: pack, input: long });
  for (const seconds of ['0', '-1', 'soon', '1e9']) {
    const answer = await fetch(`${daemon.url}/v1/mute?seconds=${seconds}`, { method: 'POST' });
    assert.equal(answer.status, 400, seconds);
  }
  assert.notEqual(daemon.status().input.state, 'muted');
});
