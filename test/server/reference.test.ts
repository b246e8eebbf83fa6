import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { launchBrowser, NO_BROWSER } from '../support/browser.js';
import { startDaemon, wavFile } from '../support/daemon-fixture.js';
import { serveBelow } from '../support/serve-below.js';
import { temporaryFolder } from '../support/temp-folder.js';
import { makeTinyPack } from '../support/tiny-pack.js';

const folder = temporaryFolder();
const model = join(folder, 'pack');
const input = wavFile(folder, 'quiet.wav', new Int16Array(16_000 * 60));
const TOKEN = 'k3Jq+/x0rnf8sT6m9wLz=';
const tokenFile = join(folder, 'token');

before(async () => {
  writeFileSync(tokenFile, TOKEN, { mode: 0o600 });
  await makeTinyPack(model);
});

test('the API can be tried out in a browser: with the token, below a path, and with nothing from elsewhere', {
  timeout: 120_000,
}, async (t) => {
  if (NO_BROWSER) return t.skip(NO_BROWSER);
  const daemon = await startDaemon(t, { model, input, tokenFile });
  const base = await serveBelow(t, '/house/wakegate/', daemon.url!);
  const browser = await launchBrowser();
  t.after(() => browser.close());
  const page = await browser.newPage();
  page.setDefaultTimeout(60_000);
  const addresses: string[] = [];
  const complaints: string[] = [];
  page.on('request', (request) => addresses.push(request.url()));
  page.on('console', (message) => {
    if (/Content Security Policy|Refused to/.test(message.text())) complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  await page.goto(`${base}docs`);

  // Every route is there.
  await page.locator('.opblock').first().waitFor();
  const { paths } = (await (await fetch(`${base}openapi.json`)).json()) as { paths: Record<string, object> };
  const count = Object.values(paths).reduce((sum, methods) => sum + Object.keys(methods).length, 0);
  assert.equal(await page.locator('.opblock').count(), count);

  // Without the token it is refused, and with it answered.
  const status = page.locator('.opblock', { has: page.locator('[data-path="/v1/status"]') });
  await status.locator('.opblock-summary-control').click();
  await status.getByRole('button', { name: 'Try it out' }).click();
  await status.getByRole('button', { name: 'Execute' }).click();
  await status.locator('.live-responses-table .response-col_status', { hasText: '401' }).first().waitFor();
  await page.locator('.auth-wrapper .authorize').first().click();
  const dialog = page.locator('.dialog-ux');
  await dialog.locator('input').first().fill(TOKEN);
  await dialog.locator('button[type=submit]').first().click();
  await dialog.locator('button.btn-done').first().click();
  await status.getByRole('button', { name: 'Execute' }).click();
  await status.locator('.live-responses-table .response-col_status', { hasText: '200' }).first().waitFor();
  assert.match((await status.locator('.live-responses-table').textContent())!, /uptimeSeconds/);

  assert.deepEqual(complaints, []);
  for (const address of addresses)
    assert.ok(/^(?:data|blob):/.test(address) || address.startsWith(base), address);
});
