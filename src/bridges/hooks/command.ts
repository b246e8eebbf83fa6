import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import type { HookConfig } from '../../config/index.js';
import { WakegateError } from '../../errors.js';
import type { Delivery, DeliveryOptions, HookEvent } from './delivery.js';
import { commandEnvironment } from './environment.js';

const TIMEOUT_SECONDS = 10;
const MOST_AGE_MS = 60_000;
/** What a command prints is for the log, and the rest of it for nobody. */
const MOST_OUTPUT_BYTES = 4096;
/** Between being asked to end and being ended. */
const GRACE_MS = 500;

type Child = ChildProcessByStdio<Writable, Readable, Readable>;

/** Runs a program for events, in a process group of its own, without a shell. */
export class Command implements Delivery {
  readonly kind = 'command';
  readonly target: string;
  readonly atOnce: number;
  readonly mostAgeMs = MOST_AGE_MS;
  readonly #words: readonly string[];
  readonly #environment: Readonly<Record<string, string>>;
  readonly #timeoutMs: number;
  readonly #onOutput: (output: string) => void;

  /** @param onOutput what a command has printed that succeeded */
  constructor(
    {
      command,
      environment = {},
      atOnce = 1,
      timeoutSeconds = TIMEOUT_SECONDS,
    }: HookConfig & { readonly command: string[] },
    onOutput: (output: string) => void,
  ) {
    this.#words = command;
    this.#environment = environment;
    this.#timeoutMs = timeoutSeconds * 1000;
    this.#onOutput = onOutput;
    this.target = command[0];
    this.atOnce = atOnce;
  }

  async deliver(event: HookEvent, { signal }: DeliveryOptions): Promise<void> {
    const [program, ...args] = this.#words;
    const fail = (problem: string) => new WakegateError('WG_HOOK_FAILED', `${program} ${problem}`);
    let child: Child;
    try {
      child = spawn(program, args, {
        cwd: '/',
        env: commandEnvironment(event, this.#environment),
        stdio: 'pipe',
        detached: true, // a process group of its own, so that all it starts can be ended
      });
    } catch (error) {
      throw fail(`cannot be started: ${(error as Error).message}`);
    }
    const output = outputOf(child);
    // It need not read what it is given.
    child.stdin.on('error', () => {});
    child.stdin.end(JSON.stringify(event));
    const group = new ProcessGroup(child);
    let ended: 'late' | 'stopped' | null = null;
    const stop = (why: 'late' | 'stopped') => {
      ended ??= why;
      group.end();
    };
    const timer = setTimeout(() => stop('late'), this.#timeoutMs);
    const onAbort = () => stop('stopped');
    signal.addEventListener('abort', onAbort);
    try {
      const { code, killedBy } = await exitOf(child).catch((error: Error) => {
        throw fail(`cannot be started: ${error.message}`);
      });
      const said = output() === '' ? '' : `: ${output()}`;
      if (ended === 'stopped') throw fail('was ended, since the daemon stops');
      if (ended === 'late') throw fail(`took longer than ${this.#timeoutMs / 1000} s, and was ended${said}`);
      if (killedBy !== null) throw fail(`was ended by ${killedBy}${said}`);
      if (code !== 0) throw fail(`ended with exit code ${code}${said}`);
      if (said !== '') this.#onOutput(output());
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      group.kill();
      // Whoever still holds the other ends is not waited for.
      child.stdout?.destroy();
      child.stderr?.destroy();
    }
  }
}

/** A command, and all that it has started. */
class ProcessGroup {
  readonly #pid: number | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor({ pid }: Child) {
    this.#pid = pid;
  }

  /** Asks it to end, and ends it if it does not. */
  end(): void {
    if (this.#timer !== undefined) return;
    this.#send('SIGTERM');
    this.#timer = setTimeout(() => this.#send('SIGKILL'), GRACE_MS);
  }

  /** Ends what is left of it. */
  kill(): void {
    clearTimeout(this.#timer);
    this.#send('SIGKILL');
  }

  #send(signal: NodeJS.Signals): void {
    if (this.#pid === undefined) return;
    try {
      process.kill(-this.#pid, signal);
    } catch {
      // There is nothing left of it.
    }
  }
}

function exitOf(child: Child): Promise<{ code: number | null; killedBy: NodeJS.Signals | null }> {
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code, killedBy) => resolve({ code, killedBy }));
  });
}

/** Gathers the beginning of what it prints, and reads the rest, so that it can write. */
function outputOf({ stdout, stderr }: Child): () => string {
  const pieces: Buffer[] = [];
  let room = MOST_OUTPUT_BYTES;
  let isCut = false;
  for (const stream of [stdout, stderr]) {
    stream.on('error', () => {});
    stream.on('data', (piece: Buffer) => {
      if (piece.length > room) isCut = true;
      if (room > 0) pieces.push(piece.subarray(0, room));
      room -= Math.min(room, piece.length);
    });
  }
  return () => {
    const text = Buffer.concat(pieces).toString('utf8').trim();
    return isCut ? `${text} ...` : text;
  };
}
