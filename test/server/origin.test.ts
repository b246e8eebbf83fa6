import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { before, test } from 'node:test';
import WebSocket from 'ws';
import { startDaemon, wavFile } from '../support/daemon-fixture.js';
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
