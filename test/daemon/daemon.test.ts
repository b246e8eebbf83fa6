import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, type TestContext, test } from 'node:test';
import { Classifier } from '../../src/classifier/index.js';
import type { Daemon } from '../../src/daemon/daemon.js';
import { detectFile } from '../../src/detect-audio.js';
import type { ModelPack } from '../../src/model/index.js';
import type { DaemonEvent } from '../../src/protocol/index.js';
import { startDaemon, wavFile } from '../support/daemon-fixture.js';
import { s16le, voice } from '../support/signals.js';
import { temporaryFolder } from '../support/temp-folder.js';
import { makeTinyPack } from '../support/tiny-pack.js';

const folder = temporaryFolder();
const input = wavFile(folder, 'voice.wav', voice(16_000, 1.5));
let pack: ModelPack;

before(async () => {
  pack = await makeTinyPack(join(folder, 'pack'));
});

test('a file that is played live gives the detections that it gives as fast as it goes', async (t) => {
  const classifier = new Classifier({ pack, backend: 'wasm' });
  t.after(() => classifier.close());
  const { detections } = await detectFile(input, { pack, classifier });
  assert.ok(detections.length > 0, 'there is something to compare');

  const daemon = await startDaemon(t, { model: pack.directory, input });
  const live: { keyword: string; time: number; score: number }[] = [];
  await new Promise<void>((resolve) => {
    daemon.events.on('event', (event) => {
      if (event.type === 'detection') {
        const { keyword, seconds, score } = event;
        live.push({ keyword, time: Number(seconds.toFixed(3)), score: Number(score.toFixed(6)) });
      }
      if (event.type === 'input' && event.state === 'ended') resolve();
    });
  });
  assert.deepEqual(live, detections);
  assert.equal((await fetch(`${daemon.url}/healthz`)).status, 200, 'it keeps serving');
});

test('a microphone that fails is lost, and found again with the time between as a gap', async (t) => {
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  const recorded = join(folder, 'recorded.raw');
  const samples = voice(16_000, 0.4);
  writeFileSync(recorded, s16le(samples));
  // Gives 0.4 s of sound, twice; the first time the device is then unplugged.
  const arecord = `#!${process.execPath}
const fs = require('node:fs');
const isFirst = !fs.existsSync(${JSON.stringify(join(folder, 'unplugged'))});
process.stdout.write(fs.readFileSync(${JSON.stringify(recorded)}), () => {
  if (!isFirst) return setInterval(() => {}, 1000);
  fs.writeFileSync(${JSON.stringify(join(folder, 'unplugged'))}, '');
  console.error('arecord: read error: No such device');
  process.exit(1);
});
`;
  writeFileSync(join(bin, 'arecord'), arecord);
  chmodSync(join(bin, 'arecord'), 0o755);
  const path = process.env.PATH;
  process.env.PATH = bin;
  t.after(() => {
    process.env.PATH = path;
  });

  const daemon = await startDaemon(t, { model: pack.directory, input: 'mic', gate: 'off' });
  const events: DaemonEvent[] = [];
  daemon.ended.catch((error) => assert.fail(error));
  await new Promise<void>((resolve) => {
    daemon.events.on('event', (event) => {
      events.push(event);
      const inputs = events.filter(({ type }) => type === 'input');
      if (event.type === 'gate' && inputs.length === 3) resolve();
    });
  });
  const inputs = events.filter((event) => event.type === 'input');
  assert.deepEqual(
    inputs.map(({ state }) => state),
    ['listening', 'lost', 'restored'],
  );
  assert.match(inputs[1].reason!, /arecord ended with code 1; it said: .*No such device/);
  const { state, gaps, restarts } = daemon.status().input;
  assert.deepEqual({ state, gaps, restarts }, { state: 'restored', gaps: 1, restarts: 1 });
  // The stream was started again, where the clock says that it continues.
  const openings = events.filter((event) => event.type === 'gate' && event.open);
  const [first, second] = openings.map((event) => (event.type === 'gate' ? event.sample : 0));
  assert.ok(second - first > samples.length, `${first} ${second}`);
});

test('it may be stopped more than once, at the same time and later', async (t) => {
  const daemon = await startDaemon(t, { model: pack.directory, input });
  await Promise.all([daemon.stop(), daemon.stop()]);
  await daemon.stop();
});

test('it says that it is alive where no sound is due: while muted, and after the end', async (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] });
  const quiet = wavFile(folder, 'quiet.wav', new Int16Array(1600));
  const daemon = await startDaemon(t, { model: pack.directory, input: quiet });
  await new Promise<void>((resolve) => {
    daemon.events.on('event', (event) => {
      if (event.type === 'input' && event.state === 'ended') resolve();
    });
  });
  assert.equal(beatsInAMinute(t, daemon), 6);

  const muted = await startDaemon(t, { model: pack.directory, input });
  await muted.mute(null);
  assert.equal(beatsInAMinute(t, muted), 6);
  muted.unmute();
  assert.equal(
    beatsInAMinute(t, muted),
    0,
    'sound is due again, and none comes while the test has the thread',
  );
});

function beatsInAMinute(t: TestContext, daemon: Daemon): number {
  let beats = 0;
  daemon.onAlive = () => beats++;
  t.mock.timers.tick(60_000);
  return beats;
}
