import assert from 'node:assert/strict';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { Value } from '@sinclair/typebox/value';
import { ErrorSchema } from '../../src/protocol/schemas/index.js';
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

const JSON_ROUTES = [
  ['PATCH', '/v1/keywords/one'],
  ['PATCH', '/v1/captures'],
  ['PUT', '/v1/model'],
  ['POST', '/v1/captures/20260101T000000000Z-one/label'],
] as const;

const nested = (open: string, close: string, depth = 10_000) => open.repeat(depth) + close.repeat(depth);

/** What no one has a use for, each of another kind. */
const ODD_JSON = {
  'a key with half a character': '{"\\ud800": 1}',
  'such a key further in': '{"threshold": {"\\udc00": 1}}',
  'lists in lists': nested('[', ']'),
  'groups in groups': `${'{"a":'.repeat(9000)}1${'}'.repeat(9000)}`,
  'lists in a setting': `{"threshold": ${nested('[', ']')}, "id": ${nested('[', ']')}, "enabled": ${nested('[', ']')}}`,
  'a prototype': '{"__proto__": {"threshold": 1}}',
  'a constructor': '{"constructor": {"prototype": {"threshold": 1}}}',
  'a mark of byte order before nothing': '\ufeff',
  'a number beyond all': '{"threshold": 1e999}',
  'a number of a thousand digits': `{"threshold": ${'9'.repeat(1000)}}`,
  'a zero byte': '{"label": "a"}\0',
  'a text': '"text"',
  nothing: 'null',
  'an empty body': '',
  'an empty list': '[]',
  'half of it': '{"threshold": 0.',
  'no JSON': '<xml/>',
} as const;

test('whatever JSON comes, the answer is a sentence about the request', async (t) => {
  const { url } = await startDaemon(t, { model: pack, input });
  for (const [method, path] of JSON_ROUTES) {
    for (const [name, body] of Object.entries(ODD_JSON)) {
      const headers = { 'content-type': 'application/json' };
      const answer = await fetch(url + path, { method, headers, body });
      const said = await answer.text();
      assert.ok(
        answer.status >= 400 && answer.status < 500,
        `${method} ${path} with ${name}: ${answer.status} ${said}`,
      );
      assert.ok(Value.Parse(ErrorSchema, JSON.parse(said)).error.message.length > 10);
    }
  }
});

test('half a character in a value is kept out of the way: it is a label like any other', async (t) => {
  const daemon = await startDaemon(t, { model: pack, input });
  const headers = { 'content-type': 'application/json' };
  const body = '{"label": "a\\ud800b"}';
  const answer = await fetch(`${daemon.url}/v1/keywords/one`, { method: 'PATCH', headers, body });
  assert.equal(answer.status, 200);
  assert.equal(
    ((await (await fetch(`${daemon.url}/v1/status`)).json()) as { keywords: { name: string }[] }).keywords[0]
      .name,
    'one',
  );
});

test('whatever address, header or method comes, the answer is a sentence about the request', async (t) => {
  const { url } = await startDaemon(t, { model: pack, input });
  for (const [line, ...headers] of [
    ['GET /v1/keywords/%ED%A0%80 HTTP/1.1'],
    ['GET /v1/captures/%00 HTTP/1.1'],
    [`GET /v1/captures/${'x'.repeat(5000)} HTTP/1.1`],
    ['GET /v1/captures/..%2f..%2fetc%2fpasswd HTTP/1.1'],
    ['GET /v1/events?since=1e400 HTTP/1.1'],
    ['GET /v1/events?types=%ED%A0%80 HTTP/1.1'],
    ['GET /v1/events?types=a&types=b HTTP/1.1'],
    ['GET /v1/events?since=1&since=2 HTTP/1.1'],
    ['GET /v1/events?__proto__=1&types=x HTTP/1.1'],
    ['POST /v1/mute?seconds=1e400 HTTP/1.1', 'Content-Length: 0'],
    ['POST /v1/mute?seconds=-1 HTTP/1.1', 'Content-Length: 0'],
    ['POST /v1/mute?seconds=1&seconds=2 HTTP/1.1', 'Content-Length: 0'],
    ['PATCH /v1/keywords/one HTTP/1.1', 'Content-Type: nonsense', 'Content-Length: 2'],
    [
      'PATCH /v1/keywords/one HTTP/1.1',
      'Content-Type: application/json; charset=utf-16',
      'Content-Length: 2',
    ],
    ['PATCH /v1/keywords/one HTTP/1.1', 'Content-Type: application/json', 'Content-Length: 99999999'],
    ['PUT /v1/model HTTP/1.1', 'Content-Length: 2'],
    ['PUT /v1/model HTTP/1.1'],
    ['DELETE /v1/status HTTP/1.1'],
    ['TRACE / HTTP/1.1'],
    ['PROPFIND / HTTP/1.1'],
    ['QUERY /v1/status HTTP/1.1'],
    ['OPTIONS * HTTP/1.1'],
    ['CONNECT localhost:80 HTTP/1.1'],
    ['GET http://localhost/v1/nothing HTTP/1.1'],
    ['GET //v1/status HTTP/1.1'],
    ['PATCH /v1/keywords/one HTTP/1.1', 'Expect: something', 'Content-Length: 2'],
    ['GET /v1/status HTTP/1.1', 'Transfer-Encoding: nonsense'],
    ['GET /v1/nothing HTTP/1.1', 'Range: bytes=9-1'],
    ['GET /v1/status HTTP/3.0'],
    ['PRI * HTTP/2.0'],
  ]) {
    const answer = await exchange(t, url!, [line, 'Host: localhost', 'Connection: close', ...headers], '{}');
    assert.match(answer, /^HTTP\/1\.1 4\d\d .*"message":"[^"\\]{10}/s, [line, ...headers].join('; '));
  }
});

test('a body of a type that is not read is answered with those that are; where none is wanted, the type says nothing', async (t) => {
  const { url } = await startDaemon(t, { model: pack, input });
  for (const type of [
    'text/plain',
    'application/x-www-form-urlencoded',
    'application/xml',
    'multipart/form-data',
    'nonsense',
  ]) {
    const answer = await fetch(`${url}/v1/keywords/one`, {
      method: 'PATCH',
      headers: { 'content-type': type },
      body: 'threshold=0.5',
    });
    assert.equal(answer.status, 415, type);
    assert.match(await answer.text(), /send JSON, with the header content-type: application\/json/);
  }
  for (const type of ['application/json', 'text/plain', 'application/x-www-form-urlencoded', 'nonsense']) {
    for (const [path, status] of [
      ['/v1/mute', 200],
      ['/v1/unmute', 200],
      ['/v1/energy/reset', 204],
      ['/v1/tickets', 201],
      ['/v1/nothing', 404],
    ] as const) {
      for (const body of ['', '{}', 'a=b']) {
        const headers = { 'content-type': type };
        const answer = await fetch(url + path, { method: 'POST', headers, body });
        assert.equal(answer.status, status, `${path} ${type} ${JSON.stringify(body)}`);
      }
    }
  }
  const removed = await fetch(`${url}/v1/captures`, {
    method: 'DELETE',
    headers: { 'content-type': 'application/json' },
  });
  assert.equal(removed.status, 204);
});
