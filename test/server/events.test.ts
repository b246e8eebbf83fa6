import assert from 'node:assert/strict';
import { once } from 'node:events';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { FormatRegistry } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import { DaemonEventSchema } from '../../src/daemon-events.js';
import { StatusSchema } from '../../src/server/status.js';
import { voice } from '../audio/signals.js';
import { temporaryFolder } from '../audio/temp-folder.js';
import { makeTinyPack } from '../tiny-pack.js';
import { Subscriber, startDaemon, wavFile } from './daemon-fixture.js';

const folder = temporaryFolder();
const pack = join(folder, 'pack');
const short = wavFile(folder, 'short.wav', voice(16_000, 0.5));
const long = wavFile(folder, 'long.wav', voice(16_000, 30));

before(async () => {
  await makeTinyPack(pack);
});

FormatRegistry.Set('date-time', (text) => new Date(text).toISOString() === text);

test('a subscriber gets a snapshot, then every event, numbered without a gap', async (t) => {
  const keywords = { one: { threshold: 0.01 } };
  const daemon = await startDaemon(t, { model: pack, input: short, gate: 'off', keywords });
  const subscriber = new Subscriber(t, daemon.url!);
  await subscriber.message('input', ({ state }) => state === 'ended');

  const [snapshot, ...events] = subscriber.messages;
  assert.ok(snapshot.type === 'snapshot');
  assert.ok(Value.Check(StatusSchema, snapshot.status));
  assert.deepEqual(
    events.map(({ sequence }) => sequence),
    events.map((_, index) => snapshot.sequence + 1 + index),
  );
  for (const event of events) Value.Assert(DaemonEventSchema, event);
  const types = new Set(events.map(({ type }) => type));
  assert.deepEqual([...types].sort(), ['classifier', 'detection', 'gate', 'input']);

  const detection = await subscriber.message('detection');
  assert.equal(detection.keyword, 'one');
  assert.equal(detection.seconds, detection.sample / 16_000);
  assert.ok(detection.cost.handoffs > 0 && detection.cost.bytes > 0 && detection.cost.cpuMs > 0);
  assert.ok(Math.abs(Date.parse(detection.heardAt) - Date.now()) < 60_000);
});

test('one that never reads is dropped with a close code that says so, and the others miss nothing', async (t) => {
  const daemon = await startDaemon(t, { model: pack, input: long });
  const [stuck, reader] = [new Subscriber(t, daemon.url!), new Subscriber(t, daemon.url!)];
  await Promise.all([stuck.message('snapshot'), reader.message('snapshot')]);
  stuck.socket.pause();

  // More than what the kernel's buffers of both ends, and the limit after them, hold together.
  const reason = 'x'.repeat(128 * 1024);
  for (let round = 0; round < 160; round++) {
    daemon.events.publish({
      type: 'classifier',
      state: 'asleep',
      previous: 'awake',
      reason: `${round} ${reason}`,
    });
    const { sequence } = daemon.events;
    await reader.message('classifier', (event) => event.sequence === sequence);
  }
  stuck.socket.resume();
  const [code, why] = await once(stuck.socket, 'close');
  assert.equal(code, 1013);
  assert.match(String(why), /too slowly/);
  assert.equal(reader.socket.readyState, reader.socket.OPEN);
});

test('one that sends more than a subscriber has to say is cut off, and the server lives on', async (t) => {
  const daemon = await startDaemon(t, { model: pack, input: long });
  const chatty = new Subscriber(t, daemon.url!);
  chatty.socket.on('error', () => {});
  await chatty.message('snapshot');
  chatty.socket.send('hello'); // is ignored
  chatty.socket.send(Buffer.alloc(64 * 1024));
  await once(chatty.socket, 'close');
  assert.equal((await fetch(`${daemon.url}/healthz`)).status, 200);
});

test('when the daemon stops, subscribers are told; one that is stuck does not hold it up', async (t) => {
  const daemon = await startDaemon(t, { model: pack, input: long });
  const [stuck, reader] = [new Subscriber(t, daemon.url!), new Subscriber(t, daemon.url!)];
  await Promise.all([stuck.message('snapshot'), reader.message('snapshot')]);
  stuck.socket.pause();
  const closed = once(reader.socket, 'close');
  await daemon.stop();
  assert.equal((await closed)[0], 1001);
});
