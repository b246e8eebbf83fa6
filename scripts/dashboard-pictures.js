// Takes the pictures of docs/dashboard.md: each view of the page, light and dark, of a daemon that hears the bundled sample.
//
//   npm run build && node scripts/dashboard-pictures.js [view ...]
//
// Needs Chromium and ffmpeg (apt-get install chromium ffmpeg).
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const OUT = process.env.OUT ?? join(ROOT, 'docs/images');
const VIEWS = ['now', 'heard', 'thresholds', 'energy', 'keywords', 'setup', 'tester'];
const SIZE = { width: 1200, height: 800 };
const PHONE = { width: 390, height: 844 };
/** Long enough to have been woken, to sleep again, and to have detected some words. */
const HEARD_SECONDS = Number(process.env.HEARD ?? 70);
const PORT = Number(process.env.PORT ?? 8797);

/** What is to be on a view before it is taken. */
const SHOWN = {
  now: (page) => page.waitForTimeout(Math.min(30_000, HEARD_SECONDS * 500)),
  heard: (page) => page.locator('.timeline-row').nth(2).waitFor(),
  async thresholds(page) {
    await page.locator('.forecast dd').nth(8).waitFor();
    const slider = page.getByRole('slider', { name: 'Threshold of computer' });
    await slider.evaluate((element) => {
      element.value = '820';
      element.dispatchEvent(new Event('input', { bubbles: true }));
    });
    await page.locator('.forecast.is-held .change-plain').first().waitFor();
  },
  energy: (page) => page.locator('.history').waitFor(),
  async keywords(page) {
    await page.getByRole('button', { name: 'Add a keyword' }).click();
    await page.getByLabel('Word or phrase').fill('hey kitchen');
  },
  setup: (page) => page.locator('.checks').waitFor(),
  async tester(page) {
    await page.getByLabel('Choose a file').first().setInputFiles(join(ROOT, 'samples/demo.wav'));
    await page.locator('.heard-as .timeline-row').nth(3).waitFor();
  },
};

const wanted = process.argv.length > 2 ? process.argv.slice(2) : VIEWS;
const folder = mkdtempSync(join(tmpdir(), 'wakegate-pictures-'));
mkdirSync(OUT, { recursive: true });

/** The sample over and over, so that there is always something to hear. */
function longSample() {
  const wav = readFileSync(join(ROOT, 'samples/demo.wav'));
  const header = Buffer.from(wav.subarray(0, 44));
  const data = Buffer.concat(Array.from({ length: 30 }, () => wav.subarray(44)));
  header.writeUInt32LE(36 + data.length, 4);
  header.writeUInt32LE(data.length, 40);
  const path = join(folder, 'living-room.wav');
  writeFileSync(path, Buffer.concat([header, data]));
  return path;
}

const daemon = spawn(
  process.execPath,
  [
    join(ROOT, 'dist/src/cli/main.js'),
    ...['run', '--input', longSample(), '--port', String(PORT), '--captures', 'on'],
    ...['--state-directory', join(folder, 'state'), '--log-level', 'warn'],
  ],
  { stdio: ['ignore', 'inherit', 'inherit'] },
);
const url = `http://127.0.0.1:${PORT}/`;
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
try {
  await answers();
  const page = await browser.newPage({ viewport: SIZE });
  page.setDefaultTimeout(120_000);
  await page.goto(url);
  const startedMs = Date.now();
  await page.waitForSelector('.shell');
  await page.waitForTimeout(HEARD_SECONDS * 1000 - (Date.now() - startedMs));
  for (const view of wanted) {
    await page.setViewportSize(SIZE);
    await page.goto(`${url}#/${view}`);
    await SHOWN[view]?.(page);
    for (const theme of ['light', 'dark']) {
      await page.emulateMedia({ colorScheme: theme });
      await page.waitForTimeout(1200);
      take(await page.screenshot(), `dashboard-${view}-${theme}`);
    }
    if (view !== 'now') continue;
    await page.setViewportSize(PHONE);
    await page.emulateMedia({ colorScheme: 'light' });
    await page.waitForTimeout(1200);
    take(await page.screenshot(), `dashboard-${view}-phone`);
  }
} finally {
  await browser.close();
  daemon.kill();
  await once(daemon, 'exit');
  rmSync(folder, { recursive: true, force: true });
}

async function answers() {
  for (;;) {
    try {
      if ((await fetch(`${url}healthz`)).ok) return;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }
}

/** With few colours, which a screen like this has anyway: a third of the bytes. */
function take(png, name) {
  const source = join(folder, `${name}.png`);
  writeFileSync(source, png);
  const palette =
    'split[a][b];[a]palettegen=max_colors=96:reserve_transparent=0[p];[b][p]paletteuse=dither=none';
  const target = join(OUT, `${name}.png`);
  execFileSync('ffmpeg', [
    '-y',
    '-loglevel',
    'error',
    '-i',
    source,
    '-vf',
    palette,
    '-pred',
    'mixed',
    target,
  ]);
  console.log(target);
}
