import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { Webhook, type WebhookParts } from '../../../src/bridges/hooks/webhook.js';
import { detectionEvent } from '../../support/hook-events.js';
import { HookReceiver } from '../../support/hook-receiver.js';
import { temporaryFolder } from '../../support/temp-folder.js';

const folder = temporaryFolder();
const skip = spawnSync('openssl', ['version']).error ? 'there is no openssl here' : false;
const event = detectionEvent();

function webhook(url: string, parts: Partial<WebhookParts> = {}): Webhook {
  return new Webhook({
    url: new URL(url),
    timeoutMs: 60_000,
    retryMs: 600_000,
    secret: null,
    ca: null,
    firstPauseMs: 1,
    ...parts,
  });
}

const once_ = { retry: false, signal: new AbortController().signal };
const again = { ...once_, retry: true };

test('it posts the event as JSON', async (t) => {
  const receiver = await HookReceiver.start(t);
  await webhook(`${receiver.url}/api/webhook/abc?d=1`, { secret: Buffer.from('0123456789abcdef') }).deliver(
    event,
    again,
  );
  const [{ path, headers, body }] = receiver.received;
  assert.equal(path, '/api/webhook/abc?d=1');
  assert.deepEqual(JSON.parse(body), event);
  assert.equal(headers['content-type'], 'application/json');
  assert.match(headers['user-agent']!, /^wakegate\/\d/);
  assert.match(headers['webhook-signature'] as string, /^v1,[A-Za-z0-9+/]{43}=$/);
  assert.ok(Math.abs(Number(headers['webhook-timestamp']) - Date.now() / 1000) < 3600);
  assert.equal(receiver.received.length, 1);
});

test('what may pass is tried again, as the same delivery', async (t) => {
  const receiver = await HookReceiver.start(t, [
    { status: 503 },
    { status: 429, headers: { 'retry-after': '0' } },
    { status: 500 },
    { status: 200 },
  ]);
  await webhook(receiver.url).deliver(event, again);
  assert.equal(receiver.received.length, 4);
  assert.equal(new Set(receiver.received.map(({ headers }) => headers['webhook-id'])).size, 1);
});

test('what will not pass is not tried again, and shows no path, which may be secret', async (t) => {
  for (const [answer, problem] of [
    [{ status: 404 }, /^http:\/\/127.0.0.1:\d+ answers 404$/],
    [{ status: 401 }, /answers 401$/],
    [
      { status: 302, headers: { location: 'https://elsewhere.example/secret' } },
      /answers 302, a redirect to https:\/\/elsewhere.example, which is not followed$/,
    ],
  ] as const) {
    const receiver = await HookReceiver.start(t, [answer]);
    await assert.rejects(webhook(`${receiver.url}/secret`).deliver(event, again), (error: Error) => {
      assert.match(error.message, problem);
      assert.doesNotMatch(error.message, /secret/);
      return true;
    });
    assert.equal(receiver.received.length, 1);
  }
});

test('it gives up when its time is over, and at once where it is tried once', async (t) => {
  const receiver = await HookReceiver.start(t, [{ status: 503 }]);
  const now = () => 100 * receiver.received.length;
  await assert.rejects(webhook(receiver.url, { retryMs: 350, now }).deliver(event, again), /answers 503/);
  assert.equal(receiver.received.length, 4);
  await assert.rejects(webhook(receiver.url).deliver(event, once_), /answers 503/);
  assert.equal(receiver.received.length, 5);
  const waits = await HookReceiver.start(t, [{ status: 503, headers: { 'retry-after': '3600' } }]);
  await assert.rejects(webhook(waits.url).deliver(event, again), /answers 503/);
  assert.equal(waits.received.length, 1, 'an hour is longer than it may take');
});

test('no answer, and nobody there, are faults', async (t) => {
  const receiver = await HookReceiver.start(t, [null]);
  await assert.rejects(
    webhook(receiver.url, { timeoutMs: 50, retryMs: 0 }).deliver(event, again),
    /cannot be reached: no answer within 0.05 s/,
  );
  await assert.rejects(
    webhook('http://127.0.0.1:9').deliver(event, once_),
    /cannot be reached: .*ECONNREFUSED/,
  );
});

test('it is stopped in the middle of an attempt, and of a pause', async (t) => {
  const silent = await HookReceiver.start(t, [null]);
  const stopping = new AbortController();
  const delivered = webhook(silent.url).deliver(event, { retry: true, signal: stopping.signal });
  await silent.count(1);
  stopping.abort();
  await assert.rejects(delivered, /cannot be reached/);
  const failing = await HookReceiver.start(t, [{ status: 503 }]);
  const pausing = new AbortController();
  const paused = webhook(failing.url, { firstPauseMs: 300_000 }).deliver(event, {
    retry: true,
    signal: pausing.signal,
  });
  await failing.count(1);
  pausing.abort();
  await assert.rejects(paused, { code: 'WG_HOOK_FAILED' });
  assert.equal(failing.received.length, 1);
});

test('over TLS the certificate is checked, against one of your own where you name it', {
  skip,
}, async (t) => {
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  const made = spawnSync('openssl', [
    ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '1'],
    ...['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1', '-keyout', key, '-out', cert],
  ]);
  assert.equal(made.status, 0, String(made.stderr));
  const bodies: string[] = [];
  const options = { key: readFileSync(key), cert: readFileSync(cert) };
  const server = createServer(options, async (request, response) => {
    bodies.push(await text(request));
    response.end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  await assert.rejects(webhook(url).deliver(event, once_), /self-signed certificate/);
  const known = await Webhook.open({ url, caFile: cert });
  await known.deliver(event, once_);
  assert.deepEqual(
    bodies.map((body) => JSON.parse(body)),
    [event],
  );
  await assert.rejects(Webhook.open({ url, caFile: join(folder, 'none') }), /none cannot be read/);
});
