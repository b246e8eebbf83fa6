import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import WebSocket from 'ws';
import { MALLOC_ENVIRONMENT } from '../../src/process-settings.js';
import type { Message, Status } from '../../src/protocol/index.js';
import { freePort } from '../../test/support/free-port.js';
import { bundledWords, inQuiet } from '../daemon/words.js';
import { CLI } from '../paths.js';

const RECORDER = fileURLToPath(new URL('../daemon/recorder.js', import.meta.url));
/** The unit's. */
const MEMORY_BYTES = 256 * 1024 * 1024;
const TASKS = 64;
const FILES = 1024;
/** Far shorter than the unit's, so that its absence shows. */
const WATCHDOG_SECONDS = 6;
/** How often it is fed. */
export const WATCHDOG_FEED_MS = (1000 * WATCHDOG_SECONDS) / 3;
const MEMORY_CGROUP = '/sys/fs/cgroup/memory';
const TASKS_CGROUP = '/sys/fs/cgroup/pids';

export interface ChaosOptions {
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly nodeFlags?: readonly string[];
  /** Where its log goes; a file of its own by default. */
  readonly stdout?: number;
  /** The file that this is. */
  readonly log?: string;
  /** What the recorder does: a script of the shell, in which \$PLAY plays the word over and over. */
  readonly recorder?: string;
}

/** The real daemon under the limits of its unit, at a microphone where somebody says a word every five seconds. */
export class ChaosDaemon {
  readonly messages: Message[] = [];
  readonly url: string;
  readonly folder: string;
  readonly child: ChildProcess;
  readonly #log: string;
  readonly #notified: string;
  #socket: WebSocket | null = null;

  static async start(options: ChaosOptions = {}): Promise<ChaosDaemon> {
    const folder = mkdtempSync(join(tmpdir(), 'wakegate-chaos-'));
    const [word] = await bundledWords();
    const audio = inQuiet(word, 2, 2);
    writeFileSync(join(folder, 'audio.raw'), new Uint8Array(audio.buffer));
    const daemon = new ChaosDaemon(folder, await freePort(), options);
    await daemon.#follow();
    return daemon;
  }

  private constructor(
    folder: string,
    port: number,
    { args = [], env = {}, nodeFlags = [], stdout, log: logFile, recorder = 'exec $PLAY' }: ChaosOptions,
  ) {
    this.folder = folder;
    this.url = `http://127.0.0.1:${port}`;
    const leave = canLimit()
      ? `echo $$ > ${MEMORY_CGROUP}/cgroup.procs; echo $$ > ${TASKS_CGROUP}/cgroup.procs;`
      : '';
    // It is a big program in the place of a small one: its memory, and its clock, are its own.
    const program = `#!/bin/sh\n${leave} unset LD_PRELOAD; PLAY="${process.execPath} ${RECORDER}"\n${recorder}\n`;
    writeFileSync(join(folder, 'arecord'), program, { mode: 0o755 });
    this.#notified = join(folder, 'notified');
    const notify = `#!/bin/sh\nunset LD_PRELOAD\nfor said; do echo "$said" >> ${this.#notified}; done\n`;
    writeFileSync(join(folder, 'systemd-notify'), notify, { mode: 0o755 });
    writeFileSync(this.#notified, '');
    this.#log = logFile ?? join(folder, 'log');
    const log = stdout ?? openSync(this.#log, 'a');
    const limits = `ulimit -n ${FILES}; ${enterCgroups(folder)} exec "$0" "$@"`;
    const run = ['run', '--input', 'mic', '--recorder', 'arecord', '--port', String(port)];
    const command = [process.execPath, ...nodeFlags, CLI, ...run, '--idle-seconds', '1', ...args];
    this.child = spawn('sh', ['-c', limits, ...command], {
      stdio: ['ignore', log, 'inherit'],
      env: {
        ...process.env,
        ...MALLOC_ENVIRONMENT,
        PATH: `${folder}:${process.env.PATH}`,
        STATE_DIRECTORY: join(folder, 'state'),
        AUDIO: join(folder, 'audio.raw'),
        TIMES: '10000',
        NOTIFY_SOCKET: '/of/nobody', // systemd-notify is another one here
        WATCHDOG_USEC: String(1e6 * WATCHDOG_SECONDS),
        ...env,
      },
    });
    if (stdout === undefined) closeSync(log);
  }

  async status(): Promise<Status> {
    return (await (await fetch(`${this.url}/v1/status`)).json()) as Status;
  }

  /** Its log so far. */
  log(): string {
    return existsSync(this.#log) ? readFileSync(this.#log, 'utf8') : '';
  }

  /** What it has sent to systemd, a line each. */
  notified(): string[] {
    return readFileSync(this.#notified, 'utf8').split('\n').slice(0, -1);
  }

  /** How often its watchdog has been fed. */
  feedings(): number {
    return this.notified().filter((line) => line === 'WATCHDOG=1').length;
  }

  async isReady(): Promise<boolean> {
    return (await fetch(`${this.url}/readyz`)).status === 200;
  }

  /** Whether a message that fits comes in time, or has come. */
  async told(fits: (message: Message) => boolean, seconds: number): Promise<boolean> {
    for (const endMs = performance.now() + seconds * 1000; performance.now() < endMs; await sleep(50)) {
      if (this.messages.some(fits)) return true;
    }
    return false;
  }

  /** How many of so many words are missed from now on, of which one is said every five seconds. */
  async missed(words: number): Promise<number> {
    const detections = () => this.messages.filter(({ type }) => type === 'detection').length;
    const before = detections();
    const endMs = performance.now() + words * 5500 + 15_000;
    while (detections() < before + words && performance.now() < endMs) await sleep(50);
    return Math.max(0, words - (detections() - before));
  }

  /** Of all it ever held, in MB. */
  peakMegabytes(): number {
    return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${this.child.pid}/status`, 'utf8'))![1]) / 1024;
  }

  /** Ends it as systemd does. @returns how long that took, in ms */
  async stop(): Promise<number> {
    const gone = once(this.child, 'exit');
    const startMs = performance.now();
    if (this.child.exitCode === null && this.child.signalCode === null) {
      this.child.kill('SIGTERM');
      const kill = setTimeout(() => this.child.kill('SIGKILL'), 20_000);
      await gone;
      clearTimeout(kill);
    }
    const tookMs = performance.now() - startMs;
    this.#socket?.terminate();
    rmSync(this.folder, { recursive: true, force: true });
    for (const cgroup of [MEMORY_CGROUP, TASKS_CGROUP]) removeCgroup(cgroup, this.folder);
    return tookMs;
  }

  async #follow(): Promise<void> {
    for (;;) {
      if (this.child.exitCode !== null) throw new Error('the daemon has ended');
      const status = await this.status().catch(() => null);
      if (status?.input.state === 'listening') break;
      await sleep(100);
    }
    this.#socket = new WebSocket(`${this.url.replace('http', 'ws')}/v1/events?since=0`);
    this.#socket.on('error', () => {});
    this.#socket.on('message', (data) => this.messages.push(JSON.parse(String(data))));
    await once(this.#socket, 'open');
  }
}

/** Whether cgroups of version 1 can be made here. */
export function canLimit(): boolean {
  return process.getuid?.() === 0 && existsSync(`${MEMORY_CGROUP}/cgroup.procs`) && existsSync(TASKS_CGROUP);
}

function enterCgroups(folder: string): string {
  if (!canLimit()) return '';
  const name = folder.split('/').at(-1)!;
  mkdirSync(join(MEMORY_CGROUP, name));
  mkdirSync(join(TASKS_CGROUP, name));
  writeFileSync(join(MEMORY_CGROUP, name, 'memory.limit_in_bytes'), String(MEMORY_BYTES));
  writeFileSync(join(TASKS_CGROUP, name, 'pids.max'), String(TASKS));
  return `echo $$ > ${MEMORY_CGROUP}/${name}/cgroup.procs; echo $$ > ${TASKS_CGROUP}/${name}/cgroup.procs;`;
}

function removeCgroup(cgroup: string, folder: string): void {
  try {
    rmdirSync(join(cgroup, folder.split('/').at(-1)!));
  } catch {
    // The kernel removes it only when the last process is gone; it is empty, and stays until the machine restarts.
  }
}
