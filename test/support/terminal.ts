import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../src/cli/main.cjs', import.meta.url));

/** Why there is no terminal to be had here; false where there is. */
export const noTerminal =
  spawnSync('script', ['--version']).status === 0 ? false : 'script (bsdutils) is not installed';

/** Nothing that says which colours to use: CI and TMUX do too, and `process.stdout.hasColors()` reads a dozen others. */
function inherited(): Record<string, string> {
  const names = ['PATH', 'HOME', 'SHELL', 'TMPDIR'];
  return Object.fromEntries(names.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])));
}

/** `wakegate` with these arguments on a terminal of its own, until the test is over. */
export class TerminalProcess {
  readonly #child: ChildProcess;
  readonly #closed: Promise<unknown>;
  /** All that was shown so far, colours and all. */
  shown = '';

  constructor(t: TestContext, args: readonly string[], environment: Readonly<Record<string, string>> = {}) {
    const line = [process.execPath, MAIN, ...args].map((word) => `'${word}'`).join(' ');
    this.#child = spawn('script', ['--quiet', '--return', '--command', `exec ${line}`, '/dev/null'], {
      env: { ...inherited(), TERM: 'xterm-256color', LC_ALL: 'C.UTF-8', ...environment },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    this.#child.stdout!.setEncoding('utf8').on('data', (text) => {
      this.shown += text;
    });
    this.#closed = once(this.#child, 'close');
    t.after(async () => {
      this.#child.kill('SIGKILL');
      await this.#closed;
    });
  }

  /** The first match in what it shows, now or later. */
  async match(pattern: RegExp): Promise<RegExpMatchArray> {
    const ended = this.#closed.then(() => {
      throw new Error(`it ended before ${pattern} was shown:\n${this.shown}`);
    });
    ended.catch(() => {});
    for (;;) {
      const found = this.shown.match(pattern);
      if (found) return found;
      await Promise.race([once(this.#child.stdout!, 'data'), ended]);
    }
  }

  type(text: string): void {
    this.#child.stdin!.write(text);
  }

  /** Types Ctrl-C. @returns the exit code */
  async interrupt(): Promise<number | null> {
    this.#child.stdin!.write('\x03');
    await this.#closed;
    return this.#child.exitCode;
  }
}
