import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { pino } from 'pino';
import { FrameReader } from '../../../src/bridges/wyoming/frames.js';
import { Peer } from '../../../src/bridges/wyoming/peer.js';

const logger = pino({ level: 'silent' });
const WAITS = { firstMs: 2, longestMs: 20 };

async function listen(t: TestContext, port = 0): Promise<{ server: Server; port: number }> {
  const server = createServer().listen(port, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  return { server, port: (server.address() as AddressInfo).port };
}

function openPeer(t: TestContext, port: number) {
  const problems: (string | null)[] = [];
  const peer = new Peer({
    uri: `tcp://127.0.0.1:${port}`,
    logger,
    waits: WAITS,
    onProblem: (problem) => problems.push(problem),
  });
  // What waits to connect again keeps no process alive.
  const alive = setInterval(() => {}, 1000);
  t.after(() => {
    clearInterval(alive);
    peer.close();
  });
  peer.open();
  return { peer, problems };
}

/** Numbers in so many events, as they come. */
async function numbersFrom(socket: Socket, count: number): Promise<unknown[]> {
  const reader = new FrameReader();
  const numbers: unknown[] = [];
  for await (const bytes of socket) {
    for (const part of reader.read(bytes)) if (!(part instanceof Uint8Array)) numbers.push(part.data.n);
    if (numbers.length >= count) break;
  }
  return numbers;
}

test('a service that is away gets the newest of what was sent meanwhile', async (t) => {
  const { server, port } = await listen(t);
  await new Promise((resolve) => server.close(resolve));
  const { peer, problems } = openPeer(t, port);
  for (let n = 0; n < 40; n++) peer.send('detection', { n });
  while (problems.length === 0) await new Promise((resolve) => setImmediate(resolve));
  assert.match(
    String(problems[0]),
    new RegExp(`^the Wyoming service tcp://127.0.0.1:${port} cannot be reached: `),
  );
  const again = await listen(t, port);
  const [socket] = (await once(again.server, 'connection')) as [Socket];
  assert.deepEqual(
    await numbersFrom(socket, 16),
    Array.from({ length: 16 }, (_, i) => 24 + i),
  );
  assert.equal(problems.at(-1), null);
});

test('a connection that is lost again and again is made again, and what is sent then arrives', async (t) => {
  const { server, port } = await listen(t);
  let connections = 0;
  const last = new Promise<Socket>((resolve) => {
    server.on('connection', (socket: Socket) => {
      socket.on('error', () => {});
      if (++connections < 20) socket.destroy();
      else resolve(socket);
    });
  });
  const { peer, problems } = openPeer(t, port);
  const socket = await last;
  while (problems.at(-1) !== null) await new Promise((resolve) => setImmediate(resolve));
  peer.send('detection', { n: 1 });
  assert.deepEqual(await numbersFrom(socket, 1), [1]);
});

test('one that is closed connects no more', async (t) => {
  const { server, port } = await listen(t);
  const connected = once(server, 'connection');
  const { peer, problems } = openPeer(t, port);
  const [socket] = (await connected) as [Socket];
  socket.resume();
  peer.close();
  await once(socket, 'close');
  assert.ok(problems.every((problem) => problem === null));
});
