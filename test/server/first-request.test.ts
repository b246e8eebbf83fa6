import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { pino } from 'pino';
import { connectionLimits } from '../../src/server/connection-limits.js';
import { Connections } from '../../src/server/connections.js';
import { LazyApplication } from '../../src/server/lazy-application.js';
import type { Observations } from '../../src/server/observations.js';
import { takeWebSockets } from '../../src/server/upgrades.js';
import type { Service } from '../../src/service.js';
import { startColdDaemon, wavFile } from '../support/daemon-fixture.js';
import { exchange, openConnection } from '../support/raw-http.js';
import { voice } from '../support/signals.js';
import { temporaryFolder } from '../support/temp-folder.js';
import { makeTinyPack } from '../support/tiny-pack.js';

const folder = temporaryFolder();
const pack = join(folder, 'pack');
const input = wavFile(folder, 'long.wav', voice(16_000, 60));

before(async () => {
  await makeTinyPack(pack);
});

const UPGRADE = [
  'GET /v1/events HTTP/1.1',
  'Host: localhost',
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
];

/** Whether this process has loaded what routes are made with. */
function isFrameworkLoaded(): boolean {
  const loaded = Object.keys(createRequire(import.meta.url).cache);
  return loaded.some((path) => path.includes('/node_modules/fastify/'));
}

// First in this file: what is loaded stays.
test('what answers requests is loaded by the first of them that needs it, which those of a watchdog do not', async (t) => {
  const { url } = await startColdDaemon(t, { model: pack, input });
  const health = await fetch(`${url}/healthz`);
  assert.deepEqual([health.status, await health.json()], [200, { status: 'ok' }]);
  const ready = await fetch(`${url}/readyz`);
  assert.ok(ready.status === 200 || ready.status === 503, await ready.text());
  assert.equal(isFrameworkLoaded(), false);
  assert.equal((await fetch(`${url}/v1/status`)).status, 200);
  assert.equal(isFrameworkLoaded(), true);
});

test('a watchdog gets the same answers with all routes and without, refusals too', async (t) => {
  const tokenFile = join(folder, 'token');
  writeFileSync(tokenFile, 'k3Jq+/x0rnf8sT6m9wLz=', { mode: 0o600 });
  const { url } = await startColdDaemon(t, { model: pack, input, tokenFile, loopbackToken: 'on' });
  // The date of the answer apart.
  const answer = async (path: string, headers: readonly string[]) => {
    const lines = [`GET ${path} HTTP/1.1`, ...headers, 'Connection: close'];
    return (await exchange(t, url!, lines)).replace(/^date: .*$/im, '').toLowerCase();
  };
  const own = 'Host: localhost';
  const token = 'Authorization: Bearer k3Jq+/x0rnf8sT6m9wLz=';
  for (const [path, headers, statuses] of [
    ['/healthz', [own], '200'],
    ['/healthz', ['Host: evil.example'], '403'],
    ['/readyz', [own, token], '200|503'],
    ['/readyz', [own], '401'],
    ['/readyz', [own, `${token}x`], '401'],
  ] as const) {
    // The first may be answered before the input is open, and the second after it.
    for (;;) {
      const plain = await answer(path, headers);
      assert.match(plain, new RegExp(`^http/1.1 (${statuses}) `), path);
      // With a query it is no bare question, and goes through all that others go through.
      const whole = await answer(`${path}?all`, headers);
      if (plain.startsWith('http/1.1 503') && !whole.startsWith('http/1.1 503')) continue;
      assert.equal(plain, whole);
      break;
    }
  }
});

test('the first requests of a connection are answered in their order, with their bodies', async (t) => {
  const { url } = await startColdDaemon(t, { model: pack, input });
  const body = '{"threshold": 0.25}';
  const patch = [
    'PATCH /v1/keywords/one HTTP/1.1',
    'Host: localhost',
    'Content-Type: application/json',
    `Content-Length: ${body.length}`,
  ];
  const get = 'GET /v1/keywords HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n';
  const answers = await exchange(t, url!, patch, body + get);
  const [, first, second] = answers.split('HTTP/1.1 ');
  assert.match(first, /^200 .*"threshold":0\.25/s);
  assert.match(second, /^200 .*"keywords":/s);
});

test('the first request is held to all limits: of its headers, its body, its origin', async (t) => {
  const { url } = await startColdDaemon(t, { model: pack, input });
  const close = ['Host: localhost', 'Connection: close'];
  const long = await exchange(t, url!, ['GET /v1/status HTTP/1.1', ...close, `X: ${'x'.repeat(9000)}`]);
  assert.match(long, /^HTTP\/1\.1 431 /);
  const foreign = await exchange(t, url!, [...UPGRADE, 'Origin: https://evil.example']);
  assert.match(foreign, /^HTTP\/1\.1 403 /);

  const other = await startColdDaemon(t, { model: pack, input });
  const body = JSON.stringify({ label: 'x'.repeat(70_000) });
  const large = ['PATCH /v1/keywords/one HTTP/1.1', ...close, 'Content-Type: application/json'];
  const answer = await exchange(t, other.url!, [...large, `Content-Length: ${body.length}`], body);
  assert.match(answer, /^HTTP\/1\.1 413 /);
});

test('a WebSocket may be first, with others that leave before they are answered', async (t) => {
  const { url } = await startColdDaemon(t, { model: pack, input });
  const lines = `${UPGRADE.join('\r\n')}\r\n\r\n`;
  for (const head of [lines, 'GET /v1/status HTTP/1.1\r\nHost: localhost\r\n\r\n']) {
    const leaver = await openConnection(t, url!);
    leaver.write(head);
    leaver.resetAndDestroy();
  }
  const socket = await openConnection(t, url!);
  socket.write(lines);
  const [answer] = (await once(socket, 'data')) as [Buffer];
  assert.match(answer.toString('latin1'), /^HTTP\/1\.1 101 /);
  assert.equal((await fetch(`${url}/v1/status`)).status, 200);
});

test('a daemon can be stopped while its first request waits', async (t) => {
  const daemon = await startColdDaemon(t, { model: pack, input });
  const socket = await openConnection(t, daemon.url!);
  const closed = once(socket.resume(), 'close');
  socket.write(`${UPGRADE.join('\r\n')}\r\n\r\n`);
  await fetch(`${daemon.url}/healthz`); // came later, so that the other is there
  await Promise.all([daemon.stop(), closed]);
});

test('where the routes cannot be loaded, requests are told so, and the log why', async (t) => {
  const logged: string[] = [];
  const server = createServer().listen(0, '127.0.0.1');
  t.after(() => server.close().closeAllConnections());
  const connections = new Connections(server, connectionLimits(64, 64, 1024), 10_000);
  const application = new LazyApplication({
    service: {} as Service,
    // What there is none of cannot be read.
    access: null as never,
    logger: pino({ level: 'error' }, { write: (line) => logged.push(line) }),
    connections,
    observations: {} as Observations,
    originCheck: () => null,
  });
  server.on('request', application.answer);
  takeWebSockets(server, application.upgrade);
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const answers = [
    await exchange(t, url, ['GET /v1/status HTTP/1.1', 'Host: localhost']),
    await exchange(t, url, UPGRADE),
  ];
  for (const answer of answers) assert.match(answer, /^HTTP\/1\.1 500 .*"WG_INTERNAL".*the log says what/s);
  assert.equal(logged.length, 2);
  assert.match(logged[0], /TypeError/);
});
