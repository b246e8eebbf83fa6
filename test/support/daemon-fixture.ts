import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { type Logger, pino } from 'pino';
import WebSocket from 'ws';
import { writeWav } from '../../src/audio/index.js';
import { type Config, defaultConfig } from '../../src/config/index.js';
import { Daemon } from '../../src/daemon/daemon.js';
import type { Message } from '../../src/protocol/index.js';

/** A daemon that serves on a free port until the test is over; its state is then gone, unless the settings say where. */
export async function startDaemon(
  t: TestContext,
  config: Partial<Config>,
  logger: Logger = pino({ level: 'silent' }),
): Promise<Daemon> {
  // A test's first request is to be answered at once, as all others are.
  await import('../../src/server/application.js');
  return startColdDaemon(t, config, logger);
}

/** The same, in which what answers requests is loaded by the first of them, if no test before it has. */
export async function startColdDaemon(
  t: TestContext,
  config: Partial<Config>,
  logger?: Logger,
): Promise<Daemon> {
  const { daemon, end } = await makeDaemon(config, logger);
  t.after(end);
  return daemon;
}

/** The same for more than one test. */
export async function makeDaemon(
  config: Partial<Config>,
  logger: Logger = pino({ level: 'silent' }),
): Promise<{ daemon: Daemon; end: () => Promise<void> }> {
  const stateDirectory = mkdtempSync(join(tmpdir(), 'wakegate-state-'));
  const daemon = await Daemon.create(
    { ...defaultConfig(), backend: 'wasm', port: 0, stateDirectory, ...config },
    logger,
  );
  const end = async () => {
    await daemon.stop();
    rmSync(stateDirectory, { recursive: true });
  };
  try {
    await daemon.start();
  } catch (error) {
    await end();
    throw error;
  }
  return { daemon, end };
}

/** Writes samples at 16 kHz to a WAV file. @returns its path */
export function wavFile(folder: string, name: string, samples: Int16Array): string {
  const path = join(folder, name);
  writeFileSync(path, writeWav(samples, 16_000));
  return path;
}

/** A subscriber, and all that it was sent so far. */
export class Subscriber {
  readonly socket: WebSocket;
  readonly messages: Message[] = [];

  /** @param query such as ?types=level */
  constructor(t: TestContext, daemonUrl: string, query = '') {
    this.socket = new WebSocket(`${daemonUrl.replace('http', 'ws')}/v1/events${query}`);
    this.socket.on('message', (data) => this.messages.push(JSON.parse(String(data))));
    t.after(() => this.socket.terminate());
  }

  /** The first message that fits, now or later. */
  async message<Type extends Message['type']>(
    type: Type,
    fits: (message: Extract<Message, { type: Type }>) => boolean = () => true,
  ): Promise<Extract<Message, { type: Type }>> {
    type Wanted = Extract<Message, { type: Type }>;
    for (;;) {
      const found = this.messages.find((message) => message.type === type && fits(message as Wanted));
      if (found) return found as Wanted;
      await once(this.socket, 'message');
    }
  }
}
