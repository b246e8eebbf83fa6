import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import WebSocket from 'ws';
import { writeWav } from '../../src/audio/index.js';
import type { Status } from '../../src/protocol/index.js';
import { s16le, voice } from '../support/signals.js';
import { temporaryFolder } from '../support/temp-folder.js';
import { makeTinyPack } from '../support/tiny-pack.js';
import { WakegateProcess, wakegate } from '../support/wakegate-process.js';

const folder = temporaryFolder();
const pack = join(folder, 'pack');
const RUN = ['run', '--model', pack, '--port', '0', '--backend', 'wasm'];

before(async () => {
  await makeTinyPack(pack);
  writeFileSync(join(folder, 'long.wav'), writeWav(voice(16_000, 60), 16_000));
  writeFileSync(join(folder, 'short.wav'), writeWav(voice(16_000, 0.5), 16_000));
});

test('a detection is one line of the log, with keyword, score, time and cost', async (t) => {
  const daemon = new WakegateProcess(t, [...RUN, '--input', 'short.wav', '--gate', 'off'], { cwd: folder });
  const { keyword, score, seconds, heardAt, cost } = await daemon.logLine(
    ({ event }) => event === 'detection',
  );
  assert.equal(keyword, 'one');
  assert.ok((score as number) >= 0.5);
  assert.ok((seconds as number) < 1.5);
  assert.equal(new Date(heardAt as string).toISOString(), heardAt);
  assert.deepEqual(Object.keys(cost as object), ['handoffs', 'bytes', 'cpuMs', 'energyMj', 'basis']);
});

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  test(`${signal} ends it within 2 s, with exit code 0, whatever it is at`, async (t) => {
    const daemon = new WakegateProcess(t, [...RUN, '--input', 'long.wav', '--gate', 'off'], { cwd: folder });
    const url = await daemon.url();
    await daemon.logLine(({ msg }) => msg === 'classifier awake');
    // A subscriber that says no goodbye, and a connection that is kept alive.
    const stuck = new WebSocket(`${url.replace('http', 'ws')}/v1/events`);
    t.after(() => stuck.terminate());
    await once(stuck, 'message');
    stuck.pause();
    assert.equal((await fetch(`${url}/healthz`)).status, 200);

    const sentMs = performance.now();
    daemon.child.kill(signal);
    const { code, stderr, stdout } = await daemon.finished;
    assert.ok(performance.now() - sentMs < 2000);
    assert.equal(code, 0);
    assert.equal(stderr, '');
    assert.match(stdout, /"msg":"Stopped\."/);
  });
}

test('without a microphone the bundled sample is played, and that is said in a sentence', async (t) => {
  const daemon = new WakegateProcess(t, RUN, { env: { PATH: join(folder, 'nothing') } });
  await daemon.logLine(
    ({ msg }) => msg === 'There is no microphone here, so the bundled sample is played instead.',
  );
  await daemon.logLine(({ msg }) => /^Listening to .*samples\/demo\.wav$/.test(msg));
});

test('after a file it keeps serving', async (t) => {
  const daemon = new WakegateProcess(t, [...RUN, '--input', 'short.wav'], { cwd: folder });
  const url = await daemon.url();
  await daemon.logLine(({ msg }) => msg === 'All of short.wav has been heard');
  const { input } = (await (await fetch(`${url}/v1/status`)).json()) as Status;
  const { name, state, reason, problem, gaps } = input;
  assert.deepEqual([name, state, reason, problem, gaps], ['short.wav', 'ended', null, null, 0]);
});

test('stdin is heard to its end, and that is the end', async (t) => {
  const args = [...RUN, '--input', '-', '--gate', 'off', '--rate', '8000'];
  const { code, stdout, stderr } = await wakegate(t, args, { stdin: s16le(voice(8000, 20)) });
  assert.equal(code, 0, stderr);
  assert.match(stdout, /"event":"detection"/);
  assert.match(stdout, /"msg":"All of stdin has been heard"/);
});

test('every line of the log is JSON, down to the finest level', async (t) => {
  const args = [...RUN, '--input', '-', '--log-level', 'trace', '--gate', 'off'];
  const { stdout } = await wakegate(t, args, { stdin: s16le(voice(16_000, 1)) });
  for (const line of stdout.trimEnd().split('\n')) {
    const { level, time, msg } = JSON.parse(line);
    assert.equal(typeof level, 'string');
    assert.equal(typeof msg, 'string');
    assert.equal(new Date(time).toISOString(), time);
  }
});

test('a disk that does not answer keeps it from ending in order, but not from ending', {
  skip: process.platform === 'win32' && 'there are no pipes with names',
  timeout: 60_000,
}, async (t) => {
  const pipe = join(folder, 'disk');
  assert.equal(spawnSync('mkfifo', [pipe]).status, 0);
  const hung = join(folder, 'hung.mjs');
  // A thread that opens it waits for its reader, as one would for a disk.
  writeFileSync(hung, `import { open } from 'node:fs';\nopen(${JSON.stringify(pipe)}, 'w', () => {});\n`);
  const args = [...RUN, '--input', join(folder, 'long.wav')];
  const daemon = new WakegateProcess(t, args, { nodeFlags: ['--import', hung] });
  await daemon.logLine(({ msg }) => msg.startsWith('Listening to '));
  daemon.child.kill('SIGTERM');
  const { signal } = await daemon.finished;
  assert.equal(signal, 'SIGKILL');
});
