import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import type { Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { MALLOC_ENVIRONMENT } from '../../src/process-settings.js';
import type { EngineDescription } from './engines.js';
import type { Command, EngineOptions, Greeting, Heard, Recordings, Spent } from './protocol.js';

/** Where package.json, .venv and the Python adapter are; this runs from dist/bench/peers/. */
export const PEERS = fileURLToPath(new URL('../../../bench/peers/', import.meta.url));
const ADAPTERS = fileURLToPath(new URL('./adapters/', import.meta.url));

/** An engine cannot be had here, for a reason that is its message. */
export class EngineMissing extends Error {}

/** One engine in a process of its own, on one core. */
export class EngineProcess {
  /** From starting the program to the line that says that it can hear. */
  readonly startMs: number;
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;
  readonly #reader: Interface;

  /** @throws EngineMissing where it is not installed */
  static async start(
    engine: EngineDescription,
    options: EngineOptions,
    cores: number | readonly number[],
  ): Promise<EngineProcess> {
    const began = performance.now();
    const child = spawn('taskset', ['-c', [cores].flat().join(','), ...programOf(engine, options)], {
      stdio: ['pipe', 'pipe', 'pipe', 'pipe'],
      env: environmentOf(engine),
    });
    let complaint = '';
    child.stderr!.setEncoding('utf8').on('data', (text: string) => {
      complaint = (complaint + text).slice(-2000);
    });
    // An engine that is ended has not read all that it was given.
    for (const given of [child.stdin!, child.stdio[3] as Writable]) given.on('error', () => {});
    const failed = new Promise<never>((_, reject) => child.once('error', reject));
    const reader = createInterface({ input: child.stdout! });
    const lines = reader[Symbol.asyncIterator]();
    const first = await Promise.race([lines.next(), failed]);
    const greeting: Greeting = first.done
      ? { ready: false, reason: complaint.trim().split('\n').at(-1) ?? 'it ended at once' }
      : JSON.parse(first.value);
    if (!greeting.ready) {
      child.kill();
      throw new EngineMissing(greeting.reason);
    }
    return new EngineProcess(child, reader, lines, performance.now() - began);
  }

  private constructor(child: ChildProcess, reader: Interface, lines: AsyncIterator<string>, startMs: number) {
    this.#child = child;
    this.#reader = reader;
    this.#lines = lines;
    this.startMs = startMs;
  }

  get pid(): number {
    return this.#child.pid!;
  }

  hear(recordings: Recordings): Promise<Heard> {
    return this.#ask({ do: 'hear', ...recordings });
  }

  spend(path: string): Promise<Spent> {
    return this.#ask({ do: 'spend', path });
  }

  /** @returns where its audio goes from now on */
  listen(): Writable {
    this.#send({ do: 'listen' });
    return this.#child.stdio[3] as Writable;
  }

  async stop(): Promise<void> {
    const ended = once(this.#child, 'close');
    this.#reader.close();
    this.#child.kill('SIGKILL');
    await ended;
  }

  async #ask<T>(command: Command): Promise<T> {
    this.#send(command);
    const line = await this.#lines.next();
    if (line.done) throw new Error(`the process of an engine ended while it was asked to ${command.do}`);
    return JSON.parse(line.value) as T;
  }

  #send(command: Command): void {
    this.#child.stdin!.write(`${JSON.stringify(command)}\n`);
  }
}

/** The command that starts an engine. */
export function programOf({ adapter, nodeFlags = [] }: EngineDescription, options: EngineOptions) {
  const argument = JSON.stringify(options);
  if (!adapter.endsWith('.py')) {
    return [process.execPath, ...nodeFlags, join(ADAPTERS, adapter), argument];
  }
  const python = join(options.packages, '.venv/bin/python');
  if (!existsSync(python)) throw new EngineMissing(`there is no ${python}`);
  return [python, join(PEERS, 'adapters', adapter), argument];
}

/** One thread, as everything here has. */
export function environmentOf({ startsAsWakegate }: EngineDescription): NodeJS.ProcessEnv {
  return {
    ...process.env,
    OMP_NUM_THREADS: '1',
    OPENBLAS_NUM_THREADS: '1',
    ...(startsAsWakegate && MALLOC_ENVIRONMENT),
  };
}
