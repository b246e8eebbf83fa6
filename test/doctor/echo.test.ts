import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { findOnPath, listEchoSources } from '../../src/audio/index.js';
import { defaultConfig } from '../../src/config/index.js';
import { checkEcho } from '../../src/doctor/echo.js';
import { programsOnPath } from '../support/fake-recorder.js';
import { temporaryFolder } from '../support/temp-folder.js';

const folder = temporaryFolder();
const config = defaultConfig();
const PROGRAMS = ['pulseaudio', 'pactl', 'parec'];
const absent = PROGRAMS.filter((program) => findOnPath(program) === null);

test('the source of a real PulseAudio with module-echo-cancel is found, and whether it is used', {
  skip: absent.length > 0 && `${absent.join(', ')} not installed`,
  timeout: 180_000,
}, async (t) => {
  const before = { ...process.env };
  t.after(() => {
    process.env = before;
  });
  const socket = join(folder, 'pulse.socket');
  Object.assign(process.env, {
    HOME: folder,
    XDG_RUNTIME_DIR: folder,
    PULSE_RUNTIME_PATH: folder,
    PULSE_SERVER: `unix:${socket}`,
  });
  const server = spawn(
    'pulseaudio',
    [
      ...['-n', '--daemonize=no', '--exit-idle-time=-1', '--use-pid-file=no'],
      `--load=module-native-protocol-unix socket=${socket} auth-anonymous=1`,
      '--load=module-null-sink sink_name=speaker rate=16000 channels=1',
      '--load=module-null-sink sink_name=room rate=16000 channels=1',
    ],
    { stdio: 'ignore' },
  );
  t.after(() => server.kill('SIGKILL'));
  const pactl = (...args: string[]) => spawnSync('pactl', args, { encoding: 'utf8' });
  while (pactl('info').status !== 0) await sleep(100);
  assert.match((await checkEcho({ ...config, recorder: 'parec' })).says, /^no source .*speaker-in-the-room/);

  const loaded = pactl(
    ...['load-module', 'module-echo-cancel', 'source_name=quiet', 'sink_name=to_speaker'],
    ...['source_master=room.monitor', 'sink_master=speaker', 'aec_method=speex', 'rate=16000'],
    'aec_args="agc=0 denoise=0 echo_suppress=0"',
  );
  assert.equal(loaded.status, 0, loaded.stderr);
  pactl('set-default-source', 'room.monitor');
  // A server that answers too late, on a machine with much to do, counts as none.
  const check = async (device?: string) => {
    for (;;) {
      const finding = await checkEcho({ recorder: 'parec', ...(device && { device }) });
      if (!finding.says.startsWith('no source')) return finding;
    }
  };
  const unused = await check();
  assert.deepEqual([unused.state, unused.mend], ['wrong', "wakegate run --recorder parec --device 'quiet'"]);
  const named = await check('quiet');
  assert.deepEqual([named.state, named.says], ['right', 'quiet cancels the echo of a loudspeaker']);
  pactl('set-default-source', 'quiet');
  while ((await check()).state !== 'right') await sleep(100);
});

test('what pw-dump and pactl print is taken for what it is, or for nothing', async (t) => {
  const source = (props: object) => ({ type: 'PipeWire:Interface:Node', info: { props } });
  const objects = [
    source({ 'media.class': 'Audio/Source', 'node.name': 'mic', 'node.group': 'other' }),
    source({
      'media.class': 'Audio/Source',
      'node.name': "Quiet 'one'",
      'node.link-group': 'echo-cancel-820-11',
    }),
    source({ 'media.class': 'Audio/Sink', 'node.name': 'sink', 'node.group': 'echo-cancel-820-11' }),
    {
      type: 'PipeWire:Interface:Metadata',
      metadata: [null, { key: 'default.audio.source', value: { name: 'mic' } }],
    },
    null,
    7,
    { type: 'PipeWire:Interface:Node', info: null },
  ];
  const print = (text: string) => `#!/bin/sh\ncat <<'EOF'\n${text}\nEOF\n`;
  programsOnPath(t, folder, {
    'pw-record': '',
    'pw-dump': print(JSON.stringify(objects)).replace('cat', '/bin/cat'),
  });
  const finding = await checkEcho({ ...config, recorder: 'pw-record' });
  assert.equal(finding.state, 'wrong');
  assert.equal(finding.mend, "wakegate run --recorder pw-record --device 'Quiet '\\''one'\\'''");
  assert.equal((await checkEcho({ ...config, recorder: 'pw-record', device: "Quiet 'one'" })).state, 'right');
  for (const text of ['', '{', '{}', '[[]]', '0\tx', '3\tname\tmodule-echo-cancel']) {
    const printing = print(text).replace('cat', '/bin/cat');
    programsOnPath(t, folder, { 'pw-record': '', 'pw-dump': printing, parec: '', pactl: printing });
    const names = (await listEchoSources()).map(({ name }) => name);
    assert.deepEqual(names, text.startsWith('3') ? ['name'] : [], text);
  }
});
