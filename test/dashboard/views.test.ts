import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { WakegateClient } from '../../src/client/index.js';
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
import { spokenWords } from '../support/spoken-words.js';
import { temporaryFolder } from '../support/temp-folder.js';

const folder = temporaryFolder();
const OWN_KEYWORD = fileURLToPath(new URL('../../../samples/hey_kitchen.json', import.meta.url));
const VIEWS = ['now', 'heard', 'thresholds', 'energy', 'keywords', 'setup', 'tester'] as const;
const WIDE = { width: 1280, height: 900 };
const PHONE = { width: 390, height: 844 };

describe('the page of a daemon that hears words', { skip: NO_BROWSER }, () => {
  let daemon: Daemon;
  let end: () => Promise<void>;
  let client: WakegateClient;
  let browser: Browser;
  let page: Page;
  let faults: string[];
  let spoken: Int16Array;
  /** Addresses that the page has asked for. */
  const asked: string[] = [];

  before(async () => {
    const { samples } = await spokenWords(300);
    spoken = samples.slice(0, 3 * 16_000);
    const input = wavFile(folder, 'words.wav', samples);
    ({ daemon, end } = await makeDaemon({ input, captures: 'on' }));
    client = new WakegateClient({ url: daemon.url! });
    browser = await launchBrowser();
    ({ page, faults } = await openPage(browser, { viewport: WIDE }));
    page.on('request', (request) => asked.push(request.url()));
    await page.goto(daemon.url!);
  });
  after(async () => {
    await browser?.close();
    await end?.();
  });

  const show = (view: string) => showAnew(page, daemon.url!, view);
  /** A clip of two spoken words, as a detection. @returns its id */
  const keep = async () => {
    const { name } = daemon.status().model;
    const clip = { kind: 'detection', keyword: 'alexa', score: 0.99, sample: 0, samples: spoken } as const;
    return (await daemon.captures.store.add(clip, name, new Date())).id;
  };
  const text = async (selector: string) => (await page.locator(selector).first().textContent()) ?? '';

  test('Now shows the state of each stage in words, strips that run, and words with what they cost', async () => {
    await page.locator('.stage-state', { hasText: 'Listening' }).waitFor();
    const row = page.locator('.detections tbody tr').first();
    await row.waitFor();
    assert.match((await row.textContent())!, /alexa|computer|jarvis|smart mirror|snowboy/);
    assert.match((await row.locator('.cost').textContent())!, / m?J, .* ms, .*B$/);
    await page.locator('.stage-state', { hasText: 'Awake' }).waitFor();
    const level = page.locator('.strip-value').first();
    await until(page, "document.querySelector('.strip-value').textContent.endsWith(' dB')");
    const names = await page.locator('.strip-name b').allTextContents();
    const { keywords } = daemon.status();
    assert.deepEqual(names.slice(0, 2), ['Sound level', 'Gate score']);
    assert.equal(names.length, 2 + keywords.length);
    assert.equal(await level.getAttribute('aria-label'), 'Sound level');
    // Painted, and not all of one colour.
    await until(
      page,
      `(() => {
        const canvas = document.querySelector('.strip canvas');
        const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
        return new Set(new Uint32Array(data.buffer)).size;
      })() > 3`,
    );
  });

  test('scores are measured while they are looked at, and no longer', async () => {
    const isWatched = () => daemon.events.listenerCount('scores') > 0;
    await show('now');
    await becomes(isWatched);
    await show('energy');
    await becomes(() => !isWatched());
    await show('now');
    await becomes(isWatched);
  });

  test('a mute releases the microphone, shows it, and is taken back', async (t) => {
    t.after(() => client.unmute());
    await show('now');
    await page.locator('summary', { hasText: 'Mute' }).click();
    await page.getByRole('button', { name: 'For 10 minutes' }).click();
    await page.locator('.stage-state', { hasText: 'Muted' }).waitFor();
    assert.equal(daemon.status().input.state, 'muted');
    // The event says that it is muted, the status that follows says until when.
    await page.locator('.mute', { hasText: /Muted until \d\d:\d\d:\d\d/ }).waitFor();
    await page.getByRole('button', { name: 'Unmute' }).click();
    await page.locator('.stage-state', { hasText: 'Listening' }).waitFor();
    assert.notEqual(daemon.status().input.state, 'muted');
  });

  test('a clip is shown with its picture and scores, and labelled, unlabelled and deleted by keys and buttons', async () => {
    const id = await keep();
    await show(`heard/${id}`);
    const item = page.locator('.heard-item[aria-current]');
    await item.waitFor();
    await page.locator('.timeline-row').nth(1).waitFor();
    const labelOf = async () =>
      (await client.captures()).captures.find((capture) => capture.id === id)?.label;
    for (const [key, label, shown] of [
      ['w', 'wrong', 'Wrong'],
      ['r', 'right', 'Right'],
    ] as const) {
      await page.keyboard.press(key);
      await item.locator('.tag', { hasText: shown }).waitFor();
      assert.equal(await labelOf(), label);
    }
    await page.keyboard.press('o');
    await page.getByLabel('Which word was it?').fill('commuter');
    await page.keyboard.press('Enter');
    await item.locator('.tag', { hasText: 'Another word' }).waitFor();
    assert.equal((await client.captures()).captures.find((capture) => capture.id === id)?.word, 'commuter');
    await page.keyboard.press('u');
    await until(page, "document.querySelector('.heard-item[aria-current] .tag').textContent === ''");
    assert.equal(await labelOf(), null);

    await page.getByLabel('Labels that are shown').selectOption('right');
    await page.getByText('No clip fits').waitFor();
    await page.getByLabel('Labels that are shown').selectOption('all');
    await page.goto(`${daemon.url}/#/heard/${id}`);
    await page.locator('.detail').getByRole('button', { name: 'Delete' }).click();
    await page.getByRole('button', { name: 'Delete for good?' }).click();
    await becomes(async () => (await labelOf()) === undefined);
  });

  test('playing a clip moves the playhead', async () => {
    await show(`heard/${await keep()}`);
    await page.locator('.playhead').waitFor();
    await page.keyboard.press(' ');
    await page.getByRole('button', { name: 'Pause' }).waitFor();
    await until(page, "Number(document.querySelector('.playhead input').value) > 0");
  });

  test('captures that are off and empty say what they would keep, and are turned on there', async (t) => {
    t.after(() => client.enableCaptures(true));
    await client.enableCaptures(false);
    await client.removeCaptures();
    await show('heard');
    await page.reload();
    await page.getByRole('heading', { name: 'Nothing of what is heard is kept' }).waitFor();
    assert.match(await text('.captures-off'), /ask them first/);
    await page.getByRole('button', { name: 'Turn captures on' }).click();
    await page.locator('.heard-list').waitFor();
    assert.equal((await client.captures()).enabled, true);
  });

  test('Energy shows what each stage took, on a named basis, and what each word cost', async () => {
    await show('energy');
    await page.locator('.numbers tbody tr').nth(5).waitFor();
    assert.match(await text('.numbers tfoot'), /Together/);
    const { basis } = await client.energy();
    assert.match(await text('.basis summary'), new RegExp(basis.name));
    await page.locator('.costs li').first().waitFor();
    await page.getByText('Since the start').click();
    assert.ok(await page.locator('.stack i').first().isVisible());
  });

  test('Setup changes the pack, and what is kept', async (t) => {
    t.after(async () => {
      await client.changeModel('wake-words-en');
      await client.enableCaptures(true);
      await client.unmute();
    });
    await client.enableCaptures(true);
    // So that a slow machine has time for what is asked of it.
    await client.mute();
    await show('setup');
    for (const pack of ['speech-commands', 'wake-words-en']) {
      await page.getByLabel(new RegExp(pack)).click();
      await becomes(() => daemon.status().model.name === pack);
      await page.locator('.choice', { hasText: pack }).locator('input:checked:enabled').waitFor();
    }
    const captures = page.getByRole('switch', { name: 'Keep clips of what is heard' });
    await captures.click();
    await becomes(async () => !(await client.captures()).enabled);
    await captures.click();
    await becomes(async () => (await client.captures()).enabled);
  });

  test('a keyword is turned off and on again', async (t) => {
    t.after(() => client.changeKeyword('alexa', { enabled: null }));
    await show('keywords');
    const alexa = page.getByRole('switch', { name: 'Listen for alexa' });
    const isOn = () => daemon.keywords().find(({ name }) => name === 'alexa')!.enabled;
    await alexa.click();
    await becomes(() => !isOn());
    await page.locator('.keyword.is-off').waitFor();
    await alexa.click();
    await becomes(isOn);
  });

  test('no view has a fault that axe finds, light or dark, wide or on a phone', async (t) => {
    t.after(async () => {
      await page.setViewportSize(WIDE);
      await client.unmute();
    });
    await client.mute();
    const shown = {
      ...Object.fromEntries(VIEWS.map((view) => [view, async () => {}])),
      [`heard/${await keep()}`]: () => page.locator('.timeline-row').nth(1).waitFor(),
      keywords: async () => {
        await page.getByRole('button', { name: 'Add a keyword' }).click();
        await page.getByLabel('Word or phrase').fill('hey kitchen');
      },
    };
    for (const [view, ready] of Object.entries(shown)) {
      await show(view);
      await ready();
      await until(page, "document.querySelector('.loading') === null");
      for (const [shape, size] of Object.entries({ wide: WIDE, phone: PHONE })) {
        await page.setViewportSize(size);
        for (const colorScheme of ['light', 'dark'] as const) {
          await page.emulateMedia({ colorScheme });
          // Only colours differ in the dark.
          const rules = colorScheme === 'dark' ? ['color-contrast', 'link-in-text-block'] : undefined;
          assert.deepEqual(await accessFaults(page, rules), [], `${view}, ${shape}, ${colorScheme}`);
        }
        const width = await page.evaluate('document.documentElement.scrollWidth');
        assert.ok(Number(width) <= size.width, `${view}, ${shape}: ${width} px wide`);
      }
    }
  });

  test('it comes with few requests and bytes, from the daemon alone, and nothing moves while it loads', async () => {
    const fresh = await browser.newContext();
    const { page: first } = await openPage(fresh);
    const requests: string[] = [];
    let bytes = 0;
    first.on('request', (request) => requests.push(request.url()));
    first.on('requestfinished', async (request) => {
      const { responseBodySize, responseHeadersSize } = await request.sizes();
      if (/\/$|\/assets\//.test(request.url())) bytes += responseBodySize + responseHeadersSize;
    });
    await first.addInitScript(`
      globalThis.shifted = 0;
      new PerformanceObserver((list) => {
        for (const { value, hadRecentInput } of list.getEntries()) if (!hadRecentInput) globalThis.shifted += value;
      }).observe({ type: 'layout-shift', buffered: true });`);
    await first.goto(daemon.url!);
    await first.locator('.strips').waitFor();
    await until(first, "document.querySelector('.strip-value').textContent.endsWith(' dB')");
    const files = requests.filter((url) => !url.includes('/v1/'));
    assert.equal(files.length, 3, files.join());
    assert.ok(bytes > 10_000 && bytes < 80_000, `${bytes} bytes`);
    assert.ok(Number(await first.evaluate('shifted')) < 0.05, String(await first.evaluate('shifted')));
    await fresh.close();
    const elsewhere = [...asked, ...requests].filter(
      (url) => !url.startsWith(daemon.url!) && !/^(data|blob):/.test(url),
    );
    assert.deepEqual(elsewhere, []);
  });

  test('Improve makes a keyword of your own again with the clips that are labelled', async (t) => {
    t.after(() => client.unmute());
    await client.mute();
    await client.putKeyword('hey_kitchen', JSON.parse(readFileSync(OWN_KEYWORD, 'utf8')));
    await show('keywords');
    await page
      .locator('.keyword', { hasText: 'hey kitchen' })
      .getByRole('button', { name: 'Improve' })
      .click();
    const make = page.getByRole('button', { name: 'Make it again with labelled clips' });
    await make.click();
    await page.locator('.toast', { hasText: 'no capture of hey_kitchen is labelled' }).waitFor();
    const samples = new Int16Array(48_000);
    const clip = { kind: 'detection', keyword: 'hey_kitchen', score: 0.9, sample: 0, samples } as const;
    const { id } = await daemon.captures.store.add(clip, daemon.status().model.name, new Date());
    await client.labelCapture(id, { label: 'wrong' });
    await make.click();
    await page.locator('.job').getByRole('heading', { name: 'hey kitchen' }).waitFor();
    assert.deepEqual(
      daemon.keywordJobs().map(({ name }) => name),
      ['hey_kitchen'],
    );
  });

  test('all of that without an error on the page', () => {
    assert.deepEqual(faults, []);
  });
});
