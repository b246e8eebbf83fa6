import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, type TestContext, test } from 'node:test';
import type { Browser } from 'playwright-core';
import type { Config } from '../../src/config/index.js';
import { accessFaults, launchBrowser, NO_BROWSER, openPage } from '../support/browser.js';
import { startDaemon, wavFile } from '../support/daemon-fixture.js';
import { startWorker } from '../support/fleet.js';
import { Mosquitto, noMosquitto } from '../support/mosquitto.js';
import { temporaryFolder } from '../support/temp-folder.js';
import { makeTinyPack } from '../support/tiny-pack.js';

const folder = temporaryFolder();
const models = join(folder, 'models');
const model = join(models, 'tiny');
const input = wavFile(folder, 'silence.wav', new Int16Array(16_000));

describe('Setup says who is told', { skip: NO_BROWSER || noMosquitto }, () => {
  let browser: Browser;

  before(async () => {
    mkdirSync(models);
    await makeTinyPack(model);
    browser = await launchBrowser();
  });
  after(() => browser?.close());

  /** Setup of a daemon with these settings, and its part on Home Assistant and the fleet. */
  const setupOf = async (t: TestContext, settings: Partial<Config>) => {
    const daemon = await startDaemon(t, { model, input, ...settings });
    const { page, faults } = await openPage(browser);
    t.after(() => page.close());
    t.after(() => assert.deepEqual(faults, []));
    await page.goto(`${daemon.url}/#/setup`);
    const card = page.getByRole('region', { name: 'Who is told' });
    await card.waitFor();
    const shows = (text: RegExp) => card.locator('li', { hasText: text }).waitFor();
    return { daemon, page, card, shows };
  };

  test('nobody, where nothing is on', async (t) => {
    const { card } = await setupOf(t, {});
    await card.getByText('Nobody but this page').waitFor();
    assert.equal(await card.locator('li').count(), 0);
  });

  test('Home Assistant and the fleet, connected, broken and back', async (t) => {
    const broker = await Mosquitto.start(t);
    await startWorker(t, broker, 'garage', models);
    const settings = {
      classifier: 'auto',
      mqttUrl: broker.url,
      mqttName: 'kitchen',
      mqttRoom: 'Kitchen',
    } as const;
    const { daemon, page, shows } = await setupOf(t, settings);
    const arrived = async (wanted: () => boolean) => {
      while (!wanted()) await page.waitForTimeout(20);
      // Who is there is no event: the page asks when Setup is opened, and now and then.
      await page.goto(`${daemon.url}/#/tester`);
      await page.goto(`${daemon.url}/#/setup`);
    };
    await arrived(
      () => daemon.status().fleet?.workers.length === 1 && daemon.status().mqtt?.connected === true,
    );
    await shows(/^Home Assistant \(MQTT\) connected\d+ sent, \d+ waiting, 0 lost$/);
    await shows(/^Fleet: Kitchen connectedRooms: Kitchen\. Workers: garage\.$/);
    assert.deepEqual(await accessFaults(page), []);

    await broker.kill();
    await page.locator('.banner', { hasText: /^MQTT: the MQTT broker at .* does not answer/ }).waitFor();
    await page.locator('.banner', { hasText: /^Fleet: the MQTT broker at .* does not answer/ }).waitFor();
    await shows(/^Home Assistant \(MQTT\) not connected/);
    await shows(
      /^Fleet: Kitchen not connected.* No worker can be reached, so this machine classifies by itself\.$/,
    );
    assert.deepEqual(await accessFaults(page), []);

    await broker.start();
    await page.locator('.banner').first().waitFor({ state: 'detached' });
    await arrived(
      () => daemon.status().fleet?.workers.length === 1 && daemon.status().mqtt?.connected === true,
    );
    await shows(/^Home Assistant \(MQTT\) connected/);
    await shows(/^Fleet: Kitchen connectedRooms: Kitchen\. Workers: garage\.$/);
  });

  test('a satellite that cannot classify says that nothing is detected while no worker is there', async (t) => {
    const broker = await Mosquitto.start(t);
    const { card, shows } = await setupOf(t, { classifier: broker.url, mqttName: 'hall' });
    await shows(/^Fleet: hall connectedRooms: hall\. No worker can be reached, so nothing is detected\.$/);
    assert.equal(await card.locator('li').count(), 1, 'no Home Assistant');
  });
});
