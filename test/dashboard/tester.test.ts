import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, beforeEach, describe, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { type DetectReport, WakegateClient } from '../../src/client/index.js';
import type { Daemon } from '../../src/daemon/daemon.js';
import {
  accessFaults,
  becomes,
  launchBrowser,
  NO_BROWSER,
  openPage,
  showAnew,
  until,
} from '../support/browser.js';
import { makeDaemon, wavFile } from '../support/daemon-fixture.js';
import { DEMO } from '../support/spoken-words.js';
import { temporaryFolder } from '../support/temp-folder.js';

const folder = temporaryFolder();

describe('the tester of the page', { skip: NO_BROWSER }, () => {
  let daemon: Daemon;
  let end: () => Promise<void>;
  let browser: Browser;
  let page: Page;
  let client: WakegateClient;
  let faults: string[];

  before(async () => {
    const input = wavFile(folder, 'silence.wav', new Int16Array(16_000));
    ({ daemon, end } = await makeDaemon({ input }));
    client = new WakegateClient({ url: daemon.url! });
    await client.mute();
    browser = await launchBrowser();
    ({ page, faults } = await openPage(browser));
  });
  beforeEach(() => showAnew(page, daemon.url!, 'tester'));
  after(async () => {
    await browser?.close();
    await end?.();
  });

  const ways = () => page.locator('.heard-as');
  const hear = async (file: Parameters<ReturnType<Page['locator']>['setInputFiles']>[0]) =>
    page.getByLabel('Choose a file').first().setInputFiles(file);
  /** Waits until the five words of the sample are shown. */
  const isHeard = async () => {
    await ways().first().locator('.chip').nth(4).waitFor();
    assert.match((await ways().first().locator('.chip').first().textContent())!, /alexa at 1\.\d\d s/);
  };
  /** Waits until the second way shows what the daemon says, and nothing else. */
  const showsSecond = async (title: RegExp, { detections }: DetectReport) => {
    const second = ways().nth(1);
    await second.locator('h3', { hasText: title }).waitFor();
    const wanted = detections.map(({ time }) => `at ${time.toFixed(2)} s`);
    await until(
      page,
      `JSON.stringify([...(document.querySelectorAll('.heard-as')[1]?.querySelectorAll('.chip') ?? [])].map(
        ({ textContent }) => /at [\\d.]+ s/.exec(textContent)[0])) === ${JSON.stringify(JSON.stringify(wanted))}`,
    );
  };

  test('a file is heard as the daemon hears, with its gate and its scores', async () => {
    await hear(DEMO);
    await isHeard();
    assert.match((await ways().textContent())!, /opens at/);
  });

  test('a file that is dropped is heard, and what is no file changes nothing', async () => {
    const region = page.getByRole('region', { name: 'What is to be heard' });
    const browserOfPage = await page.context().newCDPSession(page);
    const { x, y } = (await region.boundingBox())!;
    // As a hand does it: only what takes a thing while it is over it is given it.
    const drag = async (types: readonly string[], data: { items: object[]; files?: string[] }) => {
      for (const type of types)
        await browserOfPage.send('Input.dispatchDragEvent', {
          ...{ type: type as 'drop', x: x + 40, y: y + 40 },
          data: { ...data, items: data.items as never[], dragOperationsMask: 1 },
        });
    };
    const isOver = () => region.evaluate(({ className }) => className.includes('is-over'));
    const letter = { items: [{ mimeType: 'text/plain', data: 'Dear wakegate' }] };
    await drag(['dragEnter', 'dragOver', 'drop'], letter);
    await becomes(async () => !(await isOver()));
    assert.equal(await page.locator('.tester-result').count(), 0);
    const file = { items: [], files: [DEMO] };
    await drag(['dragEnter', 'dragOver'], file);
    await becomes(isOver);
    await drag(['drop'], file);
    await becomes(async () => !(await isOver()));
    await page.getByRole('heading', { name: 'demo.wav' }).waitFor();
    await isHeard();
    assert.equal(page.url(), `${daemon.url}/#/tester`, 'the browser itself has not opened the file');
  });

  test('next to it stands what other thresholds would have made of it', async () => {
    await hear(DEMO);
    await isHeard();
    await page.getByLabel('Compare with').selectOption('threshold');
    const file = new Blob([await readFile(DEMO)], { type: 'audio/wav' });
    const slider = page.getByRole('slider', { name: /^all thresholds at/ });
    for (const key of ['Home', 'End']) {
      await slider.press(key);
      const threshold = Number(await slider.getAttribute('aria-valuetext'));
      const thresholds = Object.fromEntries(daemon.keywords().map(({ name }) => [name, threshold]));
      const report = await client.detect(file, { thresholds });
      await showsSecond(new RegExp(`at ${threshold}$`), report);
    }
    assert.equal(await ways().first().locator('.chip').count(), 5, 'the first is as it was');
  });

  test('and what another pack hears in it', async (t) => {
    const file = new Blob([await readFile(DEMO)], { type: 'audio/wav' });
    // Before the page asks, as a daemon that is busy with another pack says so.
    const report = await client.detect(file, { model: 'speech-commands' });
    await hear(DEMO);
    await isHeard();
    await page.getByLabel('Compare with').selectOption({ label: 'the pack speech-commands' });
    await showsSecond(/speech-commands/, report);
    assert.equal(daemon.status().model.name, 'wake-words-en');
    assert.deepEqual(await accessFaults(page), []);
    t.after(() => page.setViewportSize({ width: 1280, height: 720 }));
    await page.setViewportSize({ width: 390, height: 844 });
    assert.deepEqual(await accessFaults(page), [], 'on a phone');
    assert.ok(Number(await page.evaluate('document.documentElement.scrollWidth')) <= 390);
  });

  test('a file that is no sound is answered with a sentence', async () => {
    await hear({ name: 'letter.wav', mimeType: 'audio/wav', buffer: Buffer.from('Dear wakegate, ...') });
    await page.locator('.tester-result [role="alert"]').first().waitFor();
    assert.deepEqual(faults, []);
  });
});
