import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { freePort } from './free-port.js';

function isInstalled(name: string): boolean {
  try {
    createRequire(import.meta.url).resolve(name);
    return true;
  } catch {
    return false;
  }
}

/** Why tests with a real NATS server are skipped; false where all that they need is installed. */
export const noNats =
  (spawnSync('nats-server', ['--version']).error &&
    'there is no nats-server here: apt-get install nats-server') ||
  (!['@nats-io/transport-node', '@nats-io/jetstream'].every(isInstalled) &&
    'the client for NATS is not installed: npm ci');

/** A real NATS server with JetStream, on a port of its own. */
export class NatsServer {
  readonly port: number;
  readonly #config: string;
  #process: ChildProcess | null = null;

  private constructor(port: number, config: string) {
    this.port = port;
    this.#config = config;
  }

  /** @param lines of its configuration, in addition to where it listens and what it stores */
  static async start(t: Pick<TestContext, 'after'>, lines: readonly string[] = []): Promise<NatsServer> {
    const folder = mkdtempSync(join(tmpdir(), 'wakegate-nats-'));
    const port = await freePort();
    const config = join(folder, 'nats.conf');
    const head = [`listen: 127.0.0.1:${port}`, `jetstream { store_dir: "${folder}/store" }`];
    writeFileSync(config, [...head, ...lines, ''].join('\n'));
    const server = new NatsServer(port, config);
    t.after(async () => {
      await server.kill();
      rmSync(folder, { recursive: true, maxRetries: 5 });
    });
    await server.start();
    return server;
  }

  get url(): string {
    return `nats://127.0.0.1:${this.port}`;
  }

  get pid(): number {
    return this.#process!.pid!;
  }

  /** Resolves when it answers. */
  async start(): Promise<void> {
    this.#process = spawn('nats-server', ['-c', this.#config], { stdio: 'ignore' });
    for (;;) {
      if (this.#process.exitCode !== null)
        throw new Error(`nats-server ended: see nats-server -c ${this.#config}`);
      const socket = connect(this.port, '127.0.0.1');
      const isOpen = await new Promise((resolve) => {
        socket.once('data', () => resolve(true));
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
}
