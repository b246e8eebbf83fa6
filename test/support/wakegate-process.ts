import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../src/cli/main.cjs', import.meta.url));

export interface WakegateOptions {
  /**
   * Replaces the variables of these names; the tests' own WAKEGATE_* are not passed on, and state is kept in a folder
   * of its own.
   */
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** What comes on stdin; nothing by default. */
  readonly stdin?: string | Buffer;
  /** The user and group that it runs as, which only root can choose. */
  readonly uid?: number;
  /** Node's own flags. */
  readonly nodeFlags?: readonly string[];
  /** How many files it may have open. */
  readonly maxFiles?: number;
}

export interface Finished {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export type LogLine = Readonly<Record<string, unknown>> & { readonly msg: string };

/** `wakegate` with these arguments, in a process of its own, that is killed when the test is over. */
export class WakegateProcess {
  readonly child: ChildProcess;
  /** Everything about its end. */
  readonly finished: Promise<Finished>;
  #stdout = '';
  #stderr = '';

  constructor(t: TestContext, args: readonly string[], options: WakegateOptions = {}) {
    const { env = {}, cwd, stdin = '', uid, nodeFlags = [], maxFiles } = options;
    const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('WAKEGATE_'));
    const limited = maxFiles === undefined ? [] : ['sh', '-c', `ulimit -n ${maxFiles}; exec "$0" "$@"`];
    const [program, ...rest] = [...limited, process.execPath, ...nodeFlags, MAIN, ...args];
    const isAtHome = uid === undefined && env.HOME === undefined;
    const state = mkdtempSync(join(tmpdir(), 'wakegate-state-'));
    this.child = spawn(program, rest, {
      cwd,
      ...(uid !== undefined && { uid, gid: uid }),
      env: { ...Object.fromEntries(inherited), ...(isAtHome && { XDG_STATE_HOME: state }), ...env },
      stdio: 'pipe',
    });
    this.child.stdout!.setEncoding('utf8').on('data', (text) => {
      this.#stdout += text;
    });
    this.child.stderr!.setEncoding('utf8').on('data', (text) => {
      this.#stderr += text;
    });
    this.child.stdin!.on('error', () => {}); // it may end without reading
    this.child.stdin!.end(stdin);
    this.finished = once(this.child, 'close').then(([code, signal]) => ({
      code,
      signal,
      stdout: this.#stdout,
      stderr: this.#stderr,
    }));
    t.after(async () => {
      this.child.kill('SIGKILL');
      await this.finished;
      rmSync(state, { recursive: true, force: true });
    });
  }

  /** The first line of its log that fits, now or later. */
  async logLine(fits: (line: LogLine) => boolean): Promise<LogLine> {
    return this.#await(this.child.stdout!, () =>
      this.#stdout
        .split('\n')
        .slice(0, -1)
        .map((line) => JSON.parse(line) as LogLine)
        .find(fits),
    );
  }

  /** The first match in what it prints on stderr, now or later. */
  async stderrMatch(pattern: RegExp): Promise<RegExpMatchArray> {
    return this.#await(this.child.stderr!, () => this.#stderr.match(pattern));
  }

  /** Where it serves. */
  async url(): Promise<string> {
    const { msg } = await this.logLine((line) => line.msg.startsWith('Serving on '));
    return msg.slice('Serving on '.length);
  }

  async #await<T>(stream: NodeJS.ReadableStream, look: () => T | null | undefined): Promise<T> {
    const ended = this.finished.then(({ stdout, stderr }) => {
      throw new Error(`it ended before what was waited for came:\n${stdout}\n${stderr}`);
    });
    ended.catch(() => {});
    for (;;) {
      const found = look();
      if (found) return found;
      await Promise.race([once(stream, 'data'), ended]);
    }
  }
}

/** Runs `wakegate` to its end. */
export function wakegate(
  t: TestContext,
  args: readonly string[],
  options?: WakegateOptions,
): Promise<Finished> {
  return new WakegateProcess(t, args, options).finished;
}
