import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { TestContext } from 'node:test';
import { freePort } from './free-port.js';
import { ServerProcess } from './server-process.js';

/** Why tests with a real broker are skipped; false where it is installed. */
export const noMosquitto =
  ['mosquitto', 'mosquitto_sub', 'mosquitto_pub'].some((program) => spawnSync(program, ['--help']).error) &&
  'there is no mosquitto here: apt-get install mosquitto mosquitto-clients';

/** A real broker on a port of its own. It retains nothing over a restart. */
export class Mosquitto extends ServerProcess {
  private constructor(port: number, config: string) {
    super('mosquitto', port, config, 'connect');
  }

  /** @param lines of its configuration, besides the listener's first */
  static async start(
    t: Pick<TestContext, 'after'>,
    lines: readonly string[] = ['allow_anonymous true'],
  ): Promise<Mosquitto> {
    const folder = mkdtempSync(join(tmpdir(), 'wakegate-mosquitto-'));
    const port = await freePort();
    const config = join(folder, 'mosquitto.conf');
    const head = [`listener ${port} 127.0.0.1`, 'persistence false', 'set_tcp_nodelay true'];
    // As root it would become a user who cannot read the test's files.
    writeFileSync(
      config,
      [...(process.getuid?.() === 0 ? ['user root'] : []), ...head, ...lines, ''].join('\n'),
    );
    const broker = new Mosquitto(port, config);
    t.after(async () => {
      await broker.kill();
      rmSync(folder, { recursive: true });
    });
    await broker.start();
    return broker;
  }

  get url(): string {
    return `mqtt://127.0.0.1:${this.port}`;
  }

  /** Publishes as some other program would; resolves when the broker has it. */
  async publish(topic: string, payload: string | Buffer, ...flags: string[]): Promise<void> {
    await this.#publish(topic, payload, payload.length === 0 ? '-n' : '-s', ...flags);
  }

  /** Publishes a message for each line. */
  async publishLines(topic: string, lines: readonly string[]): Promise<void> {
    await this.#publish(topic, lines.map((line) => `${line}\n`).join(''), '-l');
  }

  async #publish(topic: string, payload: string | Buffer, ...flags: string[]): Promise<void> {
    const args = ['-h', '127.0.0.1', '-p', String(this.port), '-t', topic, '-q', '1', ...flags];
    const publisher = spawn('mosquitto_pub', args, { stdio: ['pipe', 'ignore', 'inherit'] });
    publisher.stdin.end(payload);
    const [code] = await once(publisher, 'exit');
    if (code !== 0) throw new Error(`mosquitto_pub ended with ${code}`);
  }
}

export interface Seen {
  readonly topic: string;
  readonly payload: string;
  readonly retain: boolean;
}

/** All that some other program sees on a broker, from now on, and what is retained there. */
export class Watcher {
  readonly seen: Seen[] = [];
  readonly #process: ChildProcess;
  #wake: () => void = () => {};

  private constructor(port: number, args: readonly string[]) {
    this.#process = spawn(
      'mosquitto_sub',
      ['-h', '127.0.0.1', '-p', String(port), '-q', '1', '-F', '%r\t%t\t%p', ...args],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    createInterface(this.#process.stdout!).on('line', (line) => {
      const [retain, topic, ...payload] = line.split('\t');
      this.seen.push({ retain: retain === '1', topic, payload: payload.join('\t') });
      this.#wake();
    });
  }

  /** Resolves when it watches. */
  static async start(t: Pick<TestContext, 'after'>, broker: Mosquitto, ...args: string[]): Promise<Watcher> {
    const watcher = new Watcher(broker.port, ['-t', '#', ...args]);
    t.after(() => watcher.close());
    const mark = `watcher/${Math.random()}`;
    for (let watches = false; !watches; ) {
      await broker.publish(mark, 'there');
      watches = watcher.seen.some(({ topic }) => topic === mark);
    }
    return watcher;
  }

  close(): void {
    this.#process.kill('SIGKILL');
  }

  /** The first message that fits, now or later, after `from` others. */
  async message(topic: string, fits: (payload: string) => boolean = () => true, from = 0): Promise<Seen> {
    for (;;) {
      const found = this.seen.slice(from).find((seen) => seen.topic === topic && fits(seen.payload));
      if (found) return found;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  /** What was published last on each topic. */
  latest(): Map<string, string> {
    return new Map(this.seen.map(({ topic, payload }) => [topic, payload]));
  }
}
