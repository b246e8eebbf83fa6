import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

/** A real server that listens on a port of its own, and can be killed and started again. */
export class ServerProcess {
  readonly port: number;
  readonly #program: string;
  readonly #config: string;
  /** What a connection shows that it is there by: that it is made, or that the server says something first. */
  readonly #sign: 'connect' | 'data';
  #process: ChildProcess | null = null;

  /** @param config file that is given with -c */
  constructor(program: string, port: number, config: string, sign: 'connect' | 'data') {
    this.#program = program;
    this.port = port;
    this.#config = config;
    this.#sign = sign;
  }

  get pid(): number {
    return this.#process!.pid!;
  }

  /** Resolves when it answers. */
  async start(): Promise<void> {
    this.#process = spawn(this.#program, ['-c', this.#config], { stdio: 'ignore' });
    for (;;) {
      if (this.#process.exitCode !== null)
        throw new Error(`${this.#program} ended: see ${this.#program} -c ${this.#config}`);
      const socket = connect(this.port, '127.0.0.1');
      const isOpen = await new Promise((resolve) => {
        socket.once(this.#sign, () => resolve(true));
        socket.once('error', () => resolve(false));
      });
      socket.destroy();
      if (isOpen) return;
      await pause(20);
    }
  }

  /** As a power cut would end it. */
  async kill(): Promise<void> {
    const running = this.#process;
    this.#process = null;
    if (running === null || running.exitCode !== null) return;
    const ended = once(running, 'exit');
    running.kill('SIGKILL');
    await ended;
  }

  /** Stops it without a word to anyone, or continues it. */
  signal(name: 'SIGSTOP' | 'SIGCONT'): void {
    this.#process!.kill(name);
  }
}
