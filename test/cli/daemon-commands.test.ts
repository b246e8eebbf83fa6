import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer, request as requestTo } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { join } from 'node:path';
import { before, type TestContext, test } from 'node:test';
import { startDaemon, wavFile } from '../support/daemon-fixture.js';
import { freePort } from '../support/free-port.js';
import { voice } from '../support/signals.js';
import { temporaryFolder } from '../support/temp-folder.js';
import { makeTinyPack } from '../support/tiny-pack.js';
import { WakegateProcess, wakegate } from '../support/wakegate-process.js';

const folder = temporaryFolder();
const model = join(folder, 'pack');
const input = wavFile(folder, 'long.wav', voice(16_000, 60));
const tokenFile = join(folder, 'token');

before(async () => {
  writeFileSync(tokenFile, 'k3Jq+/x0rnf8sT6m9wLz=', { mode: 0o600 });
  await makeTinyPack(model);
});

async function start(t: TestContext) {
  const daemon = await startDaemon(t, { model, input, tokenFile });
  const url = daemon.url!;
  const run = (...args: string[]) => wakegate(t, [...args, '--url', url, '--token-file', tokenFile]);
  return { daemon, url, run };
}

test('status says how the daemon is, for people or as JSON', async (t) => {
  const { daemon, run } = await start(t);
  const [text, json] = await Promise.all([run('status'), run('status', '--json')]);
  assert.deepEqual([text.code, text.stderr], [0, '']);
  assert.match(text.stdout, /^model +tiny$/m);
  assert.match(text.stdout, /^keyword +one: threshold 0\.50$/m);
  assert.match(text.stdout, /^wakegate \S+, running for \d+ s$/m);
  assert.equal(JSON.parse(json.stdout).version, daemon.status().version);
});

test('status shows what is wrong, and how the bridges fare', async (t) => {
  const taken = createServer().listen(0, '127.0.0.1');
  t.after(() => taken.close());
  await once(taken, 'listening');
  const { port: wyomingPort } = taken.address() as AddressInfo;
  const mqttUrl = `mqtt://127.0.0.1:${await freePort()}`;
  const daemon = await startDaemon(t, { model, input, mqttUrl, wyoming: 'on', wyomingPort });
  while (daemon.status().problems.length < 2) await once(daemon.events, 'event');
  const { stdout } = await wakegate(t, ['status', '--url', daemon.url!]);
  assert.match(stdout, /^mqtt +not connected; sent 0, waiting \d+, dropped 0$/m);
  assert.match(stdout, /^wyoming +0 connections; detections sent 0, dropped 0$/m);
  assert.match(stdout, /^problem +mqtt: the MQTT broker at mqtt:\/\/127\.0\.0\.1:\d+ does not answer/m);
  assert.match(stdout, /^problem +wyoming: port \d+ of 127\.0\.0\.1 is taken/m);
  const metrics = await (await fetch(`${daemon.url}/metrics`)).text();
  assert.match(metrics, /^wakegate_mqtt_connected 0$/m);
  assert.match(metrics, /^wakegate_mqtt_messages_total\{result="dropped"\} 0$/m);
  assert.match(metrics, /^wakegate_wyoming_detections_total\{result="dropped"\} 0$/m);
});

test('mute and unmute are done when they return', async (t) => {
  const { daemon, run } = await start(t);
  assert.equal((await run('mute')).stdout, 'Muted.\n');
  assert.equal(daemon.status().input.state, 'muted');
  assert.match((await run('mute', '--seconds', '1000')).stdout, /^Muted until \d{4}-.*Z\.\n$/);
  assert.equal((await run('unmute')).stdout, 'Listening.\n');
  assert.notEqual(daemon.status().input.state, 'muted');
  assert.equal((await run('mute', '--seconds', '-1')).code, 2);
});

test('events are printed as they come, from a number on, until there are so many', async (t) => {
  const { daemon, url } = await start(t);
  const { sequence } = daemon.events;
  for (const reason of ['a', 'b', 'c']) {
    daemon.events.publish({ type: 'classifier', state: 'asleep', previous: 'awake', reason });
  }
  const args = ['events', '--types', 'classifier', '--since', String(sequence), '--count', '3'];
  const process = new WakegateProcess(t, [...args, '--url', url, '--token-file', tokenFile]);
  const { code, stdout } = await process.finished;
  const reasons = stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line).reason);
  assert.deepEqual([code, reasons], [0, ['a', 'b', 'c']]);
});

test('what the daemon refuses is printed as a sentence, with what to do', async (t) => {
  const { url, run } = await start(t);
  const stranger = await wakegate(t, ['status', '--url', url]);
  assert.equal(stranger.code, 2);
  assert.match(stranger.stderr, /^wakegate: \[WG_UNAUTHORIZED\] .*--token-file/);
  const wrongType = await run('events', '--types', 'detections');
  assert.match(wrongType.stderr, /\[WG_REQUEST_INVALID\] there are no events of type "detections"/);
  const missing = await wakegate(t, ['status', '--url', url, '--token-file', join(folder, 'missing')]);
  assert.match(missing.stderr, /\[WG_TOKEN_UNUSABLE\]/);
  const nobody = await wakegate(t, ['events', '--url', 'http://127.0.0.1:1']);
  assert.match(nobody.stderr, /\[WG_SERVICE_UNREACHABLE\] no daemon answers at .*wakegate run.*--url/);
});

test('the daemon is found by a flag, by the environment, or by its settings', async (t) => {
  const { url, run } = await start(t);
  const { port, host } = new URL(url);
  const elsewhere = 'http://127.0.0.1:1';
  const settings = join(folder, 'settings.json');
  writeFileSync(settings, JSON.stringify({ port: Number(port), tokenFile }));
  const ended = await Promise.all([
    wakegate(t, ['status', '--token-file', tokenFile], { env: { WAKEGATE_URL: `http://${host}` } }),
    wakegate(t, ['status', '--config', settings]),
    wakegate(t, ['status', '--token-file', tokenFile], { env: { WAKEGATE_PORT: port } }),
    // A flag wins over the environment; --port is from before --url.
    wakegate(t, ['status', '--url', url, '--token-file', tokenFile], { env: { WAKEGATE_URL: elsewhere } }),
    wakegate(t, ['status', '--port', port, '--token-file', tokenFile], { env: { WAKEGATE_URL: elsewhere } }),
  ]);
  for (const { code, stderr } of ended) assert.deepEqual([code, stderr], [0, '']);
  assert.match((await run('status', '--port', port)).stderr, /\[WG_USAGE\] .*not both/);
});

test('an address that cannot be one is wrong usage, and says how it should look', async (t) => {
  const wrong = [
    ['kitchen:8765', /http:\/\//],
    ['ftp://kitchen', /http:\/\//],
    ['http://kitchen:port', /not a valid URL/],
    ['http://me:secret@kitchen', /--token-file/],
    ['http://kitchen/?a=b', /"\?"/],
  ] as const;
  await Promise.all(
    wrong.map(async ([url, says]) => {
      const { code, stderr } = await wakegate(t, ['status', '--url', url]);
      assert.equal(code, 2);
      assert.match(stderr, /^wakegate: \[WG_USAGE\] --url "/);
      assert.match(stderr, says);
    }),
  );
  const { stderr } = await wakegate(t, ['status'], { env: { WAKEGATE_URL: 'kitchen' } });
  assert.match(stderr, /\[WG_USAGE\] WAKEGATE_URL "kitchen" must start with http/);
});

test('a daemon behind a path of a proxy is reached, over HTTP and WebSocket', async (t) => {
  const { url } = await start(t);
  const target = new URL(url);
  // Everything below /home/wakegate goes to the daemon, without that prefix; everything else is a page.
  const proxy = createServer((request, response) => {
    const [, path] = request.url!.match(/^\/home\/wakegate(\/.*)$/) ?? [];
    if (path === undefined) return response.end('<!doctype html><title>Home</title>');
    const { method, headers } = request;
    const onward = requestTo(
      { host: target.hostname, port: target.port, path, method, headers },
      (answer) => {
        response.writeHead(answer.statusCode!, answer.headers);
        answer.pipe(response);
      },
    );
    return request.pipe(onward);
  });
  proxy.on('upgrade', (request, socket) => {
    const onward = connect(Number(target.port), target.hostname, () => {
      const headers = Object.entries(request.headers).map(([name, value]) => `${name}: ${value}`);
      const path = request.url!.replace(/^\/home\/wakegate/, '');
      onward.write(`GET ${path} HTTP/1.1\r\n${headers.join('\r\n')}\r\n\r\n`);
      socket.pipe(onward).pipe(socket);
    });
    for (const end of [socket, onward]) end.on('error', () => {});
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    proxy.closeAllConnections();
    proxy.close();
  });
  const { port } = proxy.address() as { port: number };
  const at = `http://127.0.0.1:${port}/home/wakegate`;
  const clip = wavFile(folder, 'clip.wav', voice(16_000, 1.5));
  const token = ['--token-file', tokenFile];
  const [status, slash, listened, page] = await Promise.all([
    wakegate(t, ['status', '--url', at, ...token]),
    wakegate(t, ['status', '--url', `${at}/`, ...token]),
    wakegate(t, ['listen', clip, '--url', at, ...token]),
    wakegate(t, ['status', '--url', `http://127.0.0.1:${port}`, ...token]),
  ]);
  for (const { code, stderr } of [status, slash, listened]) assert.deepEqual([code, stderr], [0, '']);
  assert.match(status.stdout, /^model +tiny$/m);
  assert.match(listened.stdout, /"type":"gate"/);
  assert.match(
    page.stderr,
    /\[WG_SERVICE_UNREACHABLE\] .*\/v1\/status answers 200, but not as wakegate does/,
  );
});
