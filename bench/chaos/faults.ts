import { execFile, execFileSync, spawnSync } from 'node:child_process';
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
  writeSync,
} from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { freePort } from '../../test/support/free-port.js';
import { CLI } from '../paths.js';
import { ChaosDaemon, WATCHDOG_FEED_MS } from './chaos-daemon.js';
import { Telling } from './telling.js';

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
  'worker that hangs': () => sickWorker('hang'),
  'worker that hangs on second looks': () => sickWorker('hang on looks'),
  'worker that dies': () => sickWorker('die'),
  'worker out of memory': () => sickWorker('memory'),
  'clock steps of 2 s and 31 days': clockSteps,
  'full disk under the log': fullLog,
  'full disk under the state': () => sickDisk('size=64k', fillBytes),
  'no inodes under the state': () => sickDisk('size=1m,nr_inodes=40', fillInodes),
  'state that becomes read-only': () => sickDisk('size=1m', makeReadOnly),
  'state directory removed': removedState,
  '1100 connections at 1024 files': manyConnections,
  'process stopped for 10 s': stoppedProcess,
  'recorder stopped': stoppedRecorder,
  'recorder that prints among its samples': () =>
    sickRecorder('(sleep 8; printf "overrun!!!\\n") & exec $PLAY', /out of step by a byte/),
  'recorder of twice the pace': () =>
    sickRecorder('export SPEED=2; exec $PLAY', /samples a second where 16000/),
  'recorder that floods stderr': floodedStderr,
  'SIGTERM while the worker wakes': endWhileWaking,
  'killed, and started again': killedDaemon,
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

const CANNOT_MOUNT = 'only root can mount a small disk';

/** A disk of memory, while something is done with it. */
async function onDisk(options: string, use: (disk: string) => Promise<Damage>): Promise<Damage | string> {
  if (spawnSync('unshare', ['-m', 'true']).status !== 0) return CANNOT_MOUNT;
  const disk = mkdtempSync(join(tmpdir(), 'wakegate-small-disk-'));
  if (spawnSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', disk]).status !== 0) return CANNOT_MOUNT;
  try {
    return await use(disk);
  } finally {
    execFileSync('umount', ['-l', disk]);
    rmSync(disk, { recursive: true });
  }
}

function fullLog(): Promise<Damage | string> {
  return onDisk('size=64k', async (disk) => {
    const log = join(disk, 'log');
    const stdout = openSync(log, 'a');
    const daemon = await ChaosDaemon.start({ stdout, log });
    closeSync(stdout);
    const telling = new Telling(daemon, /lines of the log (are lost|could not be written)/);
    const makeWell = fillBytes(disk);
    fillUp(log);
    const lost = await daemon.missed(2);
    makeWell();
    const said = await telling.within(40);
    return damageOf(daemon, lost + (await daemon.missed(1)), said);
  });
}

/** Each makes a disk sick, and gives the way to make it well. */
type Sickness = (disk: string) => () => void;

function fillBytes(disk: string): () => void {
  const filler = join(disk, 'filler');
  fillUp(filler);
  return () => rmSync(filler);
}

/** Appends empty lines until the disk takes no more, to the end of its last page too. */
function fillUp(path: string): void {
  const file = openSync(path, 'a');
  try {
    for (;;) writeSync(file, '\n'.repeat(64));
  } catch {
    closeSync(file);
  }
}

function fillInodes(disk: string): () => void {
  const folder = join(disk, 'fillers');
  mkdirSync(folder);
  try {
    for (let n = 0; ; n++) writeFileSync(join(folder, String(n)), '');
  } catch {
    return () => rmSync(folder, { recursive: true });
  }
}

function makeReadOnly(disk: string): () => void {
  const remount = (as: string) => execFileSync('mount', ['-o', `remount,${as}`, disk]);
  remount('ro');
  return () => remount('rw');
}

function sickDisk(options: string, sicken: Sickness): Promise<Damage | string> {
  return onDisk(options, async (disk) => {
    const daemon = await ChaosDaemon.start({ env: { STATE_DIRECTORY: disk }, args: ['--captures', 'on'] });
    const first = await changeLabel(daemon, 'before');
    const makeWell = sicken(disk);
    const captures = new Telling(daemon, /what was heard is not kept/i);
    const changes = new Telling(daemon, /changes cannot be kept/i);
    const second = await changeLabel(daemon, 'x'.repeat(100));
    const lost = await daemon.missed(2);
    const said = { ...(await captures.within(30)), ...(await changes.within(5)) };
    makeWell();
    const third = await changeLabel(daemon, 'after');
    const isOver = await daemon.told(
      (message) => message.type === 'problem' && message.part === 'state' && message.problem === null,
      10,
    );
    return damageOf(daemon, lost + Number(first !== 200) + Number(third !== 200), {
      ...said,
      'that a change was not kept': second === 500,
      'that changes are kept again': isOver,
    });
  });
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

async function removedState(): Promise<Damage> {
  const daemon = await ChaosDaemon.start({ args: ['--captures', 'on'] });
  const state = join(daemon.folder, 'state');
  const changed = await changeLabel(daemon, 'kept');
  const telling = new Telling(daemon, /was removed while wakegate ran/);
  rmSync(state, { recursive: true });
  const lost = await daemon.missed(2);
  const said = await telling.within(40);
  const isKept = readFileSync(join(state, 'keywords.json'), 'utf8').includes('"kept"');
  return damageOf(daemon, lost + Number(changed !== 200) + Number(!isKept), said);
}

async function manyConnections(): Promise<Damage> {
  const daemon = await ChaosDaemon.start();
  const port = Number(new URL(daemon.url).port);
  const telling = new Telling(daemon, /connections already, so that silent ones are closed/);
  const sockets: Socket[] = [];
  for (let i = 0; i < 1100; i++) sockets.push(connect(port, '127.0.0.1').on('error', () => {}));
  // The worker sleeps between two words, so that it has to start among them.
  const lost = await daemon.missed(3);
  const said = await telling.within(5);
  for (const socket of sockets) socket.destroy();
  await sleep(1000);
  return damageOf(daemon, lost, { ...said, 'readiness afterwards': await daemon.isReady() });
}

async function stoppedProcess(): Promise<Damage> {
  const daemon = await ChaosDaemon.start();
  await daemon.missed(1);
  const telling = new Telling(daemon, /s of sound were missed/);
  daemon.child.kill('SIGSTOP');
  await sleep(10_000);
  daemon.child.kill('SIGCONT');
  const missed = await daemon.missed(2);
  // A pipe holds two seconds of sound: what came after them is a gap, which is counted, and no restart.
  const { restarts } = (await daemon.status()).input;
  const said = await telling.within(5);
  return damageOf(daemon, missed + restarts, { ...said, readiness: await daemon.isReady() });
}

async function stoppedRecorder(): Promise<Damage> {
  const daemon = await ChaosDaemon.start();
  await daemon.missed(1);
  const { pid } = daemon.child;
  const [recorder] = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').map(Number);
  const telling = new Telling(daemon, /has stopped giving samples/);
  process.kill(recorder, 'SIGSTOP');
  const said = await telling.within(30);
  return afterLoss(daemon, said);
}

/** What the recorder does once, when it is first started. */
async function sickRecorder(does: string, says: RegExp): Promise<Damage> {
  const daemon = await ChaosDaemon.start({
    recorder: `[ -e "$0.once" ] && exec $PLAY\ntouch "$0.once"\n${does}`,
  });
  const said = await new Telling(daemon, says).within(40);
  return afterLoss(daemon, said);
}

async function afterLoss(daemon: ChaosDaemon, said: Readonly<Record<string, boolean>>): Promise<Damage> {
  const isBack = await daemon.told((message) => message.type === 'input' && message.state === 'restored', 40);
  return damageOf(daemon, await daemon.missed(2), { ...said, 'that it is back': isBack });
}

async function floodedStderr(): Promise<Damage> {
  const daemon = await ChaosDaemon.start({ recorder: 'yes overrun >&2 & exec $PLAY' });
  const telling = new Telling(daemon, /prints errors without an end/);
  const lost = await daemon.missed(3);
  return damageOf(daemon, lost, await telling.within(20));
}

async function endWhileWaking(): Promise<Damage> {
  const daemon = await ChaosDaemon.start();
  const isWaking = await daemon.told(
    (message) => message.type === 'classifier' && message.state === 'waking',
    30,
  );
  return damageOf(daemon, 0, { 'that it wakes': isWaking });
}

async function killedDaemon(): Promise<Damage> {
  const state = mkdtempSync(join(tmpdir(), 'wakegate-killed-'));
  const env = { STATE_DIRECTORY: state };
  const first = await ChaosDaemon.start({ env });
  const changed = await changeLabel(first, 'kept');
  first.child.kill('SIGKILL');
  await first.stop();
  const daemon = await ChaosDaemon.start({ env });
  const { keywords, problems } = await daemon.status();
  const isKept = keywords.some(({ label }) => label === 'kept');
  const lost = (await daemon.missed(1)) + Number(changed !== 200) + Number(!isKept);
  const damage = await damageOf(daemon, lost, { 'that nothing is wrong': problems.length === 0 });
  rmSync(state, { recursive: true });
  return damage;
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
  let said: Record<string, boolean> = {};
  const restartsBefore = (await daemon.status()).input.restarts;
  for (const [step, says] of [
    ['+2', /set forward by 2 s/],
    ['+0', /set back by 2 s/],
    ['+31d', /set forward by 31 days/],
    ['-31d', /set back by 62 days/],
  ] as const) {
    const before = await captures(daemon);
    const telling = new Telling(daemon, says);
    writeFileSync(clock, step);
    lost += await daemon.missed(1);
    await sleep(1500);
    lost += Math.max(0, before - (await captures(daemon)));
    said = { ...said, ...(await telling.within(5)) };
  }
  // On a busy machine the recorder itself is late, and makes gaps of its own; what the clock makes would be a restart for each step.
  const restarts = (await daemon.status()).input.restarts - restartsBefore;
  const readiness = await daemon.isReady();
  rmSync(folder, { recursive: true });
  return damageOf(daemon, lost + restarts, { ...said, readiness });
}

async function captures({ url }: ChaosDaemon): Promise<number> {
  const { captures } = (await (await fetch(`${url}/v1/captures`)).json()) as { captures: unknown[] };
  return captures.length;
}

async function sickWorker(how: 'hang' | 'hang on looks' | 'die' | 'memory'): Promise<Damage> {
  const folder = mkdtempSync(join(tmpdir(), 'wakegate-sick-'));
  const sickness = join(folder, 'sickness');
  const daemon = await ChaosDaemon.start({ env: { SICK: sickness }, nodeFlags: ['--import', SICK_WORKERS] });
  let lost = await daemon.missed(1);
  const telling = new Telling(daemon, how.startsWith('hang') ? /no answer within/ : /in a row/);
  writeFileSync(sickness, how);
  const said = await telling.within(60);
  const wasReady = await daemon.isReady();
  const fed = daemon.feedings();
  await sleep(2 * WATCHDOG_FEED_MS + 1000);
  const isStarved = daemon.feedings() === fed;
  rmSync(sickness);
  const isOver = await daemon.told((message) => message.type === 'problem' && message.problem === null, 90);
  lost += await daemon.missed(2);
  const isReady = await daemon.isReady();
  rmSync(folder, { recursive: true });
  return damageOf(daemon, lost, {
    ...said,
    'in the status of /readyz': !wasReady,
    "to systemd's watchdog": isStarved,
    'that it is over': isOver,
    'readiness afterwards': isReady,
    'that it lives, to the watchdog': daemon.feedings() > fed,
  });
}

/** The second one does not run: its end and its error are what systemd and the log get of it. */
async function twoDaemons(): Promise<Damage> {
  const daemon = await ChaosDaemon.start();
  const state = join(daemon.folder, 'state');
  mkdirSync(state, { recursive: true });
  const args = [CLI, 'run', '--port', String(await freePort()), '--state-directory', state];
  const second = await new Promise<{ status: number | null; stderr: string }>((resolve) => {
    const child = execFile(process.execPath, args, { timeout: 60_000 }, (_error, _stdout, stderr) => {
      resolve({ status: child.exitCode, stderr });
    });
  });
  const says = second.stderr.includes(`in use by another wakegate (process ${daemon.child.pid}`);
  return damageOf(daemon, await daemon.missed(1), { 'who has it': says, 'a failure': second.status === 1 });
}
