import { spawnSync } from 'node:child_process';
import { existsSync, renameSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { bundledWords, inQuiet } from '../daemon/words.js';
import type { House } from './house.js';
import { until } from './until.js';

/** From dist/bench/home/. */
const PICTURE = fileURLToPath(new URL('../../../docs/images/home-assistant.png', import.meta.url));
const BROWSERS = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** The page of the daemon's device in Home Assistant, as a browser shows it. */
export async function takePicture({ assistant, daemon }: House): Promise<void> {
  const executablePath = BROWSERS.find((path) => existsSync(path));
  if (executablePath === undefined) throw new Error('there is no Chromium here: apt-get install chromium');
  const device = await until('the device is there', 30, async () => {
    const devices = await assistant.ask<{ id: string; name: string }[]>('config/device_registry/list');
    return devices.find(({ name }) => name === 'wakegate kitchen');
  });
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
  try {
    const page = await browser.newPage({ viewport: { width: 1180, height: 1560 } });
    const tokens = {
      access_token: assistant.token,
      token_type: 'Bearer',
      expires_in: 1e9,
      hassUrl: assistant.url,
      clientId: `${assistant.url}/`,
      expires: Date.now() + 1e12,
      refresh_token: '',
    };
    const kept = { hassTokens: JSON.stringify(tokens), dockedSidebar: '"always_hidden"' };
    await page.addInitScript({ content: `Object.assign(localStorage, ${JSON.stringify(kept)})` });
    // Logos come from a site that is not here.
    await page.route('https://brands.home-assistant.io/**', (route) =>
      route.fulfill({ contentType: 'image/svg+xml', body: '<svg xmlns="http://www.w3.org/2000/svg"/>' }),
    );
    await page.goto(`${assistant.url}/config/devices/device/${device.id}`);
    await page.getByText('alexa threshold').first().waitFor({ timeout: 120_000 });
    const words = await bundledWords();
    await daemon.say(inQuiet(words.find(({ keyword }) => keyword === 'computer')!, 1, 0.5));
    await page.getByText('computer', { exact: true }).first().waitFor({ timeout: 60_000 });
    await page.waitForTimeout(3000);
    await page.screenshot({ path: PICTURE });
    withFewColours(PICTURE);
    console.error(`wrote ${PICTURE}`);
  } finally {
    await browser.close();
  }
}

/** A third of the size, where there is ffmpeg. */
function withFewColours(path: string): void {
  const small = `${path}.small.png`;
  const palette = 'split[a][b];[a]palettegen=max_colors=96[p];[b][p]paletteuse=dither=none';
  const { status } = spawnSync('ffmpeg', ['-loglevel', 'error', '-y', '-i', path, '-vf', palette, small]);
  if (status === 0) renameSync(small, path);
}
