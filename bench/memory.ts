import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { readAudioFile, writeWav } from '../src/audio/index.js';
import { MALLOC_ENVIRONMENT, NODE_FLAGS } from '../src/process-settings.js';
import { type Line, quietRoom } from './measure.js';
import { CLI, SAMPLE_FILE } from './paths.js';

const QUIET_SECONDS = 12;
const IDLE_SECONDS = 3;

/** Megabytes of resident memory. */
export interface Resident {
  readonly asleep: number;
  readonly awake: number;
  readonly again: number;
}

export async function benchMemory(model: string): Promise<Line[]> {
  const { asleep, awake, again } = await measureMemory(model, CLI, 'auto');
  return [
    {
      name: 'daemon asleep',
      value: asleep,
      unit: 'MB',
      bar: { atMost: 75 },
      detail: 'resident memory, never woken yet',
    },
    {
      name: 'daemon awake',
      value: awake,
      unit: 'MB',
      bar: { atMost: 130 },
      detail: 'highest while it heard the bundled sample',
    },
    {
      name: 'daemon asleep again, over before',
      value: again - asleep,
      unit: 'MB',
      bar: { atMost: 10 },
      detail: `${again.toFixed(1)} MB, 8 s after it fell asleep`,
    },
  ];
}

/** Resident memory of the real daemon: before it was ever woken, awake, and asleep again. */
export async function measureMemory(model: string, cli: string, backend: string): Promise<Resident> {
  const folder = await mkdtemp(join(tmpdir(), 'wakegate-bench-'));
  const input = join(folder, 'quiet-words-quiet.wav');
  const words = await readAudioFile(SAMPLE_FILE);
  const samples = quietRoom((2 * QUIET_SECONDS + 30) * 16_000 + words.length);
  samples.set(words, QUIET_SECONDS * 16_000);
  await writeFile(input, writeWav(samples, 16_000));
  await writeFile(join(folder, 'config.json'), JSON.stringify({ idleSeconds: IDLE_SECONDS }));
  const port = 20_000 + (process.pid % 20_000);
  const daemon = spawn(
    process.execPath,
    [
      ...NODE_FLAGS,
      cli,
      'run',
      '--input',
      input,
      '--model',
      model,
      '--port',
      String(port),
      '--backend',
      backend,
      '--config',
      join(folder, 'config.json'),
    ],
    { stdio: ['ignore', 'ignore', 'inherit'], env: { ...process.env, ...MALLOC_ENVIRONMENT } },
  );
  try {
    await untilState(port, ({ wakes, state }) => wakes === 0 && state === 'asleep');
    await sleep((QUIET_SECONDS - 6) * 1000);
    const asleep = residentMb(daemon);
    await untilState(port, ({ state }) => state === 'awake');
    // It may doze between the words: the highest of all until they are over.
    let awake = 0;
    for (let second = 0; second < QUIET_SECONDS + words.length / 16_000; second++) {
      awake = Math.max(awake, residentMb(daemon));
      await sleep(1000);
    }
    await untilState(port, ({ state }) => state === 'asleep');
    await sleep(8000);
    const again = residentMb(daemon);
    return { asleep, awake, again };
  } finally {
    daemon.kill('SIGTERM');
    await rm(folder, { recursive: true, force: true });
  }
}

interface ClassifierState {
  readonly state: string;
  readonly wakes: number;
}

async function classifierOf(port: number): Promise<ClassifierState> {
  const response = await fetch(`http://127.0.0.1:${port}/v1/status`);
  return ((await response.json()) as { classifier: ClassifierState }).classifier;
}

async function untilState(
  port: number,
  wanted: (state: ClassifierState) => boolean,
  seconds = 60,
): Promise<void> {
  for (let tries = 0; tries < seconds; tries++) {
    const state = await classifierOf(port).catch(() => null);
    if (state && wanted(state)) return;
    await sleep(1000);
  }
  throw new Error(`the daemon's classifier did not get into the wanted state within ${seconds} s`);
}

function residentMb({ pid }: ChildProcess): number {
  const line = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return Number(line![1]) / 1024;
}
