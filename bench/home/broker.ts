import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { until } from './until.js';

export interface Message {
  readonly topic: string;
  readonly payload: string;
  /** When it came, in ms since the epoch. */
  readonly arrivedMs: number;
}

export const USER = 'wakegate';
export const PASSWORD = 'a word of mine';

/** A real mosquitto on a port of this machine, which wants a user and a password. */
export class Broker {
  readonly port: number;
  readonly #folder: string;
  #process: ChildProcess | null = null;

  constructor(folder: string, port: number) {
    this.#folder = folder;
    this.port = port;
  }

  async start(): Promise<void> {
    const config = join(this.#folder, 'mosquitto.conf');
    const passwords = join(this.#folder, 'passwords');
    const made = spawnSync('mosquitto_passwd', ['-b', '-c', passwords, USER, PASSWORD], { stdio: 'ignore' });
    if (made.status !== 0)
      throw new Error('there is no mosquitto here: apt-get install mosquitto mosquitto-clients');
    const settings = [
      `listener ${this.port} 127.0.0.1`,
      `password_file ${passwords}`,
      'set_tcp_nodelay true',
      // As root, it would become another user, who may not read the folder.
      `user ${userInfo().username}`,
    ];
    writeFileSync(config, `${settings.join('\n')}\n`);
    this.#process = spawn('mosquitto', ['-c', config], { stdio: 'ignore' });
    await once(this.#process, 'spawn');
    await until('mosquitto answers', 20, () => answers(this.port));
  }

  async stop(): Promise<void> {
    const gone = once(this.#process!, 'exit');
    this.#process!.kill('SIGTERM');
    await gone;
  }
}

/** All messages under a topic from now on, by a client of its own, with when each came. */
export class Subscriber {
  readonly messages: Message[] = [];
  readonly #process: ChildProcess;

  constructor(port: number, topic: string) {
    const args = [
      '-h',
      '127.0.0.1',
      '-p',
      String(port),
      '-u',
      USER,
      '-P',
      PASSWORD,
      '-t',
      topic,
      '-F',
      '%U %t %p',
    ];
    this.#process = spawn('mosquitto_sub', args, { stdio: ['ignore', 'pipe', 'inherit'] });
    createInterface({ input: this.#process.stdout! }).on('line', (line) => {
      const [at, name, ...payload] = line.split(' ');
      this.messages.push({ topic: name, payload: payload.join(' '), arrivedMs: 1000 * Number(at) });
    });
  }

  stop(): void {
    this.#process.kill();
  }
}

async function answers(port: number): Promise<boolean> {
  const socket = createConnection(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
