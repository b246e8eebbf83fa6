import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { accessFaults, becomes, launchBrowser, NO_BROWSER, openPage } from '../support/browser.js';
import { startDaemon } from '../support/daemon-fixture.js';
import { fakeRecorders } from '../support/fake-recorder.js';
import { temporaryFolder } from '../support/temp-folder.js';
import { makeTinyPack } from '../support/tiny-pack.js';

const folder = temporaryFolder();
const model = join(folder, 'pack');

/** A desk at -6 dBFS, a sofa at -26, and an attic that is not there. */
const PAREC = `
const device = (argv.find((arg) => arg.startsWith('--device=')) ?? '').slice(9);
const amplitude = { 'alsa_input.desk': 16422, 'alsa_input.sofa': 1642 }[device];
if (!amplitude) { console.error('Stream error: No such entity'); process.exit(1); }
const piece = Buffer.alloc(2560);
for (let i = 0; i < 1280; i++) piece.writeInt16LE(i % 2 ? amplitude : -amplitude, 2 * i);
const beganMs = Date.now();
let sent = 0;
setInterval(() => {
  for (; sent < (Date.now() - beganMs) / 80; sent++) process.stdout.write(piece);
}, 40);
`;
const PACTL = `
const lines = ['sofa', 'desk', 'attic'].map((name, i) => i + '\\talsa_input.' + name + '\\tmodule\\ts16le 1ch 48000Hz\\tIDLE');
if (argv.includes('sources')) process.stdout.write(lines.join('\\n') + '\\n');
`;

describe('Setup', { skip: NO_BROWSER }, () => {
  let browser: Browser;

  before(async () => {
    await makeTinyPack(model);
    browser = await launchBrowser();
  });
  after(() => browser?.close());

  test('chooses the microphone, shows its level, and keeps the one before where another gives no sound', async (t) => {
    fakeRecorders(t, folder, { parec: PAREC, pactl: PACTL });
    const settings = { input: 'mic', recorder: 'parec', device: 'alsa_input.sofa' } as const;
    const daemon = await startDaemon(t, { model, ...settings });
    const { page, faults } = await openPage(browser);
    await page.goto(`${daemon.url}/#/setup`);
    const choice = (name: string) => page.getByRole('radio', { name: new RegExp(`^${name}`) });
    const level = (text: RegExp) => page.locator('.setting-level output', { hasText: text }).waitFor();
    await becomes(() => choice('sofa').isChecked());
    await level(/^-2[5-7] dB$/);

    await choice('desk').click();
    await page.locator('.toast', { hasText: 'Now listening to: desk.' }).waitFor();
    await becomes(() => choice('desk').isChecked());
    assert.equal(daemon.microphone().device, 'alsa_input.desk');
    await level(/^-[5-7] dB$/);

    await page.getByRole('button', { name: 'Measure the level of sofa' }).click();
    await page.locator('.devices .number', { hasText: /^-2[5-7] dB$/ }).waitFor();
    await page.getByRole('button', { name: 'Measure the level of sofa' }).click();
    assert.deepEqual(await accessFaults(page), []);

    await choice('attic').click();
    await page.locator('.toast', { hasText: 'the device is missing' }).waitFor();
    await becomes(() => choice('desk').isChecked());
    assert.equal(daemon.microphone().device, 'alsa_input.desk');

    await page.getByRole('button', { name: 'Back to the microphone of the settings' }).click();
    await becomes(() => choice('sofa').isChecked());
    assert.deepEqual([daemon.microphone().device, daemon.microphone().isChosen], ['alsa_input.sofa', false]);
    await level(/^-2[5-7] dB$/);
    assert.deepEqual(faults, []);
  });
});
