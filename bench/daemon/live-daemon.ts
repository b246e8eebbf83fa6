import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { MALLOC_ENVIRONMENT } from '../../src/process-settings.js';
import { CLI } from '../paths.js';

const RECORDER = fileURLToPath(new URL('./recorder.js', import.meta.url));

export interface Detected {
  readonly keyword: string;
  readonly sample: number;
  /** When its line of the log came, in ms since the epoch. */
  readonly arrivedMs: number;
}

/** The audio of a microphone, and how it comes. */
export interface Played {
  /** At 16 kHz. */
  readonly samples: Int16Array;
  readonly times?: number;
  readonly pace?: 'sound' | 'flood';
}

/** The real daemon with a recorder program at its microphone that plays what it is given. */
export class LiveDaemon {
  readonly detections: Detected[] = [];
  readonly #folder = mkdtempSync(join(tmpdir(), 'wakegate-live-'));
  readonly #child: ChildProcess;
  readonly #port = 20_000 + Math.floor(20_000 * Math.random());
  #unread = '';

  /** @param cli of another build */
  constructor({ samples, times = 1, pace = 'sound' }: Played, model: string, cli: readonly string[] = [CLI]) {
    const audio = join(this.#folder, 'audio.raw');
    writeFileSync(audio, new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength));
    writeFileSync(join(this.#folder, 'arecord'), `#!/bin/sh\nexec ${process.execPath} ${RECORDER}\n`, {
      mode: 0o755,
    });
    const args = [
      'run',
      '--input',
      'mic',
      '--recorder',
      'arecord',
      '--model',
      model,
      '--port',
      String(this.#port),
    ];
    this.#child = spawn(process.execPath, [...cli, ...args], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: {
        ...process.env,
        ...MALLOC_ENVIRONMENT,
        PATH: `${this.#folder}:${process.env.PATH}`,
        STATE_DIRECTORY: this.#folder,
        AUDIO: audio,
        TIMES: String(times),
        PACE: pace,
        BEGAN: join(this.#folder, 'began'),
      },
    });
    this.#child.stdout!.setEncoding('utf8').on('data', (text: string) => this.#read(text));
  }

  get pid(): number {
    return this.#child.pid!;
  }

  /** When the first sample was taken, in ms since the epoch. */
  get beganMs(): number {
    return Number(readFileSync(join(this.#folder, 'began'), 'utf8'));
  }

  urlOf(path: string): string {
    return `http://127.0.0.1:${this.#port}${path}`;
  }

  /** Resolves when it answers. */
  async serves(): Promise<void> {
    while (!(await fetch(this.urlOf('/healthz')).catch(() => null))?.ok) await sleep(50);
  }

  async get<T>(path: string): Promise<T> {
    return (await (await fetch(this.urlOf(path))).json()) as T;
  }

  async stop(): Promise<void> {
    const gone = once(this.#child, 'close');
    this.#child.kill('SIGTERM');
    await gone;
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #read(text: string): void {
    const arrivedMs = Date.now();
    const lines = (this.#unread + text).split('\n');
    this.#unread = lines.pop()!;
    for (const line of lines) {
      const { event, keyword, sample } = JSON.parse(line);
      if (event === 'detection') this.detections.push({ keyword, sample, arrivedMs });
    }
  }
}

/** Resident memory in MB. */
export function residentMb(pid: number): number {
  return Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]) / 1024;
}

export interface Effort {
  /** Times that a thread of the process gave up its core by itself, to wait: each is followed by a wake-up. */
  readonly waits: number;
  readonly cpuMs: number;
}

/** CPU time of a process's main thread, in ms, since it began. */
export function mainThreadMs(pid: number): number {
  return Number(readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ')[0]) / 1e6;
}

/** Of all threads of a process, since they began. */
export function effortOf(pid: number): Effort {
  let waits = 0;
  let cpuMs = 0;
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    const folder = `/proc/${pid}/task/${thread}`;
    waits += Number(/^voluntary_ctxt_switches:\s+(\d+)/m.exec(readFileSync(`${folder}/status`, 'utf8'))![1]);
    cpuMs += Number(readFileSync(`${folder}/schedstat`, 'utf8').split(' ')[0]) / 1e6;
  }
  return { waits, cpuMs };
}
