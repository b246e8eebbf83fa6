import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';
import { after, before, describe, type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Browser } from 'playwright-core';
import { accessFaults, launchBrowser, NO_BROWSER, openPage, until } from '../support/browser.js';
import { makeDaemon, startDaemon, wavFile } from '../support/daemon-fixture.js';
import { freePort } from '../support/free-port.js';
import { serveBelow } from '../support/serve-below.js';
import { voice } from '../support/signals.js';
import { temporaryFolder } from '../support/temp-folder.js';
import { makeTinyPack } from '../support/tiny-pack.js';

const folder = temporaryFolder();
const model = join(folder, 'pack');
const input = wavFile(folder, 'long.wav', voice(16_000, 120));
const TOKEN = 'k3Jq+/x0rnf8sT6m9wLz=';
const tokenFile = join(folder, 'token');
const PAGE = fileURLToPath(new URL('../../src/dashboard/', import.meta.url));

/** Some other web server, with the page's files. @returns its address */
async function serveFiles(t: TestContext): Promise<string> {
  const types: Record<string, string> = {
    '.html': 'text/html',
    '.js': 'text/javascript',
    '.css': 'text/css',
  };
  const server = createServer(({ url }, answer) => {
    const path = url === '/' ? '/index.html' : url!;
    if (!/^\/(index\.html|assets\/[\w-]+\.(js|css))$/.test(path))
      return answer.writeHead(404).end('nothing here');
    answer.setHeader('content-type', types[extname(path)]).end(readFileSync(join(PAGE, path)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close().closeAllConnections());
  return `http://localhost:${(server.address() as AddressInfo).port}`;
}

describe('the way to the page', { skip: NO_BROWSER }, () => {
  let browser: Browser;

  before(async () => {
    writeFileSync(tokenFile, TOKEN, { mode: 0o600 });
    await makeTinyPack(model);
    browser = await launchBrowser();
  });
  after(() => browser?.close());

  test('where there is a token it is asked for, checked, and remembered by the tab alone', async (t) => {
    const daemon = await startDaemon(t, { model, input, tokenFile });
    const context = await browser.newContext();
    const { page } = await openPage(context);
    await page.goto(daemon.url!);
    await page.getByRole('heading', { name: 'This daemon asks for its token' }).waitFor();
    assert.deepEqual(await accessFaults(page), []);
    await page.getByLabel('Token').fill('not-this-one-at-all');
    await page.keyboard.press('Enter');
    await page.getByRole('alert').waitFor();
    await page.getByLabel('Token').fill(TOKEN);
    await page.keyboard.press('Enter');
    await page.locator('.stages').waitFor();
    await page.reload();
    await page.locator('.stages').waitFor();
    const stored = await page.evaluate('JSON.stringify([localStorage, document.cookie, location.href])');
    assert.ok(!String(stored).includes(TOKEN));

    await page.goto(`${daemon.url}/#/setup`);
    await page.getByRole('link', { name: 'API reference' }).click();
    await page.locator('#reference .opblock').first().waitFor();
    await page.goto(`${daemon.url}/#/setup`);
    await page.getByRole('button', { name: 'Forget the token' }).click();
    await page.getByLabel('Token').waitFor();
    const other = await context.newPage();
    await other.goto(daemon.url!);
    await other.getByLabel('Token').waitFor();
    await context.close();
  });

  test('below the path of a proxy it finds its files, its daemon and its views', async (t) => {
    const daemon = await startDaemon(t, { model, input });
    const url = await serveBelow(t, '/apps/wakegate/', daemon.url!);
    const { page, faults } = await openPage(browser);
    await page.goto(url);
    await page.locator('.stage-state', { hasText: 'Listening' }).waitFor();
    await until(page, "document.querySelector('.strip-value')?.textContent.endsWith(' dB')");
    await page.getByRole('link', { name: 'Setup' }).click();
    await page.getByRole('heading', { name: 'About this daemon' }).waitFor();
    assert.equal(page.url(), `${url}#/setup`);
    assert.deepEqual(faults, []);
    await page.close();
  });

  test('a daemon that is restarted is lost for a moment, and then shown as it is now', async (t) => {
    const port = await freePort();
    const stateDirectory = join(folder, 'state');
    mkdirSync(stateDirectory);
    const first = await makeDaemon({ model, input, port, stateDirectory });
    const { page, faults } = await openPage(browser);
    await page.goto(first.daemon.url!);
    await page.locator('.stages').waitFor();
    await first.daemon.changeKeyword('one', { label: 'Before' });
    await page.locator('.strip-name', { hasText: 'Before' }).waitFor();
    await first.end();
    await page.locator('.banner.lost').waitFor();
    assert.ok(await page.locator('.strip-name', { hasText: 'Before' }).isVisible(), 'what was known stays');
    const second = await startDaemon(t, { model, input, port, stateDirectory });
    await page.locator('.banner.lost').waitFor({ state: 'detached' });
    await second.changeKeyword('one', { label: 'After' });
    await page.locator('.strip-name', { hasText: 'After' }).waitFor();
    assert.deepEqual(faults, []);
    await page.close();
  });

  test('its files work on any web server, for a daemon that allows them', async (t) => {
    const origin = await serveFiles(t);
    const daemon = await startDaemon(t, { model, input, tokenFile, allowedOrigins: [origin] });
    const { page } = await openPage(browser);
    await page.goto(origin);
    await page.getByRole('heading', { name: 'No answer' }).waitFor();
    assert.deepEqual(await accessFaults(page), []);
    await page.getByText('Look at a daemon elsewhere').click();
    await page.getByLabel('Address of the daemon').fill(daemon.url!);
    await page.getByRole('button', { name: 'Connect' }).click();
    await page.getByLabel('Token').fill(TOKEN);
    await page.keyboard.press('Enter');
    await page.locator('.stage-state', { hasText: 'Listening' }).waitFor();
    await page.close();
  });
});
