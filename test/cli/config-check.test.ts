import assert from 'node:assert/strict';
import { once } from 'node:events';
import { chmodSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { before, type TestContext, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { writeWav } from '../../src/audio/index.js';
import { type Config, defaultConfig } from '../../src/config/index.js';
import { checkRun } from '../../src/daemon/check-run.js';
import type { WakegateError } from '../../src/errors.js';
import { closedToOthers } from '../support/checkout.js';
import { startDaemon } from '../support/daemon-fixture.js';
import { freePort } from '../support/free-port.js';
import { voice } from '../support/signals.js';
import { temporaryFolder } from '../support/temp-folder.js';
import { makeTinyPack } from '../support/tiny-pack.js';
import { type WakegateOptions, WakegateProcess, wakegate } from '../support/wakegate-process.js';

const folder = temporaryFolder();
const pack = join(folder, 'pack');
const word = join(folder, 'word.wav');
const GOOD = [
  '--model',
  pack,
  '--port',
  '0',
  '--backend',
  'wasm',
  '--state-directory',
  join(folder, 'state'),
];

before(async () => {
  await makeTinyPack(pack);
  writeFileSync(word, writeWav(voice(16_000, 0.5), 16_000));
  writeFileSync(join(folder, 'notes.wav'), 'buy milk\n');
  writeFileSync(join(folder, 'short.token'), 'short\n', { mode: 0o600 });
  writeFileSync(join(folder, 'a-file'), '');
  mkdirSync(join(folder, 'bad-state'));
});

/** The code and sentence with which a command ends. */
async function faultOf(t: TestContext, args: readonly string[], options: WakegateOptions): Promise<string> {
  const { code, stderr } = await wakegate(t, args, options);
  assert.match(stderr, /^wakegate: \[WG_/, args.join(' '));
  return `${code} ${stderr}`;
}

/** What the check of these settings says, and what ends a daemon that has them. */
async function refusalsOf(t: TestContext, config: Config): Promise<{ checked: string; ran: string }> {
  const sentence = ({ code, message }: WakegateError) => `[${code}] ${message}`;
  const checked = await checkRun(config).then(() => 'nothing', sentence);
  const started = startDaemon(t, config);
  const ran = await started.then((daemon) => daemon.ended).then(() => 'nothing', sentence);
  return { checked, ran };
}

test('config check refuses what run refuses, in the same words', async (t) => {
  const taken = createServer().listen({ host: '127.0.0.1', port: 0 });
  t.after(() => taken.close());
  await once(taken, 'listening');
  const { port } = taken.address() as AddressInfo;
  const nowhere = join(folder, 'nowhere');
  const goodToken = join(folder, 'good.token');
  writeFileSync(goodToken, 'abcdefghijklmnopqrstuvwxyz\n', { mode: 0o600 });
  const cases: Readonly<Record<string, Partial<Config>>> = {
    'no token for an address that others reach': { host: '0.0.0.0' },
    'a token file that is not there': { tokenFile: nowhere },
    'a token that is too short': { tokenFile: join(folder, 'short.token') },
    'no such pack': { model: nowhere },
    'a keyword that the pack does not have': { keywords: { tow: {} } },
    'a state directory below a file': { stateDirectory: join(folder, 'a-file', 'state') },
    'no such input': { input: join(folder, 'gone.wav') },
    'an input that is no audio': { input: join(folder, 'notes.wav') },
    'a name that is no device': { input: 'mic', recorder: 'arecord', device: 'a|b' },
    'a channel that there is not': { input: '-', channel: 3 },
    'a port that is taken': { port },
    'an address of another machine': { host: '192.0.2.1', tokenFile: goodToken },
  };
  const common = { model: pack, port: 0, backend: 'wasm', input: word } as const;
  for (const [what, settings] of Object.entries(cases)) {
    // Of its own: a daemon that is refused for its input has started, and is stopped when the test is over.
    const stateDirectory = join(folder, what);
    const config: Config = { ...defaultConfig(), ...common, stateDirectory, ...settings };
    const { checked, ran } = await refusalsOf(t, config);
    assert.match(checked, /^\[WG_/, what);
    // Where there can be no folder, run says that it cannot be locked, and check that nothing can be kept in it.
    const said = (text: string) => (what.startsWith('a state directory') ? text.split(']')[0] : text);
    assert.equal(said(checked), said(ran), what);
  }
});

test('both commands print it, and end with the same code', async (t) => {
  const noRecorder = { env: { PATH: join(folder, 'nowhere') }, cwd: folder };
  const commands = [
    [['--gate', 'maybe'], {}],
    [['--input', 'mic', '--recorder', 'arecord'], noRecorder],
  ] as const;
  for (const [flags, options] of commands) {
    const args = [...GOOD, ...flags];
    const [checked, ran] = await Promise.all([
      faultOf(t, ['config', 'check', ...args], options),
      faultOf(t, ['run', ...args, '--log-level', 'silent'], options),
    ]);
    assert.equal(checked, ran);
  }
});

test('config check takes what run takes, and says where wakegate runs already', async (t) => {
  const daemon = await startDaemon(t, { model: pack, input: word });
  const port = new URL(daemon.url!).port;
  const { code, stdout, stderr } = await wakegate(t, [
    'config',
    'check',
    ...GOOD,
    '--input',
    word,
    '--port',
    port,
  ]);
  assert.deepEqual([code, stderr], [0, '']);
  assert.match(
    stdout,
    new RegExp(`^The settings are valid.*\\nA wakegate runs already, on port ${port}\\.\\n$`),
  );
});

test('config check says why the Wyoming server could not be reached, in the words of run', async (t) => {
  const taken = createServer().listen({ host: '127.0.0.1', port: 0 });
  t.after(() => taken.close());
  await once(taken, 'listening');
  const { port } = taken.address() as AddressInfo;
  const common = { ...defaultConfig(), model: pack, port: 0, backend: 'wasm', input: word } as const;
  const problemsOf = async (settings: Partial<Config>) => {
    const stateDirectory = join(folder, 'wyoming-state');
    return (await checkRun({ ...common, stateDirectory, wyoming: 'on', ...settings })).problems;
  };
  const [problem] = await problemsOf({ wyomingPort: port });
  assert.match(problem, /^port \d+ of 127\.0\.0\.1 is taken.*choose another one with wyomingPort$/);
  const daemon = await startDaemon(t, { model: pack, input: word, wyoming: 'on', wyomingPort: port });
  while (daemon.status().problems.length === 0) await once(daemon.events, 'event');
  assert.deepEqual(daemon.status().problems, [{ part: 'wyoming', problem }]);

  assert.match(
    (await problemsOf({ wyomingHost: '192.0.2.1' }))[0],
    /192\.0\.2\.1 is no address of this machine/,
  );
  assert.match(
    (await problemsOf({ port: 18_765, wyomingPort: 18_765 }))[0],
    /both 18765: give the Wyoming server/,
  );
  assert.deepEqual(await problemsOf({ wyomingPort: 0 }), []);
  assert.deepEqual(await problemsOf({ wyoming: 'off', wyomingPort: port }), []);
});

test('config check takes a Wyoming port that the daemon with these settings serves on', async (t) => {
  const wyomingPort = await freePort();
  const daemon = await startDaemon(t, { model: pack, input: word, wyoming: 'on', wyomingPort });
  while (daemon.status().wyoming === null) await pause(5);
  const settings = { model: pack, input: word, wyoming: 'on', wyomingPort } as const;
  const port = Number(new URL(daemon.url!).port);
  const { problems, isRunning } = await checkRun({ ...defaultConfig(), ...settings, port, backend: 'wasm' });
  assert.deepEqual([problems, isRunning], [[], true]);
});

test('config check looks at state that is used or spoilt, and changes nothing of it', async (t) => {
  const state = join(folder, 'used');
  const flags = [...GOOD, '--input', word, '--state-directory', state];
  mkdirSync(state);
  const spoilt = join(state, 'keywords.json');
  writeFileSync(spoilt, '{"tiny":');
  const { code, stderr } = await wakegate(t, ['config', 'check', ...flags]);
  assert.equal(code, 0);
  assert.match(stderr, /keywords\.json is not valid JSON.*It will be put aside/);
  assert.deepEqual(readdirSync(state), ['keywords.json']);
  rmSync(spoilt);

  await startDaemon(t, { model: pack, input: word, stateDirectory: state });
  const [checked, ran] = await Promise.all([
    faultOf(t, ['config', 'check', ...flags], {}),
    faultOf(t, ['run', ...flags, '--log-level', 'silent'], {}),
  ]);
  assert.match(checked, /in use by another wakegate \(process \d+/);
  assert.equal(checked, ran);
});

const skip = process.getuid?.() === 0 ? closedToOthers : 'root alone can give a port below 1024 to nobody';

test('config check says what this user may not do', { skip }, async (t) => {
  chmodSync(folder, 0o755);
  const locked = join(folder, 'locked');
  mkdirSync(locked, { mode: 0o700 });
  const asNobody = { uid: 65_534, cwd: folder };
  const state = ['config', 'check', ...GOOD, '--input', word, '--state-directory', join(locked, 'state')];
  const { code, stderr } = await new WakegateProcess(t, state, asNobody).finished;
  assert.equal(code, 1);
  assert.match(stderr, /\[WG_STATE_UNUSABLE\] .*locked.*permission denied/i);
});
