import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type BrokerSettings, readBrokerSettings } from '../../src/broker/index.js';
import { freePort } from '../../test/support/free-port.js';

/** A real mosquitto, as the guide of the fleet sets it up, that may be killed and started again. */
export class FleetBroker {
  readonly port: number;
  readonly #folder = mkdtempSync(join(tmpdir(), 'wakegate-fleet-'));
  readonly #config: string;
  #process: ChildProcess | null = null;

  private constructor(port: number) {
    this.port = port;
    this.#config = join(this.#folder, 'mosquitto.conf');
    const lines = [
      `listener ${port} 127.0.0.1`,
      'allow_anonymous true',
      'persistence false',
      'set_tcp_nodelay true',
      // As root, it would become another user, who may not read the folder.
      `user ${userInfo().username}`,
    ];
    writeFileSync(this.#config, `${lines.join('\n')}\n`);
  }

  static async start(): Promise<FleetBroker> {
    const broker = new FleetBroker(await freePort());
    await broker.start();
    return broker;
  }

  get url(): string {
    return `mqtt://127.0.0.1:${this.port}`;
  }

  settings(): Promise<BrokerSettings> {
    return readBrokerSettings({ mqttUrl: this.url }, {});
  }

  /** Resolves when it answers. */
  async start(): Promise<void> {
    this.#process = spawn('mosquitto', ['-c', this.#config], { stdio: 'ignore' });
    await once(this.#process, 'spawn').catch(() => {
      throw new Error('there is no mosquitto here: apt-get install mosquitto');
    });
    while (!(await answers(this.port))) await sleep(20);
  }

  get pid(): number {
    return this.#process!.pid!;
  }

  /** As a power cut would end it. */
  async kill(): Promise<void> {
    const running = this.#process!;
    const ended = once(running, 'exit');
    running.kill('SIGKILL');
    await ended;
  }

  async stop(): Promise<void> {
    await this.kill();
    rmSync(this.#folder, { recursive: true });
  }
}

async function answers(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
