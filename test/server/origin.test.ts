import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { before, test } from 'node:test';
import WebSocket from 'ws';
import { startDaemon, wavFile } from '../support/daemon-fixture.js';
import { exchange } from '../support/raw-http.js';
import { voice } from '../support/signals.js';
import { temporaryFolder } from '../support/temp-folder.js';
import { makeTinyPack } from '../support/tiny-pack.js';

const folder = temporaryFolder();
const pack = join(folder, 'pack');
const input = wavFile(folder, 'long.wav', voice(16_000, 30));

before(async () => {
  await makeTinyPack(pack);
});

/** Status and code of the answer to a POST with these headers. */
async function post(
  url: string,
  headers: Record<string, string>,
): Promise<{ status: number; code?: string }> {
  const response = await fetch(url, { method: 'POST', headers });
  const { error } = (await response.json()) as { error?: { code: string } };
  return { status: response.status, ...(error && { code: error.code }) };
}

test('a page of another site can neither mute nor listen; a program and an own page can', async (t) => {
  const daemon = await startDaemon(t, { model: pack, input });
  const mute = `${daemon.url}/v1/mute`;
  const refused = { status: 403, code: 'WG_ORIGIN_REFUSED' };
  assert.deepEqual(await post(mute, { origin: 'https://example.com' }), refused);
  assert.deepEqual(await post(mute, { origin: 'null' }), refused);
  assert.equal(daemon.status().input.state === 'muted', false);

  const socket = new WebSocket(`${daemon.url!.replace('http', 'ws')}/v1/events`, {
    origin: 'https://example.com',
  });
  const [error] = await once(socket, 'error');
  assert.match(error.message, /403/);

  assert.equal((await post(mute, { origin: daemon.url! })).status, 200);
  assert.equal((await post(`${daemon.url}/v1/unmute`, {})).status, 200);
});

test('a name that was made to point here is refused, an own name is not', async (t) => {
  const daemon = await startDaemon(t, { model: pack, input });
  const { port } = new URL(daemon.url!);
  const mute = `${daemon.url}/v1/mute`;
  const rebound = { host: `evil.example:${port}`, origin: `http://evil.example:${port}` };
  assert.deepEqual(await post(mute, rebound), { status: 403, code: 'WG_ORIGIN_REFUSED' });
  assert.equal((await post(mute, { host: `localhost:${port}` })).status, 200);
  assert.equal((await post(mute, { host: `[::1]:${port}` })).status, 200);
});

test('whatever a WebSocket is refused for, its connection is ended', async (t) => {
  const daemon = await startDaemon(t, { model: pack, input });
  const { port, host } = new URL(daemon.url!);
  for (const [path, origin, status] of [
    ['/v1/events', 'https://example.com', 403],
    ['/v1/events?types=nothing', '', 400],
    ['/v1/nothing', '', 404],
    ['/%zz', '', 400],
  ] as const) {
    const socket = connect(Number(port), '127.0.0.1').setEncoding('utf8');
    t.after(() => socket.destroy());
    const head = [`GET ${path} HTTP/1.1`, `Host: ${host}`, 'Connection: Upgrade', 'Upgrade: websocket'];
    const rest = ['Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA=='];
    socket.write([...head, ...rest, ...(origin ? [`Origin: ${origin}`] : []), '', ''].join('\r\n'));
    assert.match(await text(socket), new RegExp(`^HTTP/1.1 ${status} `), path);
  }
});

test('allowedHosts lets in by names, and the refusal of any other names the setting', async (t) => {
  const allowedHosts = ['raspberrypi.fritz.box', 'wake_gate', '*.Home.example'];
  const { url } = await startDaemon(t, { model: pack, input, allowedHosts });
  const port = Number(new URL(url!).port);
  const status = async (host: string) => {
    const lines = ['GET /v1/status HTTP/1.1', `Host: ${host}`, 'Connection: close'];
    return (await exchange(t, url!, lines)).slice(9, 12);
  };
  for (const host of [
    'raspberrypi.fritz.box',
    `Raspberrypi.Fritz.box.:${port}`,
    `wake_gate:${port}`,
    'a.home.example',
    'b.a.home.example:443',
  ]) {
    assert.equal(await status(host), '200', host);
  }
  for (const host of [
    'home.example',
    'evilhome.example',
    'raspberrypi',
    'fritz.box',
    'wake_gate.evil.example',
    '',
    'a b',
    '[',
  ]) {
    assert.equal(await status(host), '403', host);
  }
  const answer = await exchange(t, url!, ['GET /v1/status HTTP/1.1', 'Host: pi.lan', 'Connection: close']);
  assert.match(
    answer,
    /WG_ORIGIN_REFUSED.*\\"pi\.lan\\" is not a name of this machine: .*the setting allowedHosts/s,
  );
  // A probe of HTTP/1.0 names nothing, which no browser does.
  assert.match(await exchange(t, url!, ['GET /v1/status HTTP/1.0']), /^HTTP\/1\.1 200 /);
  const nullPage = ['POST /v1/mute HTTP/1.0', 'Origin: null'];
  assert.match(await exchange(t, url!, nullPage), /^HTTP\/1\.1 403 /);
});

test('origins of apps and extensions, and null, may be allowed, and are foreign otherwise', async (t) => {
  const allowedOrigins = ['null', 'app://localhost', 'chrome-extension://abcdef', 'file://'];
  const open = await startDaemon(t, { model: pack, input, allowedOrigins });
  const closed = await startDaemon(t, { model: pack, input });
  for (const origin of allowedOrigins) {
    const answer = await fetch(`${open.url}/v1/unmute`, { method: 'POST', headers: { origin } });
    assert.equal(answer.status, 200, origin);
    assert.equal(answer.headers.get('access-control-allow-origin'), origin);
    // Though its host is an own name.
    assert.equal((await post(`${closed.url}/v1/unmute`, { origin })).status, 403, origin);
  }
  assert.equal((await post(`${open.url}/v1/unmute`, { origin: 'chrome-extension://other' })).status, 403);
});
