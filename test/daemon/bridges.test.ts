import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { test } from 'node:test';
import { pino } from 'pino';
import { defaultConfig } from '../../src/config/index.js';
import { Bridges } from '../../src/daemon/bridges.js';
import { EventBus } from '../../src/daemon/event-bus.js';
import type { Service } from '../../src/service.js';
import { WyomingClient } from '../support/wyoming-client.js';

/** As much of the daemon as is asked for where no audio is sent. */
const service = {
  events: new EventBus(),
  keywords: () => [],
  status: () => ({ model: { name: 'tiny', description: '' } }),
} as unknown as Service;

/** What is told of problems, as it is told. */
class Told extends EventEmitter {
  set(part: string, problem: string | null): void {
    this.emit('problem', part, problem);
  }
}

const logger = pino({ level: 'silent' });

test('a bridge whose port is taken is a problem, and starts by itself when the port is free', async (t) => {
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  const { port } = taken.address() as AddressInfo;
  // What waits to start again keeps no process alive.
  const alive = setInterval(() => {}, 1000);
  t.after(() => clearInterval(alive));
  const told = new Told();
  const bridges = new Bridges({
    config: { ...defaultConfig(), wyoming: 'on', wyomingPort: port },
    service,
    problems: told,
    logger,
    waits: { firstMs: 10, longestMs: 10 },
  });
  t.after(() => bridges.stop());
  const problem = once(told, 'problem');
  bridges.start();
  const [part, sentence] = await problem;
  assert.equal(part, 'wyoming');
  assert.match(sentence, new RegExp(`port ${port} of 127.0.0.1 is taken.*wyomingPort`));

  taken.close();
  while ((await once(told, 'problem'))[1] !== null);
  const client = new WyomingClient(t, port).send('describe');
  await client.event('info');
  await bridges.stop();
  await client.ended;
});

test('bridges that are off are nothing to start or stop', async () => {
  const told = new Told();
  told.on('problem', () => assert.fail('there is nothing to tell'));
  const bridges = new Bridges({ config: defaultConfig(), service, problems: told, logger });
  bridges.start();
  await bridges.stop();
});

test('bridges that are stopped while they start, or before they could, end', async () => {
  const bridges = new Bridges({
    config: { ...defaultConfig(), wyoming: 'on', wyomingHost: '192.0.2.1' },
    service,
    problems: new Told(),
    logger,
  });
  bridges.start();
  await bridges.stop();
  await bridges.stop();
});
