import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { defaultConfig } from '../../src/config/index.js';
import { checkExtractors, compareExtractors, judgeExtractors } from '../../src/doctor/extractors.js';
import type { Finding } from '../../src/doctor/index.js';
import { checkClock, checkMemory, checkNode } from '../../src/doctor/machine.js';
import { checkDevices, checkPermission, checkRecorders, judgeLevel } from '../../src/doctor/microphone.js';
import { checkModel, checkPort } from '../../src/doctor/parts.js';
import { type Extractor, openExtractor } from '../../src/features/index.js';
import { startDaemon, wavFile } from '../support/daemon-fixture.js';
import { fakeRecorders, programsOnPath } from '../support/fake-recorder.js';
import { s16le, voice } from '../support/signals.js';
import { temporaryFolder } from '../support/temp-folder.js';
import { makeTinyPack } from '../support/tiny-pack.js';
import { wakegate } from '../support/wakegate-process.js';

const folder = temporaryFolder();
const config = defaultConfig();
const seconds = (rms: number) => voice(16_000, 2).map((sample) => (sample * rms) / 4000);

function assertWrong({ state, says, mend }: Finding, sentence: RegExp, command: RegExp): void {
  assert.equal(state, 'wrong');
  assert.match(says, sentence);
  assert.match(mend!, command);
}

test('a Node that is too old or too new is reported', () => {
  assertWrong(checkNode('18.20.4'), /18\.20\.4 is too old/, /node@22/);
  assertWrong(checkNode('20.18.3'), /too old/, /node@22/);
  assertWrong(checkNode('27.0.0'), /too new/, /node@22/);
  assert.equal(checkNode('20.19.0').state, 'right');
  assert.equal(checkNode('26.3.1').state, 'right');
});

test('too little free memory is reported', () => {
  const meminfo = join(folder, 'meminfo');
  writeFileSync(meminfo, 'MemTotal:  440000 kB\nMemFree: 9000 kB\nMemAvailable:   102400 kB\n');
  assertWrong(checkMemory(meminfo), /^100 MB are free/, /^ps /);
  writeFileSync(meminfo, 'MemAvailable:   204800 kB\n');
  assert.equal(checkMemory(meminfo).state, 'right');
  assert.equal(checkMemory(join(folder, 'nothing')).state, 'unknown');
});

test('a clock of before the release, or that no server sets, is reported', async (t) => {
  programsOnPath(t, folder, {});
  assertWrong(await checkClock(0), /1970/, /timedatectl/);
  assert.equal((await checkClock(Date.UTC(2027, 1, 1))).state, 'right');
  programsOnPath(t, folder, { timedatectl: '#!/bin/sh\necho no\n' });
  assertWrong(await checkClock(Date.UTC(2027, 1, 1)), /not set by a time server/, /timedatectl/);
});

test('a missing recorder is reported with the package that has it', (t) => {
  programsOnPath(t, folder, {});
  assertWrong(checkRecorders(config), /no recording program/, /apt-get install alsa-utils/);
  programsOnPath(t, folder, { arecord: '' });
  assertWrong(checkRecorders({ ...config, recorder: 'pw-record' }), /pw-record/, /pipewire-bin/);
  assert.equal(checkRecorders(config).state, 'right');
});

test('devices: none at all, and one that is not among those listed', async (t) => {
  programsOnPath(t, folder, {});
  assertWrong(await checkDevices(config, folder), /neither ALSA nor .* knows a microphone/, /arecord/);
  const pactl = `#!/bin/sh\nprintf '0\\troom.monitor\\tx\\ts16le 1ch 16000Hz\\tIDLE\\n'\n`;
  programsOnPath(t, folder, { parec: '', pactl });
  assertWrong(await checkDevices(config, folder), /neither ALSA nor .* knows a microphone/, /arecord/);
  programsOnPath(t, folder, { parec: '', pactl: pactl.replace('room.monitor', 'desk') });
  assert.equal((await checkDevices({ ...config, device: 'desk' }, folder)).state, 'right');
  assert.equal((await checkDevices({ ...config, device: 'attic' }, folder)).state, 'unknown');
});

test('a sound device that may not be opened is reported', {
  skip: process.getuid?.() === 0 && 'root may open all',
}, () => {
  const devSnd = join(folder, 'snd');
  mkdirSync(devSnd);
  writeFileSync(join(devSnd, 'pcmC1D0c'), '');
  assert.equal(checkPermission(devSnd).state, 'right');
  chmodSync(join(devSnd, 'pcmC1D0c'), 0);
  assertWrong(checkPermission(devSnd), /pcmC1D0c/, /usermod .*audio/);
});

test('levels: silence, hardly anything, clipping, and sound', () => {
  assertWrong(judgeLevel(new Int16Array(32_000)), /silence/, /alsamixer/);
  assertWrong(judgeLevel(Int16Array.from({ length: 32_000 }, (_, i) => i % 2)), /turn it up/, /alsamixer/);
  assertWrong(
    judgeLevel(Int16Array.from({ length: 32_000 }, (_, i) => (i % 64 < 32 ? 32_767 : -32_768))),
    /clips/,
    /alsamixer/,
  );
  const { state, says } = judgeLevel(seconds(1000));
  assert.equal(state, 'right');
  assert.match(says, /^-\d+\.\d dBFS/);
});

test('a port that is taken, and a pack that is not there, are reported', async (t) => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  const { port } = server.address() as { port: number };
  assertWrong(await checkPort({ host: '127.0.0.1', port }), /taken/, /^ss /);
  assertWrong(await checkModel({ model: 'nothing', keywords: {} }), /no model pack named nothing/, /--model/);
});

test('the extractors of MFCCs are compared where meyda is installed', { timeout: 60_000 }, async () => {
  const pack = await makeTinyPack(join(folder, 'compared'));
  const { state, says } = await checkExtractors({ model: pack.directory, mfcc: 'fast' });
  assert.equal(state, 'right');
  assert.match(
    says,
    /meyda 5\.\S+ differ by [\d.]+e-\d+ of the largest coefficient .* takes [\d.]+ times as long/,
  );
  assert.equal((await checkExtractors({ model: join(folder, 'none'), mfcc: 'fast' })).state, 'unknown');
});

test('extractors that differ are found out', async () => {
  const { features } = await makeTinyPack(join(folder, 'differing'));
  const fast = openExtractor('fast', features);
  const altered = (change: (value: number) => number): Extractor => ({
    macs: 0,
    compute(samples, at, out, outAt) {
      fast.compute(samples, at, out, outAt);
      out[outAt + 3] = change(out[outAt + 3]);
    },
  });
  const same = compareExtractors(features, fast, fast);
  assert.equal(same.difference, 0);
  for (const change of [(value: number) => value + 1, () => Number.NaN]) {
    const finding = judgeExtractors(compareExtractors(features, fast, altered(change)), 'meyda', '5.6.3');
    assertWrong(finding, /^meyda 5\.6\.3; .* differ by/, /^npm install meyda/);
  }
});

test('with all as it should be it says so, for people and as JSON, and exits with 0', {
  timeout: 60_000,
}, async (t) => {
  const raw = join(folder, 'voice.raw');
  writeFileSync(raw, s16le(seconds(1000)));
  fakeRecorders(t, folder, { parec: `if (argv[2] !== '--version') play(${JSON.stringify(raw)}); stay();` });
  const pactl = `#!/bin/sh\nprintf '0\\tdesk\\tx\\ts16le 1ch 16000Hz\\tIDLE\\n'\n`;
  const bin = process.env.PATH!;
  writeFileSync(join(bin, 'pactl'), pactl, { mode: 0o755 });
  const pack = await makeTinyPack(join(folder, 'pack'));
  const args = ['doctor', '--model', pack.directory, '--port', '0', '--backend', 'wasm'];
  const [people, json] = await Promise.all([wakegate(t, args), wakegate(t, [...args, '--json'])]);
  const { ok, findings } = JSON.parse(json.stdout) as { ok: boolean; findings: Finding[] };
  assert.deepEqual(
    findings.map(({ about }) => about),
    [
      'settings',
      'Node.js',
      'memory',
      'clock',
      'model pack',
      'MFCC',
      'backend',
      'port',
      'recorder',
      'devices',
      'echo',
      'permission',
      'level',
    ],
  );
  assert.deepEqual(
    findings.filter(({ state }) => state === 'wrong'),
    [],
  );
  assert.deepEqual([ok, json.code, people.code, people.stderr], [true, 0, 0, '']);
  assert.match(people.stdout, /^ok +level +-\d+\.\d dBFS/m);
});

test('what is wrong is reported with the command that fixes it, and exit code 1', {
  timeout: 60_000,
}, async (t) => {
  const busy =
    "console.error('arecord: main:831: audio open error: Device or resource busy'); process.exit(1);";
  fakeRecorders(t, folder, { arecord: busy });
  const settings = join(folder, 'bad.yaml');
  writeFileSync(settings, 'prot: 1\n');
  const { code, stdout } = await wakegate(t, ['doctor', '--config', settings]);
  assert.equal(code, 1);
  assert.match(stdout, /^WRONG +settings .*did you mean port\?\n +wakegate config check$/m);
  assert.match(stdout, /^WRONG +level +the device is busy.*\n +fuser -v \/dev\/snd\/\*$/m);
});

test('what a daemon that runs already holds is asked of it', { timeout: 60_000 }, async (t) => {
  const pack = await makeTinyPack(join(folder, 'running'));
  const input = wavFile(folder, 'running.wav', voice(16_000, 60));
  const stateDirectory = join(folder, 'state');
  // Its own token too, which it makes where others can reach it.
  const daemon = await startDaemon(t, {
    model: pack.directory,
    input,
    host: '0.0.0.0',
    makeToken: 'on',
    stateDirectory,
  });
  const { port } = new URL(daemon.url!);
  const env = {
    WAKEGATE_HOST: '0.0.0.0',
    WAKEGATE_MAKE_TOKEN: 'on',
    WAKEGATE_STATE_DIRECTORY: stateDirectory,
  };
  const { stdout } = await wakegate(t, ['doctor', '--port', port, '--model', pack.directory], { env });
  assert.match(stdout, /^ok +port +.* is served by wakegate/m);
  assert.match(stdout, /^ok +level +the running daemon is (opening|listening)/m);
});
