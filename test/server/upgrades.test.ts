import assert from 'node:assert/strict';
import { join } from 'node:path';
import { before, test } from 'node:test';
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

/** As curl --http2 and Java's client send it, and others. */
const WISHES = [
  ['Connection: Upgrade, HTTP2-Settings', 'Upgrade: h2c', 'HTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA'],
  ['Connection: upgrade', 'Upgrade: TLS/1.0'],
  ['Connection: keep-alive, Upgrade', 'Upgrade: something/1'],
];

test('a request with a wish for another protocol is answered as one without, whatever it is', async (t) => {
  const { url } = await startDaemon(t, { model: pack, input });
  for (const wish of WISHES) {
    for (const [line, body, status] of [
      ['GET /v1/status', '', 200],
      ['POST /v1/energy/reset', '', 204],
      ['PATCH /v1/keywords/one', '{"threshold": 0.5}', 200],
      ['PATCH /v1/keywords/one', '{"threshold": 5}', 400],
      ['GET /v1/listen', '', 426],
      ['GET /v1/nothing', '', 404],
    ] as const) {
      const type = body && [`Content-Type: application/json`, `Content-Length: ${body.length}`];
      const lines = [`${line} HTTP/1.1`, 'Host: localhost', ...wish, ...(type || [])];
      // A second request shows that the connection is in order.
      const next = 'GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n';
      const answer = await exchange(t, url!, lines, body + next);
      const statuses = [...answer.matchAll(/HTTP\/1\.1 (\d+) /g)].map(([, code]) => Number(code));
      assert.deepEqual(statuses, [status, 200], `${line} with ${wish[1]}: ${answer}`);
    }
  }
});

test('such a request is held to the same rules: a foreign page is refused, a body has its limit', async (t) => {
  const { url } = await startDaemon(t, { model: pack, input });
  const [wish] = WISHES;
  const foreign = [
    'POST /v1/mute HTTP/1.1',
    'Host: localhost',
    'Origin: https://evil.example',
    'Connection: close, Upgrade',
  ];
  assert.match(await exchange(t, url!, [...foreign, ...wish.slice(1)]), /^HTTP\/1\.1 403 /);
  const large = [
    'PATCH /v1/keywords/one HTTP/1.1',
    'Host: localhost',
    'Content-Type: application/json',
    ...wish,
  ];
  const body = JSON.stringify({ label: 'x'.repeat(70_000) });
  const answer = await exchange(t, url!, [...large, `Content-Length: ${body.length}`], body);
  assert.match(answer, /^HTTP\/1\.1 413 /);
});

test('every answer says that its type is not to be guessed, and is not for other sites', async (t) => {
  const { url } = await startDaemon(t, { model: pack, input });
  const socket = [
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
  ];
  for (const [line, ...headers] of [
    ['GET /healthz HTTP/1.1'],
    ['GET /docs HTTP/1.1'],
    ['GET /metrics HTTP/1.1'],
    ['GET /v1/nothing HTTP/1.1'],
    ['GET /%zz HTTP/1.1'],
    ['POST /v1/mute HTTP/1.1', 'Origin: https://evil.example'],
    ['GET /v1/events?types=nothing HTTP/1.1', ...socket],
    ['GET / nonsense'],
    ['GET /v1/status HTTP/1.1', `X: ${'x'.repeat(9000)}`],
  ]) {
    const closing = headers.some((header) => header.startsWith('Connection')) ? [] : ['Connection: close'];
    const answer = await exchange(t, url!, [line, 'Host: localhost', ...headers, ...closing]);
    assert.match(answer, /^x-content-type-options: nosniff\r$/im, line);
    assert.match(answer, /^cross-origin-resource-policy: same-origin\r$/im, line);
  }
  const stream = await fetch(`${url}/v1/events`);
  assert.equal(stream.headers.get('x-content-type-options'), 'nosniff');
  await stream.body!.cancel();
});
