import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { before, type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { launchBrowser, NO_BROWSER } from '../support/browser.js';
import { startDaemon, wavFile } from '../support/daemon-fixture.js';
import { voice } from '../support/signals.js';
import { temporaryFolder } from '../support/temp-folder.js';
import { makeTinyPack } from '../support/tiny-pack.js';

const folder = temporaryFolder();
const model = join(folder, 'pack');
const input = wavFile(folder, 'long.wav', voice(16_000, 60));
const TOKEN = 'k3Jq+/x0rnf8sT6m9wLz=';
const tokenFile = join(folder, 'token');
const CLIENT = fileURLToPath(new URL('../../src/client/', import.meta.url));

before(async () => {
  writeFileSync(tokenFile, TOKEN, { mode: 0o600 });
  await makeTinyPack(model);
});

/** Someone's own page, with the client next to it. @returns its origin */
async function servePage(t: TestContext): Promise<string> {
  const server = createServer(({ url }, response) => {
    const name = url!.slice(1);
    if (!/^[a-z-]+\.js$/.test(name)) response.setHeader('content-type', 'text/html').end('<!doctype html>');
    else response.setHeader('content-type', 'text/javascript').end(readFileSync(join(CLIENT, name)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  return `http://localhost:${(server.address() as AddressInfo).port}`;
}

test('in a browser the client, on a page of an allowed origin, does what it does elsewhere', async (t) => {
  if (NO_BROWSER) return t.skip(NO_BROWSER);
  const origin = await servePage(t);
  const allowedOrigins = [origin];
  const daemon = await startDaemon(t, { model, input, tokenFile, allowedOrigins, gate: 'off' });
  const browser = await launchBrowser();
  t.after(() => browser.close());
  const page = await browser.newPage();
  await page.goto(origin);
  // As text, since it is the page that runs it.
  const outcome = (await page.evaluate(`(async () => {
    const { WakegateClient } = await import('/index.js');
    const client = new WakegateClient({ url: ${JSON.stringify(daemon.url)}, token: ${JSON.stringify(TOKEN)} });
    const told = [];
    const ending = new AbortController();
    const following = (async () => {
      for await (const { type, keyword } of client.events({ types: ['config'], signal: ending.signal })) {
        told.push(type === 'config' ? keyword.label : type);
        if (type === 'snapshot') client.changeKeyword('one', { label: 'Eins' });
        if (type === 'config') ending.abort();
      }
    })();
    await following;
    const wave = Int16Array.from({ length: 32000 }, (_, i) => 8000 * Math.sin(i / 5));
    const wav = await client.detect(new Blob([wave]), { type: 'audio/L16;rate=16000' });
    const heard = [];
    for await (const { type } of client.listen([wave])) heard.push(type);
    const stranger = new WakegateClient({ url: ${JSON.stringify(daemon.url)}, token: 'wrong-token-wrong' });
    const refusal = await stranger.status().catch(({ code, status }) => [code, status]);
    const socket = await stranger.listen([wave]).next().catch(({ code }) => code);
    return { told, seconds: wav.seconds, heard: heard[0], refusal, socket };
  })()`)) as object;
  assert.deepEqual(outcome, {
    told: ['snapshot', 'Eins'],
    seconds: 2,
    heard: 'gate',
    refusal: ['WG_UNAUTHORIZED', 401],
    socket: 'WG_SERVICE_UNREACHABLE',
  });
});
