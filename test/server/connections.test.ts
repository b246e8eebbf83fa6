import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { before, type TestContext, test } from 'node:test';
import { writeWav } from '../../src/audio/index.js';
import { clientOf } from '../../src/network/index.js';
import { connectionLimits } from '../../src/server/connection-limits.js';
import { Connections } from '../../src/server/connections.js';
import { fileLimit } from '../../src/server/file-limit.js';
import { startDaemon, wavFile } from '../support/daemon-fixture.js';
import { openConnection, openConnections } from '../support/raw-http.js';
import { voice } from '../support/signals.js';
import { temporaryFolder } from '../support/temp-folder.js';
import { makeTinyPack } from '../support/tiny-pack.js';
import { WakegateProcess } from '../support/wakegate-process.js';

const folder = temporaryFolder();
const pack = join(folder, 'pack');
const input = wavFile(folder, 'long.wav', voice(16_000, 60));

before(async () => {
  await makeTinyPack(pack);
});

/** Ways to hold a connection without a whole request. */
const SILENT: Readonly<Record<string, string>> = {
  nothing: '',
  'half a head': 'GET /v1/status HTTP/1.1\r\nHost: local',
  'an answered request': 'GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n',
  'a body that does not come':
    'POST /v1/energy/reset HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\n',
  'audio that does not come':
    'POST /v1/detect HTTP/1.1\r\nHost: localhost\r\nContent-Type: audio/wav\r\nContent-Length: 500\r\n\r\n',
};

for (const [name, sent] of Object.entries(SILENT)) {
  test(`more connections than the process has files, each with ${name}: requests are answered, the worker starts`, async (t) => {
    const args = ['run', '--model', pack, '--input', input, '--port', '0', '--backend', 'wasm'];
    const daemon = new WakegateProcess(t, [...args, '--state-directory', join(folder, 'state')], {
      maxFiles: 256,
    });
    const url = await daemon.url();
    for (const socket of await openConnections(t, url, 300)) socket.write(sent);
    for (let n = 0; n < 20; n++) assert.equal((await fetch(`${url}/v1/status`)).status, 200);
    await daemon.logLine(({ part, msg }) => part === 'connections' && /are closed to make room/.test(msg));
    const headers = { 'content-type': 'audio/wav' };
    const body = writeWav(voice(16_000, 1.5), 16_000);
    const report = await fetch(`${url}/v1/detect`, { method: 'POST', headers, body });
    assert.equal(report.status, 200, await report.text());
    daemon.child.kill('SIGTERM');
    const { code, stdout } = await daemon.finished;
    assert.equal(code, 0);
    assert.doesNotMatch(stdout, /EMFILE|"level":"error"/);
  });
}

test('what is in use does not give way: one more request is asked to try again later, but for /healthz', async (t) => {
  const { url } = await startDaemon(t, { model: pack, input, maxConnections: 64 });
  const streams = await Promise.all(Array.from({ length: 56 }, () => fetch(`${url}/v1/events`)));
  const held = streams.filter(({ status }) => status === 200);
  const refused = streams.filter(({ status }) => status === 429);
  assert.equal(held.length + refused.length, 56);
  assert.ok(held.length >= 40 && refused.length > 0, `${held.length} of 56`);
  assert.equal(refused[0].headers.get('retry-after'), '1');
  assert.match(await refused[0].text(), /127\.0\.0\.1 has \d+ connections in use already/);
  assert.equal((await fetch(`${url}/v1/status`)).status, 429);
  assert.equal((await fetch(`${url}/healthz`)).status, 200);
  const silent = await openConnections(t, url!, 100);
  assert.ok(silent.length > 0);
  assert.equal((await fetch(`${url}/healthz`)).status, 200);
  // Another address has room that one alone cannot take.
  const other = await openConnection(t, url!, '127.0.0.2');
  other.write('GET /v1/status HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
  assert.match(await text(other), /^HTTP\/1\.1 200 /);
  for (const { body } of held) await body!.cancel();
  while ((await fetch(`${url}/v1/status`)).status !== 200);
});

/** A server that answers everything at once, and gives headers a moment only. */
async function startServer(t: TestContext, headersMs: number) {
  const server = createServer((_request, response) => response.end('well')).listen(0, '127.0.0.1');
  server.keepAliveTimeout = 60_000;
  new Connections(server, connectionLimits(64, 64, 1024), headersMs);
  t.after(() => server.close().closeAllConnections());
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function milliseconds(what: Promise<unknown>): Promise<number> {
  const startMs = performance.now();
  await what;
  return performance.now() - startMs;
}

test('headers that do not come in their time are answered as such: first ones, and those of a kept connection', async (t) => {
  const url = await startServer(t, 1500);
  const nothing = await openConnection(t, url);
  const half = await openConnection(t, url);
  half.write('GET / HTTP/1.1\r\n');
  const second = await openConnection(t, url);
  second.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
  await once(second, 'data');
  second.write('GET / HTTP/1.1\r\n');
  const drip = setInterval(() => second.write('X: y\r\n'), 100);
  t.after(() => clearInterval(drip));
  const kept = await openConnection(t, url);
  kept.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
  kept.resume();
  const answers = [nothing, half, second].map((socket: Socket) => text(socket.setEncoding('utf8')));
  const tookMs = await milliseconds(Promise.all(answers));
  for (const answer of await Promise.all(answers))
    assert.match(answer, /^HTTP\/1\.1 408 .*did not come in time/s);
  assert.ok(tookMs > 400, `${tookMs} ms`);
  assert.equal(kept.closed, false, 'nothing of a next request has come on it');
});

test('the times in server.ts are those that are kept: a connection without a next request is closed', async (t) => {
  const { url } = await startDaemon(t, { model: pack, input });
  const socket = await openConnection(t, url!);
  socket.write('GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n');
  const [answer] = (await once(socket, 'data')) as [Buffer];
  assert.match(answer.toString(), /^keep-alive: timeout=30\r$/im);
});

test('limits leave files for the daemon, and room for other addresses', () => {
  for (const [most, files, total] of [
    [1280, 1_000_000, 1280],
    [1280, 1024, 768],
    [1280, 256, 192],
    [1280, 64, 16],
    [32, 1024, 32],
  ]) {
    assert.equal(connectionLimits(most, 256, files).total, total);
  }
  const limits = connectionLimits(1280, 256, 1_000_000);
  assert.ok(limits.busy < limits.total);
  assert.equal(limits.busyOf('192.168.1.5'), 256);
  assert.ok(limits.busyOf('127.0.0.1') >= 1000 && limits.busyOf('::1') < limits.busy);
  const small = connectionLimits(1280, 256, 128);
  assert.ok(small.busyOf('192.168.1.5') < small.busy);
});

test('an address of IPv6 counts with its network, one of IPv4 in IPv6 as itself', () => {
  for (const [address, client] of [
    ['192.168.1.5', '192.168.1.5'],
    ['::ffff:192.168.1.5', '192.168.1.5'],
    ['::1', '::1'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8::6', '2001:db8:0:0::/64'],
    ['2001:db8:1:2:3::', '2001:db8:1:2::/64'],
  ]) {
    assert.equal(clientOf(address), client);
  }
});

test('the limit of files is read from the process; where the system does not say, it is taken for the usual one', (t) => {
  if (process.platform === 'linux') assert.ok(fileLimit() >= 64);
  assert.equal(fileLimit(join(folder, 'missing')), 1024);
  if (process.platform !== 'linux') t.diagnostic('no /proc here');
});
