import assert from 'node:assert/strict';
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { writeWav } from '../../src/audio/index.js';
import type { Status } from '../../src/protocol/index.js';
import { freePort } from '../support/free-port.js';
import { voice } from '../support/signals.js';
import { temporaryFolder } from '../support/temp-folder.js';
import { makeTinyPack } from '../support/tiny-pack.js';

const MAIN = fileURLToPath(new URL('../../src/cli/main.cjs', import.meta.url));
const folder = temporaryFolder();
const pack = join(folder, 'pack');

before(async () => {
  await makeTinyPack(pack);
  writeFileSync(join(folder, 'long.wav'), writeWav(voice(16_000, 120), 16_000));
});

/** `wakegate run` with a log that the test has made, at a port that is known without it. */
async function daemonWithLog(
  t: TestContext,
  stdout: number | 'pipe',
): Promise<{ child: ChildProcess; url: string }> {
  const port = await freePort();
  const args = ['--model', pack, '--port', String(port), '--backend', 'wasm', '--input', 'long.wav'];
  const child = spawn(process.execPath, [MAIN, 'run', ...args, '--state-directory', 'state'], {
    cwd: folder,
    stdio: ['ignore', stdout, 'inherit'],
  });
  const gone = once(child, 'exit');
  t.after(async () => {
    child.kill('SIGKILL');
    await gone;
  });
  const url = `http://127.0.0.1:${port}`;
  while ((await statusOf(url))?.input.state !== 'listening') {
    assert.equal(child.exitCode, null, 'it ended');
    await sleep(50);
  }
  return { child, url };
}

async function statusOf(url: string): Promise<Status | null> {
  const answer = await fetch(`${url}/v1/status`).catch(() => null);
  return answer && ((await answer.json()) as Status);
}

async function logProblem(url: string, fits: (problem: string | undefined) => boolean): Promise<void> {
  for (;;) {
    const status = await statusOf(url);
    if (fits(status?.problems.find(({ part }) => part === 'log')?.problem)) return;
    await sleep(50);
  }
}

/** Has it log a line. */
async function logLine(url: string): Promise<void> {
  const body = JSON.stringify({ label: 'x'.repeat(100) });
  const headers = { 'content-type': 'application/json' };
  await (await fetch(`${url}/v1/keywords/one`, { method: 'PATCH', headers, body })).text();
}

async function endsInTime(child: ChildProcess): Promise<void> {
  const sentMs = performance.now();
  child.kill('SIGTERM');
  const [code] = await once(child, 'exit');
  assert.equal(code, 0);
  assert.ok(performance.now() - sentMs < 5000);
}

test('a log that is on a full disk neither stops it nor ends it', { timeout: 60_000 }, async (t) => {
  const full = openSync('/dev/full', 'w');
  t.after(() => closeSync(full));
  const { child, url } = await daemonWithLog(t, full);
  await logLine(url);
  await logProblem(url, (problem) => /lost: .*ENOSPC/.test(problem ?? ''));
  assert.equal((await fetch(`${url}/readyz`)).status, 200);
  await endsInTime(child);
});

test('when there is room on the disk again, the lines that were lost are counted', {
  timeout: 60_000,
  skip: spawnSync('unshare', ['-m', 'true']).status !== 0 && 'only root can mount a small disk',
}, async (t) => {
  const disk = join(folder, 'disk');
  mkdirSync(disk);
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', disk]);
  t.after(() => execFileSync('umount', ['-l', disk]));
  const path = join(disk, 'log');
  const log = openSync(path, 'a');
  t.after(() => closeSync(log));
  const { child, url } = await daemonWithLog(t, log);
  while (!readFileSync(path, 'utf8').includes('Listening to')) await sleep(50);
  writeFileSync(join(disk, 'filler'), Buffer.alloc(60 * 1024));
  while ((await statusOf(url))!.problems.length === 0) await logLine(url);
  for (let line = 0; line < 5; line++) await logLine(url);
  rmSync(join(disk, 'filler'));
  await logProblem(url, (problem) => problem === undefined);
  await endsInTime(child);
  const lines = readFileSync(path, 'utf8').trimEnd().split('\n');
  const cut = lines.filter((line) => !line.endsWith('}'));
  assert.ok(cut.length <= 1, 'at most the one that met the end of the disk');
  const whole = lines.filter((line) => line.endsWith('}')).map((line) => JSON.parse(line));
  const told = whole.filter(({ lost }) => lost !== undefined);
  assert.ok(told.length >= 1);
  assert.match(told[0].msg, /lines of the log could not be written: ENOSPC/);
  assert.ok(told.reduce((sum, { lost }) => sum + lost, 0) >= 6);
  assert.equal(whole.at(-1).msg, 'Stopped.');
});

test('a log that nobody reads neither stops it nor ends it, and what was lost is reported to whoever reads on', {
  timeout: 120_000,
}, async (t) => {
  const { child, url } = await daemonWithLog(t, 'pipe');
  for (let round = 0; ; round++) {
    await Promise.all(Array.from({ length: 50 }, () => logLine(url)));
    const { problems } = (await statusOf(url))!;
    if (problems.some(({ part }) => part === 'log')) break;
    assert.ok(round < 200, 'it must lose lines at some time');
  }
  assert.equal((await fetch(`${url}/readyz`)).status, 200);
  let text = '';
  child.stdout!.setEncoding('utf8').on('data', (part) => {
    text += part;
  });
  await logProblem(url, (problem) => problem === undefined);
  assert.match(text, /lines? of the log could not be written: nobody reads it/);
  child.stdout!.pause();
  for (let round = 0; round < 20; round++) await Promise.all(Array.from({ length: 50 }, () => logLine(url)));
  await endsInTime(child);
});

test('it outlives the reader of its log', { timeout: 60_000 }, async (t) => {
  const { child, url } = await daemonWithLog(t, 'pipe');
  child.stdout!.destroy();
  await logLine(url);
  await logProblem(url, (problem) => /lost: .*EPIPE/.test(problem ?? ''));
  assert.equal((await fetch(`${url}/readyz`)).status, 200);
  await endsInTime(child);
});
