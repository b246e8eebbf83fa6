import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { findOnPath, readAudioFile, writeWav } from '../../../src/audio/index.js';
import { s16le } from '../../support/signals.js';
import { temporaryFolder } from '../../support/temp-folder.js';
import { WakegateProcess, wakegate } from '../../support/wakegate-process.js';

const SAMPLE = fileURLToPath(new URL('../../../../samples/demo.wav', import.meta.url));
const folder = temporaryFolder();
const wav = join(folder, 'words.wav');
const raw = join(folder, 'words.raw');

before(async () => {
  // Its first ten seconds hold two keywords and other speech.
  const words = (await readAudioFile(SAMPLE)).slice(0, 10 * 16_000);
  writeFileSync(wav, writeWav(words, 16_000));
  writeFileSync(raw, s16le(words));
});

interface Heard {
  readonly keyword: string;
  /** In seconds. */
  readonly time: number;
}

/** What is heard in the file itself. */
async function inFile(t: TestContext): Promise<Heard[]> {
  const { stdout } = await wakegate(t, ['detect', '--json', '--backend', 'wasm', wav]);
  const { detections } = JSON.parse(stdout) as { detections: Heard[] };
  assert.deepEqual(
    detections.map(({ keyword }) => keyword),
    ['alexa', 'computer'],
  );
  return detections;
}

function listening(
  t: TestContext,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): WakegateProcess {
  return new WakegateProcess(t, ['run', '--input', 'mic', '--port', '0', '--backend', 'wasm', ...args], {
    env: { ...env, STATE_DIRECTORY: folder },
  });
}

/** The first so many detections of a daemon. */
async function detections(daemon: WakegateProcess, count: number): Promise<Heard[]> {
  const heard: Heard[] = [];
  for (let i = 0; i < count; i++) {
    const latest = heard.at(-1)?.time ?? -1;
    const line = await daemon.logLine(
      ({ event, seconds }) => event === 'detection' && Number(seconds) > latest,
    );
    heard.push({ keyword: String(line.keyword), time: Number(line.seconds) });
  }
  return heard;
}

/** Whether ALSA has the plugin that this needs; it does not always come with arecord. */
const alsaSkip =
  existsSync('/usr/share/alsa/alsa.conf') && findOnPath('arecord') ? false : 'arecord is not installed';

test('a real arecord, on a device of ALSA that plays the file: the same detections, to the sample', {
  skip: alsaSkip,
  timeout: 120_000,
}, async (t) => {
  const expected = await inFile(t);
  const config = join(folder, 'asoundrc');
  writeFileSync(
    config,
    `pcm.wgwords { type file; slave.pcm null; file /dev/null; infile "${raw}"; format raw }\n`,
  );
  const daemon = listening(t, ['--recorder', 'arecord', '--device', 'wgwords'], {
    ALSA_CONFIG_PATH: `/usr/share/alsa/alsa.conf:${config}`,
  });
  const heard = await detections(daemon, expected.length);
  assert.deepEqual(
    heard.map(({ keyword, time }) => [keyword, time]),
    expected.map(({ keyword, time }) => [keyword, time]),
  );
});

const PULSE = ['pulseaudio', 'pactl', 'paplay', 'parec'];
const absent = PULSE.filter((program) => findOnPath(program) === null);

test('a real PulseAudio, into whose null sink the file is played: the same keywords, as far apart', {
  skip: absent.length > 0 && `${absent.join(', ')} not installed`,
  timeout: 180_000,
}, async (t) => {
  const expected = await inFile(t);
  const socket = join(folder, 'pulse.socket');
  const env = {
    HOME: folder,
    XDG_RUNTIME_DIR: folder,
    PULSE_RUNTIME_PATH: folder,
    PULSE_SERVER: `unix:${socket}`,
  };
  const server = spawn(
    'pulseaudio',
    [
      '-n',
      '--daemonize=no',
      '--exit-idle-time=-1',
      '--use-pid-file=no',
      `--load=module-native-protocol-unix socket=${socket} auth-anonymous=1`,
      '--load=module-null-sink sink_name=room rate=16000 channels=1',
    ],
    { stdio: 'ignore', env: { ...process.env, ...env } },
  );
  t.after(() => server.kill('SIGKILL'));
  const answers = () => spawnSync('pactl', ['info'], { env: { ...process.env, ...env } }).status === 0;
  while (!answers()) await sleep(200);

  const listed = await wakegate(t, ['devices', '--json'], { env });
  const { devices } = JSON.parse(listed.stdout) as { devices: { name: string; recorder: string }[] };
  assert.ok(devices.some(({ name, recorder }) => name === 'room.monitor' && recorder === 'parec'));

  const daemon = listening(t, ['--recorder', 'parec', '--device', 'room.monitor'], env);
  await daemon.logLine(({ msg }) => msg.startsWith('Listening to microphone (parec'));
  const player = spawn('paplay', ['--device=room', wav], {
    stdio: 'ignore',
    env: { ...process.env, ...env },
  });
  t.after(() => player.kill('SIGKILL'));
  const heard = await detections(daemon, expected.length);
  assert.deepEqual(
    heard.map(({ keyword }) => keyword),
    expected.map(({ keyword }) => keyword),
  );
  const apart = (of: readonly Heard[]) => of[1].time - of[0].time;
  // Where the windows of 160 ms lie depends on when it began.
  assert.ok(Math.abs(apart(heard) - apart(expected)) <= 0.33, `${apart(heard)} and ${apart(expected)} s`);
});
