import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { MALLOC_ENVIRONMENT } from '../../src/process-settings.js';
import { CLI } from '../paths.js';
import { until } from './until.js';

const MICROPHONE = fileURLToPath(new URL('./speaking-microphone.js', import.meta.url));

/** The real daemon, as the command line starts it, at a microphone that one can speak into. */
export class HomeDaemon {
  readonly url: string;
  readonly #folder: string;
  readonly #port: number;
  #process: ChildProcess | null = null;

  constructor(folder: string, port: number) {
    this.#folder = folder;
    this.#port = port;
    this.url = `http://127.0.0.1:${port}`;
    writeFileSync(join(folder, 'arecord'), `#!/bin/sh\nexec ${process.execPath} ${MICROPHONE}\n`, {
      mode: 0o755,
    });
  }

  /** @param flags besides those of the microphone and the port */
  async start(flags: readonly string[]): Promise<void> {
    const log = openSync(join(this.#folder, 'daemon.log'), 'a');
    const args = ['run', '--input', 'mic', '--recorder', 'arecord', '--port', String(this.#port)];
    this.#process = spawn(process.execPath, [CLI, ...args, ...flags], {
      stdio: ['ignore', log, log],
      env: {
        ...process.env,
        ...MALLOC_ENVIRONMENT,
        PATH: `${this.#folder}:${process.env.PATH}`,
        STATE_DIRECTORY: this.#folder,
        SAY: join(this.#folder, 'say'),
        SAID: join(this.#folder, 'said'),
      },
    });
    closeSync(log);
    await until('the daemon listens', 60, async () => {
      if (this.#process!.exitCode !== null) throw new Error(`the daemon has ended: ${this.log()}`);
      try {
        const { input } = await this.get<{ input: { state: string } }>('/v1/status');
        return input.state === 'listening';
      } catch {
        return false;
      }
    });
  }

  get pid(): number {
    return this.#process!.pid!;
  }

  log(): string {
    return readFileSync(join(this.#folder, 'daemon.log'), 'utf8');
  }

  async get<T>(path: string): Promise<T> {
    return (await (await fetch(`${this.url}${path}`)).json()) as T;
  }

  /**
   * Speaks into the microphone.
   *
   * @param samples at 16 kHz
   * @returns when the last of them is heard, in ms since the epoch
   */
  async say(samples: Int16Array): Promise<number> {
    const [say, said] = ['say', 'said'].map((name) => join(this.#folder, name));
    rmSync(said, { force: true });
    writeFileSync(`${say}.new`, new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength));
    renameSync(`${say}.new`, say);
    return await until('the microphone speaks', 30, () => {
      try {
        return Number(readFileSync(said, 'utf8'));
      } catch {
        return undefined;
      }
    });
  }

  /** As if its machine had lost power. */
  async kill(): Promise<void> {
    const gone = once(this.#process!, 'close');
    this.#process!.kill('SIGKILL');
    await gone;
  }

  async stop(): Promise<void> {
    if (this.#process === null || this.#process.exitCode !== null) return;
    const gone = once(this.#process, 'close');
    this.#process.kill('SIGTERM');
    await gone;
  }
}
