import assert from 'node:assert/strict';
import { once } from 'node:events';
import { join } from 'node:path';
import { before, type TestContext, test } from 'node:test';
import fastifyWebsocket from '@fastify/websocket';
import { fastify } from 'fastify';
import WebSocket from 'ws';
import { noActivity } from '../../src/server/activity.js';
import { Heartbeat } from '../../src/server/heartbeat.js';
import { eventRoutes } from '../../src/server/routes/events.js';
import { listenRoutes } from '../../src/server/routes/listen.js';
import { startDaemon, wavFile } from '../support/daemon-fixture.js';
import { temporaryFolder } from '../support/temp-folder.js';
import { makeTinyPack } from '../support/tiny-pack.js';

const folder = temporaryFolder();
const pack = join(folder, 'pack');
const input = wavFile(folder, 'silence.wav', new Int16Array(16_000 * 30));

before(async () => {
  await makeTinyPack(pack);
});

async function start(t: TestContext): Promise<string> {
  const service = await startDaemon(t, { model: pack, input });
  const app = fastify({ forceCloseConnections: true });
  t.after(() => app.close());
  await app.register(fastifyWebsocket);
  const options = { service, activity: noActivity(), heartbeatMs: 50 };
  app.register(eventRoutes, options);
  app.register(listenRoutes, options);
  return app.listen({ host: '127.0.0.1', port: 0 });
}

test('what is quiet shows that it lives: sockets of events and of streams by pings, event streams by comments', async (t) => {
  const url = await start(t);
  for (const path of ['/v1/events?types=detection', '/v1/listen']) {
    const socket = new WebSocket(url.replace('http', 'ws') + path);
    t.after(() => socket.terminate());
    for (let n = 0; n < 3; n++) await once(socket, 'ping');
  }
  const stream = await fetch(`${url}/v1/events?types=detection`);
  const decoder = new TextDecoder();
  let text = '';
  for await (const piece of stream.body!) {
    text += decoder.decode(piece, { stream: true });
    if (text.split('\n\n').filter((block) => block === ':').length >= 3) break;
  }
  assert.match(text, /^event: snapshot\n/);
});

test('there is no timer while nobody is there', (t) => {
  const set = t.mock.method(globalThis, 'setInterval');
  const clear = t.mock.method(globalThis, 'clearInterval');
  const heartbeat = new Heartbeat();
  assert.equal(set.mock.callCount(), 0);
  const [first, second] = [heartbeat.add(() => {}), heartbeat.add(() => {})];
  assert.equal(set.mock.callCount(), 1);
  first();
  assert.equal(clear.mock.callCount(), 0);
  second();
  assert.equal(clear.mock.callCount(), 1);
});
