import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { chromium } from 'playwright-core';
import { type Line, quietRoom } from '../measure.js';
import { LiveDaemon } from './live-daemon.js';

const CHROMIUM = '/usr/bin/chromium';
const ROUNDS = 7;
/** A core of a Raspberry Pi 4 takes about four times as long as one of a desktop. */
const SLOWDOWNS = [1, 4] as const;

/** How soon a browser has something of the page on its screen, with nothing of it in its cache. */
export async function benchPaint(model: string): Promise<Line[]> {
  if (!existsSync(CHROMIUM)) {
    console.error('bench: there is no Chromium here, so when the page is first painted is not measured');
    return [];
  }
  const daemon = new LiveDaemon({ samples: quietRoom(60 * 16_000), times: 2 }, model);
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
  const paintMs = async (slowdown: number): Promise<number> => {
    const context = await browser.newContext();
    const page = await context.newPage();
    const session = await context.newCDPSession(page);
    await session.send('Emulation.setCPUThrottlingRate', { rate: slowdown });
    await page.goto(daemon.urlOf('/'));
    await page.locator('.strips').waitFor();
    const ms = await page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime");
    await context.close();
    return Number(ms);
  };
  try {
    await daemon.serves();
    await sleep(2000);
    const lines: Line[] = [];
    for (const slowdown of SLOWDOWNS) {
      await paintMs(slowdown); // the browser's own start
      const times: number[] = [];
      for (let round = 0; round < ROUNDS; round++) times.push(await paintMs(slowdown));
      times.sort((a, b) => a - b);
      lines.push({
        name: slowdown === 1 ? 'page: first paint' : `page: first paint, ${slowdown} times slower CPU`,
        value: times[(ROUNDS - 1) / 2],
        unit: 'ms',
        bar: { atMost: 500 },
        detail: `Chromium, empty cache; median of ${ROUNDS}, ${Math.round(times[0])} to ${Math.round(times.at(-1)!)}`,
      });
    }
    return lines;
  } finally {
    await browser.close();
    await daemon.stop();
  }
}
