import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { pino } from 'pino';
import { Connection } from '../../../src/bridges/wyoming/connection.js';
import { writeFrame } from '../../../src/bridges/wyoming/frames.js';
import { Places } from '../../../src/network/index.js';
import type { SentStream, Service } from '../../../src/service.js';
import { frame, WyomingClient } from '../../support/wyoming-client.js';

/** Streams that hear nothing, and know what was sent to them. */
class FakeService {
  readonly streamPlaces = new Places(64, 'streams are being heard');
  readonly streams: { samples: number; isClosed: boolean }[] = [];
  /** What the end of a stream waits for. */
  answers: Promise<void> = Promise.resolve();
  readonly keywords = () => [];

  async openStream(): Promise<SentStream> {
    const stream = {
      events: { on: () => {} },
      fault: null,
      samples: 0,
      isClosed: false,
      push: async (bytes: Uint8Array) => {
        stream.samples += bytes.length / 2;
      },
      finish: () => this.answers,
      close: () => {
        stream.isClosed = true;
      },
    };
    this.streams.push(stream);
    return stream;
  }
}

async function connected(t: TestContext) {
  const service = new FakeService();
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  const accepted = once(server, 'connection');
  const client = new WyomingClient(t, (server.address() as AddressInfo).port);
  const [socket] = (await accepted) as [Socket];
  const connection = new Connection({
    socket,
    service: service as unknown as Service,
    info: () => writeFrame('info'),
    speaker: null,
    logger: pino({ level: 'silent' }),
  });
  void connection.run();
  return { client, connection, service };
}

/** So many ms from now, which need not be waited for. */
const later = (ms: number) => performance.now() + ms;
const AUDIO = { rate: 16_000, width: 2, channels: 1 };

test('an event that does not come to its end ends the connection', async (t) => {
  const { client, connection } = await connected(t);
  await client.send('ping').event('pong');
  client.socket.write('{"type":');
  const { socket } = connection;
  while (socket.bytesRead < frame('ping').length + 8) await new Promise((resolve) => setImmediate(resolve));
  await new Promise((resolve) => setImmediate(resolve));
  connection.look(later(9000));
  assert.equal(socket.writable, true);
  connection.look(later(11_000));
  assert.equal((await client.event('error')).data.code, 'WG_TOO_SLOW');
  await client.ended;
});

test('a connection that wants nothing is closed, and one that asked to detect is kept', async (t) => {
  const idle = await connected(t);
  await idle.client.send('ping').event('pong');
  idle.connection.look(later(29_000));
  assert.equal(idle.connection.socket.writable, true);
  idle.connection.look(later(31_000));
  await idle.client.ended;

  const waiting = await connected(t);
  await waiting.client.send('detect').send('ping').event('pong');
  waiting.connection.look(later(3_600_000));
  assert.equal(waiting.connection.socket.writable, true);
});

test('a stream without sound gives its place back, and the next chunk begins another', async (t) => {
  const { client, connection, service } = await connected(t);
  await client.send('audio-chunk', AUDIO, new Uint8Array(3200)).send('ping').event('pong');
  const start = performance.now();
  connection.look(start);
  connection.look(start + 29_000);
  assert.equal(service.streams[0].isClosed, false);
  connection.look(start + 31_000);
  while (!service.streams[0].isClosed) await new Promise((resolve) => setImmediate(resolve));
  await client.send('audio-chunk', AUDIO, new Uint8Array(3200)).send('ping', { text: 'b' }).event('pong');
  while (client.received.filter(({ type }) => type === 'pong').length < 2) await once(client.socket, 'taken');
  assert.deepEqual(
    service.streams.map(({ samples, isClosed }) => ({ samples, isClosed })),
    [
      { samples: 1600, isClosed: true },
      { samples: 1600, isClosed: false },
    ],
  );
});

test('a stream that is over is kept until all of it was answered, however long that takes', async (t) => {
  const { client, connection, service } = await connected(t);
  let answer = () => {};
  service.answers = new Promise((resolve) => {
    answer = resolve;
  });
  client.send('audio-chunk', AUDIO, new Uint8Array(3200)).send('audio-stop');
  while (service.streams[0]?.samples !== 1600) await new Promise((resolve) => setImmediate(resolve));
  await new Promise((resolve) => setImmediate(resolve));
  for (const ms of [0, 31_000, 62_000, 93_000]) connection.look(later(ms));
  assert.equal(service.streams[0].isClosed, false);
  answer();
  await client.event('not-detected');
  assert.equal(service.streams[0].isClosed, true);
});

test('a connection without audio opens no stream', async (t) => {
  const { client, service } = await connected(t);
  await client
    .send('detect', { names: null })
    .send('audio-start', AUDIO)
    .send('audio-stop')
    .event('not-detected');
  assert.deepEqual(service.streams, []);
});

test('a stream ends with its connection', async (t) => {
  const { client, connection, service } = await connected(t);
  await client.send('audio-chunk', AUDIO, new Uint8Array(3200)).send('ping').event('pong');
  client.socket.destroy();
  if (!connection.socket.closed) await once(connection.socket, 'close');
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(service.streams[0].isClosed, true);
});
