import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MALLOC_ENVIRONMENT, NODE_FLAGS } from '../../src/process-settings.js';
import { type Line, median } from '../measure.js';

const AT_MOST_MS = 110;

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
      ...NODE_FLAGS,
      join(root, 'dist/src/cli/main.js'),
      ...['run', '--input', '-', '--port', '0', '--state-directory', folder],
    ]),
    ['-e', 'console.log("Listening"); setInterval(() => {}, 1000)'],
  ];
  const starts = commands.map((): Start[] => []);
  try {
    // The first turn fills the caches of disks and of compiled code.
    for (let turn = -1; turn < turns; turn++) {
      for (const [i, command] of commands.entries()) {
        const start = await startOnce(command);
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

async function startOnce(command: readonly string[]): Promise<Start> {
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
    return { wallMs: performance.now() - begin, cpuMs: cpuMsOf(child) };
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
