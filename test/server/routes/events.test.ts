import assert from 'node:assert/strict';
import { once } from 'node:events';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { FormatRegistry } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import type { Daemon } from '../../../src/daemon/daemon.js';
import type { Message } from '../../../src/protocol/index.js';
import {
  DaemonEventSchema,
  LevelEventSchema,
  ScoresEventSchema,
  StatusSchema,
} from '../../../src/protocol/schemas/index.js';
import { Subscriber, startDaemon, wavFile } from '../../support/daemon-fixture.js';
import { voice } from '../../support/signals.js';
import { temporaryFolder } from '../../support/temp-folder.js';
import { makeTinyPack } from '../../support/tiny-pack.js';

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
  const { cost } = detection;
  assert.ok(cost.handoffs > 0 && cost.bytes > 0 && cost.cpuMs > 0 && cost.energyMj > 0, JSON.stringify(cost));
  assert.equal(cost.basis, daemon.energy().basis.name);
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

test('when the daemon stops, subscribers are notified; one that is stuck does not hold it up', async (t) => {
  const daemon = await startDaemon(t, { model: pack, input: long });
  const [stuck, reader] = [new Subscriber(t, daemon.url!), new Subscriber(t, daemon.url!)];
  await Promise.all([stuck.message('snapshot'), reader.message('snapshot')]);
  stuck.socket.pause();
  const closed = once(reader.socket, 'close');
  await daemon.stop();
  assert.equal((await closed)[0], 1001);
});

/** Some events on the daemon's bus, told apart by their reason. */
function publish(daemon: Daemon, ...reasons: string[]): void {
  for (const reason of reasons) {
    daemon.events.publish({ type: 'classifier', state: 'asleep', previous: 'awake', reason });
  }
}

const reasons = (messages: readonly Message[]) =>
  messages.flatMap((message) => (message.type === 'classifier' ? [message.reason] : []));

/** Reads Server-Sent Events until so many have come. */
async function readStream(answer: Response, count: number): Promise<Record<string, string>[]> {
  let text = '';
  for await (const piece of answer.body!.pipeThrough(new TextDecoderStream())) {
    text += piece;
    const events = text.split('\n\n').slice(0, -1);
    if (events.length < count) continue;
    return events.map((event) =>
      Object.fromEntries(event.split('\n').map((line) => line.split(/: (.*)/s).slice(0, 2))),
    );
  }
  throw new Error(`the stream ended early: ${text}`);
}

test('one that comes back gets what it has missed, and is notified when that is not all', async (t) => {
  const daemon = await startDaemon(t, { model: pack, input: long });
  await daemon.mute(null); // so that nothing is published but what the test publishes
  const here = new Subscriber(t, daemon.url!, '?types=classifier');
  await here.message('snapshot');
  publish(daemon, 'a', 'b', 'c');
  const { sequence } = await here.message('classifier', ({ reason }) => reason === 'a');

  const back = new Subscriber(t, daemon.url!, `?types=classifier&since=${sequence}`);
  await back.message('classifier', ({ reason }) => reason === 'c');
  assert.deepEqual(reasons(back.messages), ['b', 'c']);
  const { complete, sequence: before } = await back.message('snapshot');
  assert.deepEqual([complete, before], [true, sequence]);

  await daemon.mute(null); // or events of its own would come in between
  publish(daemon, ...Array.from({ length: 256 }, (_, i) => `later ${i}`));
  const late = new Subscriber(t, daemon.url!, `?types=classifier&since=${sequence}`);
  await late.message('classifier', ({ reason }) => reason === 'later 255');
  assert.equal(reasons(late.messages).length, 256);
  assert.equal((await late.message('snapshot')).complete, false);
});

test('only the asked-for types are sent, and levels only to those who ask', async (t) => {
  const daemon = await startDaemon(t, { model: pack, input: long, gate: 'off' });
  assert.equal(daemon.events.listenerCount('level'), 0, 'nobody has asked');
  const levels = new Subscriber(t, daemon.url!, '?types=level,config');
  for (let count = 0; count < 5; count++) {
    await levels.message(
      'level',
      () => levels.messages.filter(({ type }) => type === 'level').length > count,
    );
  }
  const told = levels.messages.filter((message) => message.type === 'level');
  for (const level of told) Value.Assert(LevelEventSchema, level);
  const spacing = told.slice(1).map(({ sample }, i) => sample - told[i].sample);
  assert.deepEqual(new Set(spacing), new Set([1600]), 'ten a second');
  assert.deepEqual(new Set(levels.messages.map(({ type }) => type)), new Set(['snapshot', 'level']));
  levels.socket.close();
  while (daemon.events.listenerCount('level') > 0) await new Promise((resolve) => setImmediate(resolve));
});

test('scores are sent only to those who ask, next to other events, and without an id', async (t) => {
  const daemon = await startDaemon(t, { model: pack, input: long, gate: 'off' });
  assert.equal(daemon.events.listenerCount('scores'), 0, 'nobody has asked');
  const viewer = new AbortController();
  const answer = await fetch(`${daemon.url}/v1/events?types=scores,config`, {
    signal: viewer.signal,
  });
  const [snapshot, ...events] = await readStream(answer, 4);
  assert.equal(snapshot.event, 'snapshot');
  for (const { event, id, data } of events) {
    assert.deepEqual([event, id], ['scores', undefined]);
    Value.Assert(ScoresEventSchema, JSON.parse(data));
  }
  viewer.abort();
  while (daemon.events.listenerCount('scores') > 0) await new Promise((resolve) => setImmediate(resolve));
  assert.equal(daemon.events.listenerCount('level'), 0, 'levels were not asked for');
});

test('a type or a number that cannot be is refused before the upgrade', async (t) => {
  const daemon = await startDaemon(t, { model: pack, input: long });
  for (const query of ['?types=detections', '?types=', '?since=soon', '?since=-1']) {
    const { socket } = new Subscriber(t, daemon.url!, query);
    const [error] = await once(socket, 'error');
    assert.match(String(error), /400/, query);
    assert.equal((await fetch(`${daemon.url}/v1/events${query}`)).status, 400, query);
  }
});

test('Server-Sent Events send the same, and Last-Event-ID continues from there', async (t) => {
  const daemon = await startDaemon(t, { model: pack, input: long });
  const url = `${daemon.url}/v1/events?types=classifier`;
  const answer = await fetch(url);
  assert.match(answer.headers.get('content-type')!, /^text\/event-stream/);
  publish(daemon, 'a', 'b');
  const [snapshot, a] = await readStream(answer, 3);
  assert.equal(snapshot.event, 'snapshot');
  assert.equal(a.event, 'classifier');
  assert.equal(JSON.parse(a.data).reason, 'a');
  assert.equal(a.id, String(JSON.parse(a.data).sequence));

  const again = await fetch(`${url}&since=0`, { headers: { 'last-event-id': a.id } });
  const [, b] = await readStream(again, 2);
  assert.equal(JSON.parse(b.data).reason, 'b');
});

test('a stream of events ends when the daemon stops', async (t) => {
  const daemon = await startDaemon(t, { model: pack, input: long });
  const answer = await fetch(`${daemon.url}/v1/events`);
  const [text] = await Promise.all([answer.text(), daemon.stop()]);
  assert.match(text, /^event: snapshot\n/);
});
