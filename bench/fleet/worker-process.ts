import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { CLI } from '../paths.js';

/** `wakegate classify` in a process of its own. */
export class WorkerProcess {
  readonly #args: string[];
  #child: ChildProcess | null = null;

  private constructor(url: string, name: string) {
    this.#args = [CLI, 'classify', '--broker', url, '--mqtt-name', name];
  }

  static async start(url: string, name: string): Promise<WorkerProcess> {
    const worker = new WorkerProcess(url, name);
    await worker.start();
    return worker;
  }

  /** Resolves when it takes handoffs. */
  async start(): Promise<void> {
    // The variables of benches are no settings, and a bench has its own settings.
    const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^WAKEGATE_/.test(name)));
    const child = spawn(process.execPath, this.#args, { stdio: ['ignore', 'pipe', 'inherit'], env });
    this.#child = child;
    let isConnected = false;
    for await (const line of createInterface({ input: child.stdout })) {
      isConnected = /Connected to the broker/.test(line);
      if (isConnected) break;
    }
    if (!isConnected) throw new Error(`worker ${this.#args.join(' ')} ended before it took handoffs`);
    child.stdout.resume();
  }

  get pid(): number {
    return this.#child!.pid!;
  }

  async kill(signal: 'SIGKILL' | 'SIGTERM' = 'SIGKILL'): Promise<void> {
    const child = this.#child;
    this.#child = null;
    if (child === null || child.exitCode !== null) return;
    const ended = once(child, 'exit');
    child.kill(signal);
    await ended;
  }
}
