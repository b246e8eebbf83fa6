import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { ServiceError, WakegateClient } from '../../../src/client/index.js';
import { startDaemon, wavFile } from '../../support/daemon-fixture.js';
import { fakeRecorders } from '../../support/fake-recorder.js';
import { s16le, voice } from '../../support/signals.js';
import { temporaryFolder } from '../../support/temp-folder.js';
import { makeTinyPack } from '../../support/tiny-pack.js';

const folder = temporaryFolder();
const pack = join(folder, 'pack');
const input = wavFile(folder, 'quiet.wav', new Int16Array(16_000 * 30));
const recorded = join(folder, 'recorded.raw');
/** Alternates between both, so that its level is known: -6.0 dBFS. */
const LOUD = 16_422;

before(async () => {
  await makeTinyPack(pack);
  writeFileSync(recorded, s16le(Int16Array.from({ length: 32_000 }, (_, i) => (i % 2 ? LOUD : -LOUD))));
});

const PACTL = `
if (process.argv.includes('sources')) {
  process.stdout.write('0\\talsa_input.desk\\tmodule\\ts16le 1ch 48000Hz\\tIDLE\\n1\\troom.monitor\\tmodule\\ts16le 2ch 44100Hz\\tIDLE\\n');
}`;

test('microphones are listed, and one that is not in use says how loud it is', async (t) => {
  const fakes = fakeRecorders(t, folder, {
    parec: `play(${JSON.stringify(recorded)}); stay();`,
    pactl: PACTL,
  });
  const daemon = await startDaemon(t, { model: pack, input });
  const client = new WakegateClient({ url: daemon.url! });
  const devices = await client.devices();
  assert.deepEqual(
    devices.map(({ recorder, name, isMonitor, inUse }) => ({ recorder, name, isMonitor, inUse })),
    [
      { recorder: 'parec', name: 'alsa_input.desk', isMonitor: false, inUse: false },
      { recorder: 'parec', name: 'room.monitor', isMonitor: true, inUse: false },
    ],
  );
  const level = await client.deviceLevel({ recorder: 'parec', device: 'alsa_input.desk' });
  assert.ok(fakes.parec.args().some((arg) => arg.includes('alsa_input.desk')));
  assert.ok(Math.abs(level.dbfs! - -6) < 0.1 && Math.abs(level.peakDbfs! - -6) < 0.1, JSON.stringify(level));
  assert.equal(level.seconds, 0.5);
  while (fakes.parec.isRunning()) await new Promise((resolve) => setTimeout(resolve, 10));
});

test('a microphone that cannot be recorded is an error with a sentence, and the next one is tried', async (t) => {
  fakeRecorders(t, folder, { parec: "console.error('no such device'); process.exit(1);" });
  const daemon = await startDaemon(t, { model: pack, input });
  const client = new WakegateClient({ url: daemon.url! });
  for (let time = 0; time < 2; time++) {
    await assert.rejects(client.deviceLevel({ recorder: 'parec', device: 'attic' }), (error) => {
      assert.ok(error instanceof ServiceError);
      assert.match(error.message, /no such device/);
      assert.equal(error.code, 'WG_RECORDER_FAILED');
      return true;
    });
  }
  const wrong = await fetch(`${daemon.url}/v1/devices/level`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ recorder: '/bin/sh' }),
  });
  assert.equal(wrong.status, 400, 'no other program is run');
});

test('the microphone in use has the level of its meter, and no second recorder is started for it', async (t) => {
  const sound = join(folder, 'voice.raw');
  writeFileSync(sound, s16le(voice(16_000, 2)));
  const fakes = fakeRecorders(t, folder, { arecord: `play(${JSON.stringify(sound)}); stay();` });
  const daemon = await startDaemon(t, { model: pack, input: 'mic', recorder: 'arecord' });
  const client = new WakegateClient({ url: daemon.url! });
  while (daemon.status().input.levelDbfs === null) await new Promise((resolve) => setTimeout(resolve, 10));
  const args = fakes.arecord.args();
  const level = await client.deviceLevel({ recorder: 'arecord' });
  assert.deepEqual([level.peakDbfs, level.seconds], [null, 0.1]);
  assert.ok(level.dbfs! < 0);
  assert.deepEqual(fakes.arecord.args(), args);
});

test("the doctor's findings come with the commands that fix them", async (t) => {
  fakeRecorders(t, folder, {});
  const daemon = await startDaemon(t, { model: pack, input });
  const findings = await new WakegateClient({ url: daemon.url! }).doctor();
  const recorder = findings.find(({ about }) => about === 'recorder')!;
  assert.equal(recorder.state, 'wrong');
  assert.match(recorder.fix!, /apt-get install/);
  assert.equal(findings.find(({ about }) => about === 'model')?.state ?? 'right', 'right');
  const port = findings.find(({ about }) => about === 'port')!;
  assert.equal(port.state, 'right', port.says);
});
