import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { type ScorePeak, WakegateClient } from '../../src/client/index.js';
import type { Daemon } from '../../src/daemon/daemon.js';
import { becomes, launchBrowser, NO_BROWSER, openPage } from '../support/browser.js';
import { makeDaemon, wavFile } from '../support/daemon-fixture.js';
import { spokenWords } from '../support/spoken-words.js';
import { temporaryFolder } from '../support/temp-folder.js';

const folder = temporaryFolder();

/** Counted by hand, from what the daemon has kept. */
function recount(peaks: readonly ScorePeak[], threshold: number): { detections: number; wrong: number } {
  const over = peaks.filter(({ score }) => score >= threshold);
  return {
    detections: over.length,
    wrong: over.filter(({ label }) => label === 'wrong').length,
  };
}

/** Runs on the page. Gives the slider a value, and tells the page so as the browser does. */
function send(element: unknown, { type, value }: { type: string; value: string | null }): void {
  const slider = element as { value: string; dispatchEvent(event: Event): void };
  if (value !== null) slider.value = value;
  slider.dispatchEvent(new Event(type, { bubbles: true }));
}

/** Runs on the page. Moves the slider by a hundred steps, one each time that it is drawn. @returns how long that took, in ms */
async function drag(element: unknown): Promise<number> {
  const slider = element as { value: string; dispatchEvent(event: Event): void };
  const beganMs = performance.now();
  for (let place = 700; place > 600; place--) {
    slider.value = String(place);
    slider.dispatchEvent(new Event('input', { bubbles: true }));
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return performance.now() - beganMs;
}

describe('the sliders of the page', { skip: NO_BROWSER }, () => {
  let daemon: Daemon;
  let end: () => Promise<void>;
  let browser: Browser;
  let page: Page;
  let client: WakegateClient;
  const slider = () => page.getByRole('slider', { name: 'Threshold of alexa' });
  const card = () => page.locator('.threshold').first();
  const threshold = () => daemon.keywords().find(({ name }) => name === 'alexa')!.threshold;
  /** Moves the slider, which is not let go. @returns the score at which it stands */
  const move = async (place: number) => {
    await slider().evaluate(send, { type: 'input', value: String(place) });
    await page.locator('.forecast.is-held').first().waitFor();
    return Number(await card().locator('output').textContent());
  };
  const letGo = () => slider().evaluate(send, { type: 'change', value: null });

  before(async () => {
    const { samples } = await spokenWords(300);
    ({ daemon, end } = await makeDaemon({ input: wavFile(folder, 'words.wav', samples), captures: 'on' }));
    client = new WakegateClient({ url: daemon.url! });
    browser = await launchBrowser();
    ({ page } = await openPage(browser));
    // When two of them are kept no more is heard: one was right, and one wrong.
    for (let labelled = 0; labelled < 2; ) {
      await new Promise((resolve) => setTimeout(resolve, 100));
      const { captures } = await client.captures();
      const alexas = captures.filter(({ keyword, kind }) => keyword === 'alexa' && kind === 'detection');
      if (alexas.length < 2) continue;
      await client.mute();
      for (const { id } of alexas.slice(0, 2)) {
        await client.labelCapture(id, { label: labelled++ === 0 ? 'right' : 'wrong' });
      }
    }
    await page.goto(`${daemon.url}/#/thresholds`);
    await card().locator('.forecast dd').nth(2).waitFor();
  });
  after(async () => {
    await browser?.close();
    await end?.();
  });

  test('before a slider is let go, it says what the threshold would have done, as a recount has it', async () => {
    const before = threshold();
    const { peaks } = await client.peaks('alexa');
    const now = recount(peaks, before);
    assert.ok(now.detections >= 2 && now.wrong === 1, JSON.stringify(now));
    const forecast = card().locator('.forecast dd').first();
    const says = async (text: string) => {
      await forecast.filter({ hasText: text }).waitFor();
    };
    // Above all that was heard, or nearly: scores may reach the end of the slider.
    const highest = await move(1000);
    const above = recount(peaks, highest);
    await says(`${now.detections} → ${above.detections} detections`);
    if (above.wrong < now.wrong) await says('1 fewer false accept');
    // Both networks had agreed and nobody asked them again: only the sound could tell.
    const unsure = peaks.filter(({ score, detected }) => detected && score < highest).length;
    if (unsure > 0) await says(`${unsure} more may be`);
    // Somewhere among what was heard.
    const [, second] = peaks.map(({ score }) => score).sort((a, b) => a - b);
    const place = await page.evaluate(`(() => {
      const logit = (p) => Math.log(Math.min(p, 0.9999) / (1 - Math.min(p, 0.9999)));
      return Math.floor(1000 * (logit(${second}) - logit(0.01)) / (logit(0.9999) - logit(0.01)));
    })()`);
    await move(Number(place));
    assert.equal(await slider().inputValue(), String(place));
    // The slider's own steps are finer than what it shows, so that the scores that it stands between are counted.
    const count = peaks.filter(({ score }) => score >= second - 1e-9).length;
    if (count !== now.detections) await says(`${now.detections} → ${count} detections`);
    assert.equal(threshold(), before, 'nothing has changed yet');
  });

  test('while it is moved it asks for a forecast now and then, and when it stands still for nothing any more', async () => {
    const asked: string[] = [];
    page.on('request', (request) => {
      if (request.url().includes('/keywords/alexa/forecast')) asked.push(request.url());
    });
    const isQuiet = async () => {
      const before = asked.length;
      await page.waitForTimeout(1500);
      return asked.length === before;
    };
    await becomes(isQuiet);
    asked.length = 0;
    const movedMs = await slider().evaluate(drag);
    await page.locator('.forecast.is-held').first().waitFor();
    await becomes(isQuiet);
    // However slow the machine is, 80 ms lie between two of them. What is heard meanwhile is asked about too, every few seconds.
    assert.ok(asked.length > 0 && asked.length <= 4 + movedMs / 80, `${asked.length} in ${movedMs} ms`);
    // It was never let go.
    await page.reload();
    await card().locator('.forecast dd').nth(2).waitFor();
  });

  test('let go it acts at once, lasts, and is undone', async () => {
    const before = threshold();
    const wanted = await move(500);
    await letGo();
    const toast = page.locator('.toast', { hasText: 'alexa is detected at' });
    await toast.waitFor();
    assert.ok(Math.abs(threshold() - wanted) < 1e-4, `${threshold()} ${wanted}`);
    assert.notEqual(threshold(), before);
    await toast.getByRole('button', { name: 'Undo' }).click();
    await becomes(() => threshold() === before);
    assert.equal(daemon.keywords().find(({ name }) => name === 'alexa')!.changed, false);
  });

  test('by keys it moves too, and what was changed goes back to what the pack says', async () => {
    const before = threshold();
    await slider().focus();
    for (let i = 0; i < 3; i++) await page.keyboard.press('ArrowLeft');
    await card()
      .getByRole('button', { name: /^Back to 0\.99/ })
      .waitFor();
    assert.ok(threshold() < before);
    await card()
      .getByRole('button', { name: /^Back to 0\.99/ })
      .click();
    await becomes(() => threshold() === before);
  });
});
