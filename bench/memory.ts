import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { readAudioFile, writeWav } from '../src/audio/index.js';
import { MALLOC_ENVIRONMENT } from '../src/process-settings.js';
import { type Line, quietRoom } from './measure.js';
import { CLI, SAMPLE_FILE } from './paths.js';

/** V8 gives back what it no longer uses when little has happened for some seconds. */
const SETTLED_SECONDS = 24;
const QUIET_SECONDS = SETTLED_SECONDS + 6;
const IDLE_SECONDS = 3;

/** Megabytes of resident memory. */
export interface Resident {
  readonly asleep: number;
  readonly awake: number;
  readonly again: number;
  /** Asleep, after the first request over HTTP. */
  readonly asked: number;
  /** What that request took, in ms. */
  readonly askedMs: number;
}

export async function benchMemory(model: string): Promise<Line[]> {
  const { asleep, awake, again } = await measureMemory(model, [CLI], 'auto');
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
      detail: `${again.toFixed(1)} MB, ${SETTLED_SECONDS} s after it fell asleep`,
    },
  ];
}

/**
 * Resident memory of the real daemon: before it was ever woken, awake, and asleep again. How it is, is read from its log: nobody asks it
 * over HTTP before the end.
 */
export async function measureMemory(
  model: string,
  cli: readonly string[],
  backend: string,
): Promise<Resident> {
  const folder = await mkdtemp(join(tmpdir(), 'wakegate-bench-'));
  const input = join(folder, 'quiet-words-quiet.wav');
  const words = await readAudioFile(SAMPLE_FILE);
  const samples = quietRoom((2 * QUIET_SECONDS + 30) * 16_000 + words.length);
  samples.set(words, QUIET_SECONDS * 16_000);
  await writeFile(input, writeWav(samples, 16_000));
  await writeFile(
    join(folder, 'config.json'),
    JSON.stringify({ idleSeconds: IDLE_SECONDS, logLevel: 'debug' }),
  );
  const port = 20_000 + (process.pid % 20_000);
  const daemon = spawn(
    process.execPath,
    [
      ...cli,
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
    { stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, ...MALLOC_ENVIRONMENT } },
  );
  const log = createInterface({ input: daemon.stdout })[Symbol.asyncIterator]();
  try {
    await logged(log, 'Listening to ');
    await sleep(SETTLED_SECONDS * 1000);
    const asleep = residentMb(daemon);
    await logged(log, 'classifier awake');
    // It may doze between the words: the highest of all until they are over.
    let awake = 0;
    for (let second = 0; second < 6 + words.length / 16_000; second++) {
      awake = Math.max(awake, residentMb(daemon));
      await sleep(1000);
    }
    await logged(log, 'classifier asleep');
    await sleep(SETTLED_SECONDS * 1000);
    const again = residentMb(daemon);
    const startMs = performance.now();
    await (await fetch(`http://127.0.0.1:${port}/v1/status`)).json();
    const askedMs = performance.now() - startMs;
    await sleep(3000);
    return { asleep, awake, again, asked: residentMb(daemon), askedMs };
  } finally {
    daemon.kill('SIGTERM');
    await rm(folder, { recursive: true, force: true });
  }
}

/** Waits for a line of the log that says it, now or later. */
async function logged(lines: AsyncIterator<string>, message: string): Promise<void> {
  for (;;) {
    const { value, done } = await lines.next();
    if (done) throw new Error(`the daemon ended before it logged "${message}"`);
    if ((JSON.parse(value) as { msg: string }).msg.startsWith(message)) return;
  }
}

function residentMb({ pid }: ChildProcess): number {
  const line = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return Number(line![1]) / 1024;
}
