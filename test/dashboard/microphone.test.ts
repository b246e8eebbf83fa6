import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { readAudioFile } from '../../src/audio/index.js';
import type { Daemon } from '../../src/daemon/daemon.js';
import { launchBrowser, NO_BROWSER, openPage, until } from '../support/browser.js';
import { makeDaemon, wavFile } from '../support/daemon-fixture.js';
import { spokenWords } from '../support/spoken-words.js';
import { temporaryFolder } from '../support/temp-folder.js';

const folder = temporaryFolder();

describe("the browser's microphone", { skip: NO_BROWSER }, () => {
  let daemon: Daemon;
  let end: () => Promise<void>;
  let browser: Browser;
  let page: Page;

  before(async () => {
    // What the browser is made to hear, over and over: one word.
    const { samples, words } = await spokenWords(1);
    assert.deepEqual(words, ['alexa']);
    const said = wavFile(folder, 'said.wav', samples);
    ({ daemon, end } = await makeDaemon({ input: wavFile(folder, 'nothing.wav', new Int16Array(16_000)) }));
    browser = await launchBrowser([
      '--use-fake-ui-for-media-stream',
      '--use-fake-device-for-media-stream',
      `--use-file-for-fake-audio-capture=${said}`,
    ]);
    ({ page } = await openPage(browser));
  });
  after(async () => {
    await browser?.close();
    await end?.();
  });

  test('what is said into it is heard by the daemon, in the tester', async () => {
    await page.goto(`${daemon.url}/#/tester`);
    await page.getByRole('button', { name: 'Speak' }).click();
    await page.getByRole('button', { name: 'Stop and listen' }).waitFor();
    // Some seconds, so that the word is in it whole.
    await page.waitForTimeout(5000);
    await page.getByRole('button', { name: 'Stop and listen' }).click();
    const ways = page.locator('.heard-as');
    await ways.first().locator('.chip', { hasText: 'alexa' }).first().waitFor();
    // What was said is compared as a file is: with other thresholds, and with another pack.
    await page.getByLabel('Compare with').selectOption('threshold');
    await page.getByRole('slider', { name: /^all thresholds at/ }).press('Home');
    await ways.nth(1).locator('h3', { hasText: 'all thresholds at 0.01' }).waitFor();
    await ways.nth(1).locator('.chip', { hasText: 'alexa' }).first().waitFor();
    await page.getByLabel('Compare with').selectOption({ label: 'the pack speech-commands' });
    await ways.nth(1).locator('h3', { hasText: 'speech-commands' }).waitFor();
    await until(
      page,
      "!/alexa/.test(document.querySelectorAll('.heard-as')[1].querySelector('[role=status]')?.textContent ?? 'alexa')",
    );
  });

  test('a keyword is recorded after a countdown, heard again, and sent with what was said', async () => {
    await page.goto(`${daemon.url}/#/keywords`);
    // To make one takes minutes: here it is enough what is sent for it.
    let sent = '';
    await page.route('**/v1/keywords', async (route) => {
      if (route.request().method() !== 'POST') return route.continue();
      sent = route.request().postData() ?? '';
      const job = {
        name: 'hey_kitchen',
        phrase: 'hey kitchen',
        state: 'queued',
        stage: null,
        done: 0,
        of: 1,
      };
      await route.fulfill({ status: 202, json: { ...job, problem: null, advice: [] } });
    });
    await page.getByRole('button', { name: 'Add a keyword' }).click();
    await page.getByLabel('Word or phrase').fill('hey kitchen');
    for (const take of [1, 2]) {
      await page.getByRole('button', { name: take === 1 ? 'Record' : 'Record another' }).click();
      await page.getByText('Get ready to say').waitFor();
      await page.getByRole('button', { name: `Play take ${take}` }).waitFor();
    }
    await page.getByRole('button', { name: 'Play take 1' }).click();
    await page.getByRole('button', { name: 'Remove take 2' }).click();
    await page.getByRole('button', { name: 'Make it with 1 recording' }).click();
    await page.getByRole('heading', { name: 'Add a keyword' }).waitFor({ state: 'detached' });
    const { phrase, takes } = JSON.parse(sent) as { phrase: string; takes: string[] };
    assert.equal(phrase, 'hey kitchen');
    assert.equal(takes.length, 1);
    const file = join(folder, 'take.wav');
    writeFileSync(file, Buffer.from(takes[0], 'base64'));
    const samples = await readAudioFile(file);
    assert.ok(Math.abs(samples.length / 16_000 - 2.5) < 0.2, `${samples.length / 16_000} s`);
    const loudest = samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);
    assert.ok(loudest > 1000, `${loudest}`);
  });
});
