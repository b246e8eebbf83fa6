import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { MALLOC_ENVIRONMENT } from '../../src/process-settings.js';
import { type Line, median } from '../measure.js';
import { cliOf } from '../paths.js';

const AT_MOST_MS = 110;
/** The daemon keeps what it has compiled 3 s after its start. */
const KEPT_AFTER_MS = 5000;

interface Start {
  readonly wallMs: number;
  /** CPU time of all threads. */
  readonly cpuMs: number;
}

/** From the start of a process to its listening: of the daemon, of that of another commit, and of Node with nothing to do, in turns. */
export async function benchStart(roots: readonly string[], turns: number): Promise<Line[]> {
  const folder = await mkdtemp(join(tmpdir(), 'wakegate-cost-'));
  const commands = [
    ...roots.map((root) => [
      ...cliOf(root),
      ...['run', '--input', '-', '--port', '0', '--state-directory', folder],
    ]),
    ['-e', 'console.log("Listening"); setInterval(() => {}, 1000)'],
  ];
  const starts = commands.map((): Start[] => []);
  try {
    // In the first turn the caches of disks are filled, and what was compiled is kept.
    for (let turn = -1; turn < turns; turn++) {
      for (const [i, command] of commands.entries()) {
        const start = await startOnce(command, turn < 0 ? KEPT_AFTER_MS : 0);
        if (turn >= 0) starts[i].push(start);
      }
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  const of = (all: readonly Start[], what: keyof Start) => median(all.map((start) => start[what]));
  const bare = starts[starts.length - 1];
  const others = [
    ...(roots.length > 1
      ? [`before ${of(starts[1], 'wallMs').toFixed(0)} (${of(starts[1], 'cpuMs').toFixed(0)})`]
      : []),
    `bare node ${of(bare, 'wallMs').toFixed(0)} (${of(bare, 'cpuMs').toFixed(0)})`,
  ];
  return [
    {
      name: 'start to listening',
      value: of(starts[0], 'wallMs'),
      unit: 'ms',
      bar: { atMost: AT_MOST_MS },
      detail: `${of(starts[0], 'cpuMs').toFixed(0)} ms of CPU; ${others.join('; ')}; median of ${turns}`,
    },
  ];
}

/** @param forMs how long it runs on */
async function startOnce(command: readonly string[], forMs: number): Promise<Start> {
  const begin = performance.now();
  const child = spawn(process.execPath, [...command], {
    stdio: ['pipe', 'pipe', 'ignore'],
    env: { ...process.env, ...MALLOC_ENVIRONMENT },
  });
  const exit = once(child, 'exit');
  try {
    // It listens to what comes, and says so when something does.
    child.stdin.write(Buffer.alloc(6400));
    await Promise.race([
      saysListening(child),
      exit.then(() => Promise.reject(new Error(`${command} ended`))),
    ]);
    const start = { wallMs: performance.now() - begin, cpuMs: cpuMsOf(child) };
    await sleep(forMs);
    return start;
  } finally {
    child.kill('SIGKILL');
    await exit;
  }
}

async function saysListening({ stdout }: ChildProcess): Promise<void> {
  let text = '';
  for await (const piece of stdout!) {
    text += piece;
    if (text.includes('Listening')) return;
  }
}

function cpuMsOf({ pid }: ChildProcess): number {
  const tasks = `/proc/${pid}/task`;
  return readdirSync(tasks)
    .map((task) => Number(readFileSync(`${tasks}/${task}/schedstat`, 'utf8').split(' ')[0]) / 1e6)
    .reduce((sum, ms) => sum + ms, 0);
}
