import assert from 'node:assert/strict';
import { once } from 'node:events';
import { chmodSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { connect } from 'node:net';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { before, type TestContext, test } from 'node:test';
import { pino } from 'pino';
import WebSocket from 'ws';
import { type Config, defaultConfig } from '../../src/config/index.js';
import { Daemon } from '../../src/daemon/daemon.js';
import { Tickets } from '../../src/server/tickets.js';
import { configuredToken } from '../../src/server/token.js';
import { startDaemon, wavFile } from '../support/daemon-fixture.js';
import { voice } from '../support/signals.js';
import { temporaryFolder } from '../support/temp-folder.js';
import { makeTinyPack } from '../support/tiny-pack.js';

const folder = temporaryFolder();
const pack = join(folder, 'pack');
const input = wavFile(folder, 'long.wav', voice(16_000, 30));
const TOKEN = 'k3Jq+/x0rnf8sT6m9wLz=';

before(async () => {
  await makeTinyPack(pack);
});

function file(name: string, content: string, mode = 0o600): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  chmodSync(path, mode);
  return path;
}

/** A daemon that asks for {@link TOKEN}, and all that it logs. */
async function startGuarded(t: TestContext, config: Partial<Config> = {}) {
  const log: string[] = [];
  const logger = pino({ level: 'trace' }, { write: (line: string) => void log.push(line) });
  const tokenFile = file('token', `${TOKEN}\n`);
  const daemon = await startDaemon(t, { model: pack, input, tokenFile, ...config }, logger);
  return { url: daemon.url!, port: Number(new URL(daemon.url!).port), log };
}

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

/** Resolves to `open` and the subprotocol, or to the status of the refusal. */
async function openSocket(url: string, protocols: string[] = []): Promise<string> {
  const socket = new WebSocket(url.replace('http', 'ws'), protocols);
  const refused = once(socket, 'unexpected-response').then(([, { statusCode }]) => String(statusCode));
  const opened = once(socket, 'open').then(() => `open ${socket.protocol}`);
  opened.catch(() => {});
  socket.on('error', () => {});
  const outcome = await Promise.race([refused, opened]);
  socket.terminate();
  return outcome;
}

const encoded = (token: string) => `wakegate.bearer.${Buffer.from(token).toString('base64url')}`;

test('with a token, everything but /healthz asks for it, on loopback too, whatever is asked for', async (t) => {
  const { url } = await startGuarded(t);
  assert.equal((await fetch(`${url}/healthz`)).status, 200);
  for (const [method, path] of [
    ['GET', '/readyz'],
    ['GET', '/v1/status'],
    ['HEAD', '/v1/status'],
    ['GET', '/v1/events'],
    ['POST', '/v1/detect'],
    ['POST', '/v1/tickets'],
    ['POST', '/v1/mute'],
    ['GET', '/v1/nothing'],
  ] as const) {
    const answer = await fetch(url + path, { method });
    assert.equal(answer.status, 401, path);
    assert.match(answer.headers.get('www-authenticate')!, /^Bearer/);
  }
  for (const headers of [
    bearer('wrong'),
    bearer(TOKEN.slice(0, -1)),
    bearer(`${TOKEN}x`),
    bearer(''),
    { authorization: TOKEN },
    { authorization: `Basic ${TOKEN}` },
  ]) {
    assert.equal((await fetch(`${url}/v1/status`, { headers })).status, 401, headers.authorization);
  }
  for (const headers of [bearer(TOKEN), { authorization: `bearer   ${TOKEN}` }]) {
    assert.equal((await fetch(`${url}/v1/status`, { headers })).status, 200);
  }
});

test('loopbackToken off lets this machine in without one', async (t) => {
  const { url } = await startGuarded(t, { loopbackToken: 'off' });
  assert.equal((await fetch(`${url}/v1/status`)).status, 200);
});

test('from elsewhere it is asked for though loopbackToken is off', async (t) => {
  const outward = Object.values(networkInterfaces())
    .flat()
    .find((entry) => entry?.family === 'IPv4' && !entry.internal);
  if (!outward) return t.skip('this machine has no address but loopback');
  const { port } = await startGuarded(t, { loopbackToken: 'off', host: '0.0.0.0' });
  assert.equal((await fetch(`http://${outward.address}:${port}/v1/status`)).status, 401);
  assert.equal((await fetch(`http://127.0.0.1:${port}/v1/status`)).status, 200);
});

test('a WebSocket may bring the token as a header or a subprotocol, which is not sent back', async (t) => {
  const { url } = await startGuarded(t);
  const events = `${url}/v1/events`;
  assert.equal(await openSocket(events), '401');
  assert.equal(await openSocket(events, ['wakegate', encoded('wrong')]), '401');
  assert.equal(await openSocket(events, ['wakegate', encoded(TOKEN)]), 'open wakegate');
  // A subprotocol is a WebSocket's, and no way in elsewhere.
  const headers = { 'sec-websocket-protocol': encoded(TOKEN) };
  assert.equal((await fetch(`${url}/v1/status`, { headers })).status, 401);
});

test('a ticket opens one stream, and nothing else', async (t) => {
  const { url } = await startGuarded(t);
  const ticket = async () => {
    const answer = await fetch(`${url}/v1/tickets`, { method: 'POST', headers: bearer(TOKEN) });
    assert.equal(answer.status, 201);
    const { ticket, expiresAt } = (await answer.json()) as { ticket: string; expiresAt: string };
    assert.ok(Math.abs(Date.parse(expiresAt) - Date.now()) <= 60_000);
    return ticket;
  };
  const events = `${url}/v1/events?ticket=${await ticket()}`;
  assert.equal(await openSocket(events), 'open ');
  assert.equal(await openSocket(events), '401', 'it is used up');
  assert.equal(await openSocket(`${url}/v1/events?ticket=made-up`), '401');
  const muting = await fetch(`${url}/v1/mute?ticket=${await ticket()}`, { method: 'POST' });
  assert.equal(muting.status, 401, 'it changes nothing');
  const stream = await fetch(`${url}/v1/events?ticket=${await ticket()}`);
  assert.equal(stream.status, 200);
  await stream.body!.cancel();
});

test('tickets end by themselves, and the oldest gives way to a new one beyond a number', () => {
  const tickets = new Tickets();
  const { ticket, expiresMs } = tickets.issue(1000);
  assert.equal(tickets.redeem(ticket, expiresMs), false);
  const issued = Array.from({ length: 257 }, () => tickets.issue(2000).ticket);
  assert.equal(tickets.redeem(issued[0], 2000), false);
  assert.ok(issued.slice(1).every((ticket) => tickets.redeem(ticket, 2000)));
});

test('neither token nor ticket is logged, whatever is asked for, at any level', async (t) => {
  const { url, port, log } = await startGuarded(t);
  const answer = await fetch(`${url}/v1/tickets`, { method: 'POST', headers: bearer(TOKEN) });
  const { ticket } = (await answer.json()) as { ticket: string };
  const wrong = 'wrong-token-000000';
  await openSocket(`${url}/healthz?ticket=${ticket}`, ['wakegate', encoded(TOKEN)]);
  await openSocket(`${url}/v1/events?since=x&ticket=${ticket}`, ['wakegate', encoded(TOKEN)]);
  await fetch(`${url}/v1/nothing?ticket=${ticket}`, { headers: bearer(TOKEN) });
  await fetch(`${url}/%zz?ticket=${ticket}`, { headers: bearer(TOKEN) });
  await fetch(`${url}/v1/status`, { headers: bearer(wrong) });
  const socket = connect(port, '127.0.0.1').setEncoding('utf8');
  socket.write(
    `GET /v1/status?ticket=${ticket} HTTP/1.1\r\nAuthorization: Bearer ${TOKEN}\r\nno header\r\n\r\n`,
  );
  const refusal = await text(socket);
  assert.match(refusal, /^HTTP\/1.1 400 .*WG_REQUEST_INVALID/s);
  assert.ok(log.length > 0);
  for (const secret of [TOKEN, ticket, wrong, encoded(TOKEN), Buffer.from(TOKEN).join(',')]) {
    assert.ok(!log.join('').includes(secret), secret);
    assert.ok(!refusal.includes(secret));
  }
});

test('no address but loopback is served on without a token, and the sentence says how to make one', async () => {
  for (const host of ['0.0.0.0', '::', '192.168.1.5', 'raspberrypi.local']) {
    await assert.rejects(
      Daemon.create(
        { ...defaultConfig(), model: pack, host, stateDirectory: folder },
        pino({ level: 'silent' }),
      ),
      { code: 'WG_TOKEN_UNUSABLE', message: /umask 077; head -c 32 .*--token-file/ },
    );
  }
});

test('a token may have spaces and line ends around it, a byte order mark before it, and be in UTF-16', async () => {
  const host = '0.0.0.0';
  for (const bytes of [
    Buffer.from(`\uFEFF${TOKEN} \t\r\n\r\n`),
    Buffer.from(`\uFEFF${TOKEN}\r\n`, 'utf16le'),
  ]) {
    const tokenFile = file('wörtlich geheim', '');
    writeFileSync(tokenFile, bytes);
    assert.ok((await configuredToken({ tokenFile, host }))!.matches(TOKEN));
  }
});

test('a token file that is missing, no token, or open to others is refused with what to do', async (t) => {
  for (const [tokenFile, message] of [
    [join(folder, 'missing'), /missing is not there: make one with/],
    [file('short', 'abc'), /must hold 16 to 512 letters/],
    [file('two', 'abcdefghijklmnopqrst uvw'), /must hold 16 to 512/],
    [file('long', 'x'.repeat(5000)), /holds no token/],
    [folder, /holds no token/],
    [file('writable', TOKEN, 0o666), /could choose the token: run chmod 600/],
  ] as const) {
    await assert.rejects(startDaemon(t, { model: pack, input, tokenFile }), {
      code: 'WG_TOKEN_UNUSABLE',
      message,
    });
  }
  const { log } = await startGuarded(t);
  assert.doesNotMatch(log.join(''), /chmod/);
  const warned = await startGuarded(t, { tokenFile: file('readable', TOKEN, 0o644) });
  assert.match(warned.log.join(''), /can be read by everyone on this machine: run chmod 600/);
});

test('a page of an allowed origin may do all, after a preflight; one of any other may not', async (t) => {
  const origin = 'https://home.example';
  const { url } = await startGuarded(t, { allowedOrigins: [origin] });
  const ask = (from: string) => ({
    origin: from,
    'access-control-request-method': 'PATCH',
    'access-control-request-headers': 'authorization,content-type',
  });
  const preflight = await fetch(`${url}/v1/keywords/one`, { method: 'OPTIONS', headers: ask(origin) });
  assert.equal(preflight.status, 204);
  assert.equal(preflight.headers.get('access-control-allow-origin'), origin);
  assert.match(preflight.headers.get('access-control-allow-methods')!, /PATCH/);
  assert.match(preflight.headers.get('access-control-allow-headers')!, /authorization/);
  const foreign = await fetch(`${url}/v1/keywords/one`, {
    method: 'OPTIONS',
    headers: ask('https://evil.example'),
  });
  assert.equal(foreign.status, 403);
  assert.equal(foreign.headers.get('access-control-allow-origin'), null);

  const muted = await fetch(`${url}/v1/mute`, { method: 'POST', headers: { origin, ...bearer(TOKEN) } });
  assert.equal(muted.status, 200);
  assert.equal(muted.headers.get('access-control-allow-origin'), origin);
  const refused = await fetch(`${url}/v1/mute`, { method: 'POST', headers: { origin } });
  assert.equal(refused.status, 401, 'allowed is not trusted');
  const stream = await fetch(`${url}/v1/events`, { headers: { origin, ...bearer(TOKEN) } });
  assert.equal(stream.headers.get('access-control-allow-origin'), origin);
  await stream.body!.cancel();
});

test('without allowed origins there is no word of CORS', async (t) => {
  const { url } = await startGuarded(t);
  const answer = await fetch(`${url}/healthz`, { headers: { origin: url } });
  assert.equal(answer.headers.get('access-control-allow-origin'), null);
});

test('headers, queries and bodies that are too long are refused, and the answer says so', async (t) => {
  const { url } = await startDaemon(t, { model: pack, input });
  const long = await fetch(`${url}/v1/status?x=${'x'.repeat(9000)}`);
  assert.equal(long.status, 431);
  assert.match(await long.text(), /WG_REQUEST_INVALID/);
  const body = JSON.stringify({ label: 'x'.repeat(70_000) });
  const headers = { 'content-type': 'application/json' };
  const patch = await fetch(`${url}/v1/keywords/one`, { method: 'PATCH', headers, body });
  assert.equal(patch.status, 413);
});

test('a body that comes too slowly is given up, and its connection with it', async (t) => {
  const { url } = await startDaemon(t, { model: pack, input });
  t.mock.method(
    performance,
    'now',
    (
      (real) => () =>
        real() * 1000
    )(performance.now.bind(performance)),
  );
  const sender = request(`${url}/v1/detect`, {
    method: 'POST',
    headers: { 'content-type': 'audio/L16;rate=16000', 'transfer-encoding': 'chunked' },
  });
  sender.on('error', () => {});
  const trickle = setInterval(() => sender.write(Buffer.alloc(2)), 20);
  t.after(() => clearInterval(trickle));
  const [answer] = await once(sender, 'response');
  assert.equal(answer.statusCode, 408);
  assert.match(await text(answer), /WG_TOO_SLOW/);
});
