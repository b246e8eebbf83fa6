import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { before, test } from 'node:test';
import type { Message } from '../../src/client/index.js';
import { launchBrowser, NO_BROWSER } from '../support/browser.js';
import { Subscriber, startDaemon, wavFile } from '../support/daemon-fixture.js';
import { ExampleProcess } from '../support/example-process.js';
import { voice } from '../support/signals.js';
import { temporaryFolder } from '../support/temp-folder.js';
import { makeTinyPack } from '../support/tiny-pack.js';

type DetectionEvent = Extract<Message, { type: 'detection' }>;

const folder = temporaryFolder();
const model = join(folder, 'pack');
const input = wavFile(folder, 'long.wav', voice(16_000, 60));
const TOKEN = 'k3Jq+/x0rnf8sT6m9wLz=';
const tokenFile = join(folder, 'token');

before(async () => {
  writeFileSync(tokenFile, TOKEN, { mode: 0o600 });
  await makeTinyPack(model);
});

test('examples/webhook.js posts each detection, and tries again where it is not taken', async (t) => {
  const posted: DetectionEvent[] = [];
  let taken: (() => void) | undefined;
  const two = new Promise<void>((resolve) => {
    taken = resolve;
  });
  let answers = 0;
  const receiver = createServer(async (request, response) => {
    const event = (await json(request)) as DetectionEvent;
    // The first is refused as by a server that is starting.
    if (answers++ === 0) return response.writeHead(503).end();
    posted.push(event);
    response.end();
    if (posted.length === 2) taken!();
  });
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
  t.after(() => receiver.close());
  t.after(() => receiver.closeAllConnections());
  const hook = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/api/webhook/wakegate`;

  const daemon = await startDaemon(t, { model, input, gate: 'off' });
  const subscriber = new Subscriber(t, daemon.url!, '?since=0');
  const example = new ExampleProcess(t, 'webhook.js', [daemon.url!, hook]);
  await Promise.race([two, example.finished.then(({ stderr }) => assert.fail(`it ended: ${stderr}`))]);
  for (const event of posted) {
    const { sequence } = event;
    assert.deepEqual(
      event,
      await subscriber.message('detection', (message) => message.sequence === sequence),
    );
  }
  assert.notEqual(posted[0].sequence, posted[1].sequence);
  example.child.kill();
  assert.match((await example.finished).stderr, /answers 503/);
});

test('examples/browser follows a daemon in a real browser, and says why where it may not', async (t) => {
  if (NO_BROWSER) return t.skip(NO_BROWSER);
  const [page] = await new ExampleProcess(t, 'browser/serve.js', ['0']).match(/http:\S+/);
  const daemon = await startDaemon(t, { model, input, gate: 'off', tokenFile, allowedOrigins: [page] });
  const browser = await launchBrowser();
  t.after(() => browser.close());

  const tab = await browser.newPage();
  const faults: string[] = [];
  tab.on('pageerror', ({ message }) => faults.push(message));
  await tab.goto(`${page}/?daemon=${daemon.url}#token=${encodeURIComponent(TOKEN)}`);
  await tab.getByText('long.wav: listening').waitFor();
  await tab.locator('#heard li b', { hasText: 'one' }).first().waitFor();
  await tab.locator('#level[value]:not([value="-90"])').waitFor();
  await tab.getByRole('button', { name: 'Mute', exact: true }).click();
  await tab.getByText('long.wav: muted').waitFor();
  await tab.getByRole('button', { name: 'Unmute' }).click();
  await tab.getByText(/long.wav: (restored|listening)/).waitFor();
  assert.deepEqual(faults, []);

  const stranger = await browser.newPage();
  await stranger.goto(`${page}/?daemon=${daemon.url}#token=wrong-token-wrong`);
  await stranger.locator('#state.error', { hasText: 'token' }).waitFor();
});
