import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { freePort } from './free-port.js';
import { ServerProcess } from './server-process.js';

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
export class NatsServer extends ServerProcess {
  private constructor(port: number, config: string) {
    super('nats-server', port, config, 'data');
  }

  /**
   * @param lines of its configuration, in addition to where it listens and what it stores
   * @param files next to that, by name, which it may include
   */
  static async start(
    t: Pick<TestContext, 'after'>,
    lines: readonly string[] = [],
    files: Readonly<Record<string, string>> = {},
  ): Promise<NatsServer> {
    const folder = mkdtempSync(join(tmpdir(), 'wakegate-nats-'));
    const port = await freePort();
    const config = join(folder, 'nats.conf');
    const head = [`listen: 127.0.0.1:${port}`, `jetstream { store_dir: "${folder}/store" }`];
    writeFileSync(config, [...head, ...lines, ''].join('\n'));
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
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
}
