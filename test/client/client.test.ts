import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer, request } from 'node:http';
import { type AddressInfo, connect, createServer as createProxy, type Socket } from 'node:net';
import { join } from 'node:path';
import { before, type TestContext, test } from 'node:test';
import WebSocket from 'ws';
import { Classifier } from '../../src/classifier/index.js';
import { type ClientOptions, ServiceError, WakegateClient } from '../../src/client/index.js';
import type { Daemon } from '../../src/daemon/daemon.js';
import { detectFile } from '../../src/detect-audio.js';
import type { ModelPack } from '../../src/model/index.js';
import { startDaemon, wavFile } from '../support/daemon-fixture.js';
import { voice } from '../support/signals.js';
import { temporaryFolder } from '../support/temp-folder.js';
import { makeTinyPack } from '../support/tiny-pack.js';

const folder = temporaryFolder();
const samples = voice(16_000, 3);
const input = wavFile(folder, 'long.wav', voice(16_000, 30));
const file = wavFile(folder, 'voice.wav', samples);
const TOKEN = 'k3Jq+/x0rnf8sT6m9wLz=';
const tokenFile = join(folder, 'token');
let pack: ModelPack;

before(async () => {
  writeFileSync(tokenFile, TOKEN, { mode: 0o600 });
  pack = await makeTinyPack(join(folder, 'pack'));
});

async function start(t: TestContext, options: Partial<ClientOptions> = {}) {
  const daemon = await startDaemon(t, { model: pack.directory, input, tokenFile });
  const client = new WakegateClient({ url: daemon.url!, token: TOKEN, WebSocket, ...options });
  return { daemon, client };
}

/** What a file gives when it is listened to alone. */
async function expected() {
  const classifier = new Classifier({ pack, backend: 'wasm' });
  const report = await detectFile(file, { pack, classifier });
  await classifier.close();
  assert.ok(report.detections.length > 0, 'there is something to compare');
  return report;
}

const publish = ({ events }: Daemon, reason: string) =>
  events.publish({ type: 'classifier', state: 'asleep', previous: 'awake', reason });

test('what is asked for and changed is what the daemon has', async (t) => {
  const { daemon, client } = await start(t);
  assert.equal((await client.status()).version, daemon.status().version);
  assert.deepEqual(await client.keywords(), daemon.keywords());
  assert.equal((await client.changeKeyword('one', { threshold: 0.9 })).threshold, 0.9);
  assert.equal(daemon.keywords()[0].threshold, 0.9);
  assert.equal((await client.mute(1000)).muted, true);
  assert.equal(daemon.status().input.state, 'muted');
  assert.equal((await client.unmute()).muted, false);
  await client.resetEnergy();
  assert.equal((await client.energy()).basis.name, daemon.energy().basis.name);
  assert.ok((await client.models()).some(({ inUse }) => inUse));
  await client.mute();
  assert.equal((await client.changeModel('wake-words-en')).inUse, true);
  assert.equal(daemon.status().model.name, 'wake-words-en');
});

test('captures are turned on, listened to, labelled and removed', async (t) => {
  const { daemon, client } = await start(t);
  assert.equal((await client.enableCaptures(true)).enabled, true);
  const clip = { kind: 'detection', keyword: 'one', score: 0.9, sample: 0, samples } as const;
  const { id } = await daemon.captures.store.add(clip, 'tiny', new Date());
  assert.equal((await client.labelCapture(id, { label: 'wrong' })).label, 'wrong');
  assert.equal((await client.captures()).captures[0].label, 'wrong');
  assert.deepEqual(Buffer.from(await (await client.captureAudio(id)).arrayBuffer()), readFileSync(file));
  await client.removeCaptures(id);
  await client.removeCaptures();
  assert.deepEqual((await client.captures()).captures, []);
});

test('a file is detected in as it is by itself, and a stream gives the same', async (t) => {
  const { client } = await start(t);
  const { detections } = await expected();
  const report = await client.detect(new Blob([readFileSync(file)]), { scores: true });
  assert.deepEqual(report.detections, detections);
  assert.ok(report.scoresOverTime!.length > 0);

  async function* pieces() {
    const piece = new Int16Array(4000); // the same memory each time
    for (let at = 0; at < samples.length; at += piece.length) {
      piece.set(samples.subarray(at, at + piece.length));
      yield piece;
    }
  }
  const heard: string[] = [];
  for await (const event of client.listen(pieces(), { rate: 16_000 })) {
    if (event.type === 'detection') heard.push(`${event.keyword} ${event.seconds.toFixed(3)}`);
  }
  assert.deepEqual(
    heard,
    detections.map(({ keyword, time }) => `${keyword} ${time.toFixed(3)}`),
  );
});

test('what the service refuses is thrown with its code and sentence', async (t) => {
  const { daemon, client } = await start(t);
  await assert.rejects(client.changeKeyword('ome', { threshold: 0.5 }), {
    code: 'WG_UNKNOWN_NAME',
    status: 404,
    message: /did you mean one\?/,
  });
  const stranger = new WakegateClient({ url: daemon.url!, token: 'wrong-token-wrong', WebSocket });
  const unauthorized = { code: 'WG_UNAUTHORIZED', status: 401 };
  await assert.rejects(stranger.status(), unauthorized);
  await assert.rejects(stranger.events().next(), unauthorized);
  await assert.rejects(stranger.listen([samples]).next(), ServiceError);
  const broken = (async function* () {
    yield samples;
    throw new Error('the microphone fell down');
  })();
  await assert.rejects(async () => {
    for await (const _ of client.listen(broken)) {
    }
  }, /fell down/);
  await assert.rejects(client.listen([samples], { rate: 1 }).next(), ServiceError);
});

test('where no daemon answers, or something else does, that is said', async () => {
  const server = createServer((_request, response) => response.writeHead(404).end('<h1>Not here</h1>'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  await assert.rejects(new WakegateClient({ url }).status(), {
    message: /answers 404, but not as wakegate does/,
  });
  await new Promise((resolve) => server.close(resolve));
  await assert.rejects(new WakegateClient({ url }).status(), {
    code: 'WG_SERVICE_UNREACHABLE',
    status: null,
  });
});

for (const over of ['sse', 'websocket'] as const) {
  test(`over ${over} a lost connection is made again, and no event is missed or sent twice`, async (t) => {
    const { daemon } = await start(t);
    const { port } = new URL(daemon.url!);
    const connections = new Set<Socket>();
    const proxy = createProxy((inner) => {
      const outer = connect(Number(port), '127.0.0.1');
      connections.add(inner);
      for (const socket of [inner, outer]) socket.on('error', () => {});
      inner.pipe(outer).pipe(inner);
      inner.on('close', () => outer.destroy());
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    t.after(() => {
      for (const socket of connections) socket.destroy();
      proxy.close();
    });
    const url = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
    const client = new WakegateClient({ url, token: TOKEN, WebSocket });
    const reasons: string[] = [];
    let snapshots = 0;
    for await (const message of client.events({ types: ['classifier'], over })) {
      // The classifier's own events, when the sound wakes it, come in between.
      if (message.type === 'classifier' && 'abc'.includes(message.reason)) reasons.push(message.reason);
      if (message.type === 'snapshot') {
        assert.equal(message.complete, true);
        if (++snapshots === 1) publish(daemon, 'a');
      }
      if (reasons.join('') === 'a' && snapshots === 1) {
        for (const socket of connections) socket.destroy();
        publish(daemon, 'b');
        publish(daemon, 'c');
      }
      if (reasons.at(-1) === 'c') break;
    }
    assert.deepEqual([reasons.join(''), snapshots], ['abc', 2]);
  });

  test(`over ${over} events continue from a number, are of the asked-for types, and end on request`, async (t) => {
    const { daemon, client } = await start(t);
    publish(daemon, 'a');
    const { sequence } = daemon.events;
    publish(daemon, 'b');
    const ending = new AbortController();
    const seen: string[] = [];
    for await (const message of client.events({
      since: sequence,
      over,
      types: ['classifier'],
      signal: ending.signal,
    })) {
      seen.push(message.type === 'classifier' ? message.reason : message.type);
      if (seen.at(-1) === 'b') ending.abort();
    }
    assert.deepEqual(seen, ['snapshot', 'b']);
  });

  test(`over ${over} one that stops reading closes the connection`, async (t) => {
    const { daemon, client } = await start(t);
    for await (const message of client.events({ types: ['level'], over }))
      if (message.type === 'level') break;
    while (daemon.events.listenerCount('level') > 0) await new Promise((resolve) => setImmediate(resolve));
  });
}

test('a WebSocket for events is opened by a ticket, and the token is in no address', async (t) => {
  const addresses: string[] = [];
  class Noted extends WebSocket {
    constructor(url: string, protocols: string[]) {
      addresses.push(url);
      super(url, protocols);
    }
  }
  const { client, daemon } = await start(t, { WebSocket: Noted });
  for await (const { type } of client.events({ over: 'websocket' })) {
    assert.equal(type, 'snapshot');
    break;
  }
  assert.equal(addresses.length, 1);
  assert.match(addresses[0], /^ws:.*[?&]ticket=[\w-]{20,}$/);
  const stranger = new WakegateClient({ url: daemon.url!, token: 'wrong-token-wrong', WebSocket: Noted });
  await assert.rejects(stranger.events({ over: 'websocket' }).next(), {
    code: 'WG_UNAUTHORIZED',
    status: 401,
  });
  assert.equal(addresses.length, 1, 'without a ticket none is opened');
});

test('where no WebSocket gets through, the same events come as Server-Sent Events', async (t) => {
  const { daemon } = await start(t);
  const { port } = new URL(daemon.url!);
  const paths: string[] = [];
  const proxy = createServer(
    ({ method, url, headers: { upgrade: _, connection: __, ...headers } }, answer) => {
      paths.push(url!.split('?')[0]);
      const passed = request({ port, method, path: url, headers }, (answered) => {
        answer.writeHead(answered.statusCode!, answered.headers);
        answered.pipe(answer);
      });
      passed.on('error', () => answer.destroy());
      answer.on('close', () => passed.destroy());
      passed.end();
    },
  );
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  t.after(() => proxy.close().closeAllConnections());
  const url = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  const client = new WakegateClient({ url, token: TOKEN, WebSocket });
  const onLost = () => assert.fail('it was never there, so it is not lost');
  for await (const { type } of client.events({ over: 'websocket', onLost })) {
    assert.equal(type, 'snapshot');
    break;
  }
  assert.deepEqual(paths, ['/v1/tickets', '/v1/events', '/v1/events']);
});
