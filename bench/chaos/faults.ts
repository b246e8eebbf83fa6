import { execFileSync, spawnSync } from 'node:child_process';
import {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { NODE_FLAGS } from '../../src/process-settings.js';
import type { Message } from '../../src/protocol/index.js';
import { freePort } from '../../test/support/free-port.js';
import { CLI } from '../paths.js';
import { ChaosDaemon } from './chaos-daemon.js';

const SICK_WORKERS = fileURLToPath(new URL('../../test/support/sick-workers.js', import.meta.url));

/** What a fault has cost. */
export interface Damage {
  /** Words that were not heard, captures and changes that are gone, restarts that need not be. */
  readonly lost: number;
  /** Things that were not said, in words. */
  readonly untold: readonly string[];
  /** From SIGTERM to the end of the process. */
  readonly endMs: number;
  readonly peakMegabytes: number;
}

/** A fault that is done to the real daemon; a string says why it cannot be done here. */
export type Fault = () => Promise<Damage | string>;

export const FAULTS: Readonly<Record<string, Fault>> = {
  'full disk under the log': fullLog,
  'full disk under the state': fullState,
  '1100 connections at 1024 files': manyConnections,
  'process stopped for 5 s': stoppedProcess,
  'recorder stopped': stoppedRecorder,
  'clock steps of 31 days': clockSteps,
  'worker that hangs': () => sickWorker('hang'),
  'worker that dies': () => sickWorker('die'),
  'two daemons': twoDaemons,
};

async function damageOf(
  daemon: ChaosDaemon,
  lost: number,
  said: Readonly<Record<string, boolean>>,
): Promise<Damage> {
  const untold = Object.entries(said).flatMap(([what, isSaid]) => (isSaid ? [] : [what]));
  const peakMegabytes = daemon.peakMegabytes();
  return { lost, untold, peakMegabytes, endMs: await daemon.stop() };
}

const isProblem = (of: string) => (message: Message) =>
  message.type === 'problem' && message.part === of && message.problem !== null;

async function fullLog(): Promise<Damage> {
  const full = openSync('/dev/full', 'w');
  const daemon = await ChaosDaemon.start({ stdout: full });
  closeSync(full);
  const lost = await daemon.missed(2);
  return damageOf(daemon, lost, { 'an event': await daemon.told(isProblem('log'), 5) });
}

async function fullState(): Promise<Damage | string> {
  if (spawnSync('unshare', ['-m', 'true']).status !== 0) return 'only root can mount a small disk';
  const disk = mkdtempSync(join(tmpdir(), 'wakegate-small-disk-'));
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', disk]);
  try {
    const env = { STATE_DIRECTORY: disk };
    const daemon = await ChaosDaemon.start({ env, args: ['--captures', 'on'] });
    const first = await changeLabel(daemon, 'before');
    writeFileSync(join(disk, 'filler'), Buffer.alloc(48 * 1024));
    const lost = await daemon.missed(2);
    const second = await changeLabel(daemon, 'x'.repeat(100));
    rmSync(join(disk, 'filler'));
    const third = await changeLabel(daemon, 'after');
    return await damageOf(daemon, lost + Number(first !== 200) + Number(third !== 200), {
      'an event': await daemon.told(isProblem('captures'), 20),
      'the change that could not be kept': second === 200 || second === 500,
    });
  } finally {
    execFileSync('umount', ['-l', disk]);
    rmSync(disk, { recursive: true });
  }
}

async function changeLabel({ url }: ChaosDaemon, label: string): Promise<number> {
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(`${url}/v1/keywords/alexa`, {
    method: 'PATCH',
    headers,
    body: JSON.stringify({ label }),
  });
  return answer.status;
}

async function manyConnections(): Promise<Damage> {
  const daemon = await ChaosDaemon.start();
  const port = Number(new URL(daemon.url).port);
  const sockets: Socket[] = [];
  for (let i = 0; i < 1100; i++) sockets.push(connect(port, '127.0.0.1').on('error', () => {}));
  // The worker sleeps between two words, so that it has to start among them.
  const lost = await daemon.missed(3);
  for (const socket of sockets) socket.destroy();
  await sleep(1000);
  return damageOf(daemon, lost, { 'readiness afterwards': await daemon.isReady() });
}

async function stoppedProcess(): Promise<Damage> {
  const daemon = await ChaosDaemon.start();
  await daemon.missed(1);
  daemon.child.kill('SIGSTOP');
  await sleep(5000);
  daemon.child.kill('SIGCONT');
  const missed = await daemon.missed(2);
  // A pipe holds two seconds of sound: what came after them is a gap, which is counted, and no restart.
  const { restarts } = (await daemon.status()).input;
  return damageOf(daemon, missed + restarts, { readiness: await daemon.isReady() });
}

async function stoppedRecorder(): Promise<Damage> {
  const daemon = await ChaosDaemon.start();
  await daemon.missed(1);
  const { pid } = daemon.child;
  const [recorder] = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').map(Number);
  process.kill(recorder, 'SIGSTOP');
  const isLost = await daemon.told((message) => message.type === 'input' && message.state === 'lost', 30);
  const isBack = await daemon.told((message) => message.type === 'input' && message.state === 'restored', 30);
  return damageOf(daemon, await daemon.missed(2), { 'that it is lost': isLost, 'that it is back': isBack });
}

async function clockSteps(): Promise<Damage | string> {
  const libraries = readdirSync('/usr/lib').map((name) => `/usr/lib/${name}/faketime/libfaketimeMT.so.1`);
  const library = libraries.find((path) => existsSync(path));
  if (library === undefined) return 'libfaketime is not installed';
  const folder = mkdtempSync(join(tmpdir(), 'wakegate-clock-'));
  const clock = join(folder, 'clock');
  writeFileSync(clock, '+0');
  const env = { LD_PRELOAD: library, FAKETIME_TIMESTAMP_FILE: clock, FAKETIME_CACHE_DURATION: '1' };
  const daemon = await ChaosDaemon.start({
    args: ['--captures', 'on'],
    env: { ...env, DONT_FAKE_MONOTONIC: '1', FAKETIME_DONT_FAKE_MONOTONIC: '1' },
  });
  let lost = await daemon.missed(2);
  await sleep(2000);
  for (const step of ['+2', '+31d', '-31d', '+400d']) {
    const before = await captures(daemon);
    writeFileSync(clock, step);
    lost += await daemon.missed(1);
    await sleep(1500);
    lost += Math.max(0, before - (await captures(daemon)));
  }
  // On a busy machine the recorder itself is late, and makes gaps of its own.
  const { restarts } = (await daemon.status()).input;
  const readiness = await daemon.isReady();
  rmSync(folder, { recursive: true });
  return damageOf(daemon, lost + restarts, { readiness });
}

async function captures({ url }: ChaosDaemon): Promise<number> {
  const { captures } = (await (await fetch(`${url}/v1/captures`)).json()) as { captures: unknown[] };
  return captures.length;
}

async function sickWorker(how: 'hang' | 'die'): Promise<Damage> {
  const folder = mkdtempSync(join(tmpdir(), 'wakegate-sick-'));
  const sickness = join(folder, 'sickness');
  const daemon = await ChaosDaemon.start({ env: { SICK: sickness }, nodeFlags: ['--import', SICK_WORKERS] });
  let lost = await daemon.missed(1);
  writeFileSync(sickness, how);
  const wasTold = await daemon.told(
    (message) =>
      isProblem('classifier')(message) && 'problem' in message && /no answer|in a row/.test(message.problem!),
    60,
  );
  const wasReady = await daemon.isReady();
  rmSync(sickness);
  const isOver = await daemon.told((message) => message.type === 'problem' && message.problem === null, 90);
  lost += await daemon.missed(2);
  const isReady = await daemon.isReady();
  rmSync(folder, { recursive: true });
  return damageOf(daemon, lost, {
    'an event': wasTold,
    'in /readyz': !wasReady,
    'that it is over': isOver,
    'readiness afterwards': isReady,
  });
}

async function twoDaemons(): Promise<Damage> {
  const daemon = await ChaosDaemon.start();
  const state = join(daemon.folder, 'state');
  mkdirSync(state, { recursive: true });
  const args = [...NODE_FLAGS, CLI, 'run', '--port', String(await freePort()), '--state-directory', state];
  const second = spawnSync(process.execPath, args, { encoding: 'utf8', timeout: 60_000 });
  const says = second.stderr.includes(`in use by another wakegate (process ${daemon.child.pid}`);
  return damageOf(daemon, await daemon.missed(1), { 'who has it': says, 'a failure': second.status === 1 });
}
