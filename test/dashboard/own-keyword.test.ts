import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { withTurn } from '../../src/training/own/turn.js';
import { accessFaults, becomes, launchBrowser, NO_BROWSER, openPage } from '../support/browser.js';
import { makeDaemon, startDaemon, wavFile } from '../support/daemon-fixture.js';
import { freePort } from '../support/free-port.js';
import { noise, packWithBank } from '../support/small-bank.js';
import { speech } from '../support/speech.js';
import { temporaryFolder } from '../support/temp-folder.js';

const folder = temporaryFolder();
const model = join(folder, 'pack');
const noVoices =
  ['espeak-ng', 'flite'].some((program) => spawnSync(program, ['--version']).error) &&
  'there are no voices here: apt-get install espeak-ng flite';

describe('a keyword of your own', { skip: NO_BROWSER || noVoices }, () => {
  let browser: Browser;
  let input: string;

  before(async () => {
    process.env.WAKEGATE_VOICES = join(folder, 'no-voices');
    const text = 'the weather will be fine in the morning, with some rain later in the north and west';
    const sentence = { samples: await speech(text), text };
    await packWithBank(model, [...Array(3).fill(sentence), { samples: noise(10), text: null }], 'levels');
    const said = await speech('hey kitchen');
    const turn = new Int16Array(48_000);
    turn.set(said.subarray(0, 40_000), 4000);
    const samples = Int16Array.from({ length: 200 * turn.length }, (_, i) => turn[i % turn.length]);
    input = wavFile(folder, 'said.wav', samples);
    browser = await launchBrowser();
  });
  after(() => browser?.close());

  /** Every text of the job that is shown, once. */
  const follow = (page: Page) =>
    page.evaluate(`
      globalThis.stages = [];
      new MutationObserver(() => {
        const text = document.querySelector('.job [role=status]')?.textContent;
        if (text && !stages.includes(text)) stages.push(text);
      }).observe(document.body, { childList: true, subtree: true, characterData: true })`);

  test('is typed, made, heard and removed on the page, though the daemon is restarted meanwhile', async (t) => {
    const stateDirectory = join(folder, 'state');
    mkdirSync(stateDirectory);
    const settings = { model, input, stateDirectory, port: await freePort() };
    const first = await makeDaemon(settings);
    const { page, faults } = await openPage(browser);
    const job = page.locator('.job');
    await page.goto(`${first.daemon.url}/#/keywords`);
    // Nothing is made before its turn: as where the command line makes another keyword.
    const second = await withTurn(join(stateDirectory, 'cache'), assert.fail, async () => {
      await page.getByRole('button', { name: 'Add a keyword' }).click();
      await page.getByLabel('Word or phrase').fill('Hey kitchen');
      await page.getByRole('button', { name: 'Make it from the text alone' }).click();
      await job.getByRole('heading', { name: 'Hey kitchen' }).waitFor();
      await job.getByText('It waits for its turn.').waitFor();
      await first.end();
      await page.locator('.banner.lost').waitFor();
      // The daemon's own sizes take minutes, and a bank of a minute promises nothing.
      const file = join(stateDirectory, 'keyword-jobs/hey_kitchen/job.json');
      const sizes = { clips: { kokoro: 4, programs: 6, heldOut: 4, near: 4 }, steps: 150, anyway: true };
      writeFileSync(file, JSON.stringify({ ...JSON.parse(readFileSync(file, 'utf8')), ...sizes }));
      const daemon = await startDaemon(t, settings);
      await page.locator('.banner.lost').waitFor({ state: 'detached' });
      await job.getByText('It waits for its turn.').waitFor();
      assert.deepEqual(await accessFaults(page), []);
      await follow(page);
      return daemon;
    });
    await job.getByText('It is listened for now.').waitFor();
    const stages = (await page.evaluate('stages')) as string[];
    for (const stage of ['Voices say it …', 'Listening to all of it …', 'Learning …'])
      assert.ok(stages.includes(stage), `${stage} is not in ${stages.join(' ')}`);
    assert.match(stages.at(-1)!, /^It is listened for now/);
    await job.locator('li', { hasText: 'Kokoro is not there' }).waitFor();
    await job.getByRole('button', { name: 'Close' }).click();
    await job.waitFor({ state: 'detached' });

    const row = page.locator('.keyword', { hasText: 'hey kitchen' });
    await row.locator('.badge', { hasText: 'yours' }).waitFor();
    await row
      .getByText(/It should miss about \d+ % of what is said, \d+ false accepts? in 0 hours/)
      .waitFor();
    assert.ok(await row.getByRole('switch').isChecked());
    await page.getByRole('link', { name: 'Now' }).click();
    await page.locator('.detections tbody tr', { hasText: 'hey kitchen' }).first().waitFor();

    await page.getByRole('link', { name: 'Keywords' }).click();
    await row.getByRole('button', { name: 'Remove' }).click();
    await row.getByRole('button', { name: 'Delete for good?' }).click();
    await row.waitFor({ state: 'detached' });
    await page.locator('.toast', { hasText: 'hey kitchen is not listened for any more.' }).waitFor();
    await becomes(() => !second.keywords().some(({ name }) => name === 'hey_kitchen'));
    assert.deepEqual(faults, []);
  });
});
