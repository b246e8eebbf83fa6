// Takes the pictures of docs/dashboard.md: each view of the page, light and dark, of a daemon that hears the bundled sample.
//
//   npm run build && node scripts/dashboard-pictures.js [view ...]
//
// PHONES=1 takes every view at the width of a phone too, to look at.
// Needs Chromium and ffmpeg (apt-get install chromium ffmpeg).
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const OUT = process.env.OUT ?? join(ROOT, 'docs/images');
const VIEWS = ['now', 'heard', 'thresholds', 'energy', 'keywords', 'setup', 'tester'];
const SIZE = { width: 1200, height: 860 };
const PHONE = { width: 390, height: 844 };
/** Long enough to have been woken, to sleep again, and to have detected some words. */
const HEARD_SECONDS = Number(process.env.HEARD ?? 100);
const PORT = Number(process.env.PORT ?? 8797);

/** What is to be on a view before it is taken. */
const SHOWN = {
  now: (page) => page.waitForTimeout(Math.min(30_000, HEARD_SECONDS * 500)),
  heard: (page) => page.locator('.timeline-row').nth(2).waitFor(),
  async thresholds(page) {
    await page.locator('.forecast dd').nth(8).waitFor();
    const slider = page.getByRole('slider', { name: 'Threshold of alexa' });
    await slider.evaluate((element) => {
      element.value = '900';
      element.dispatchEvent(new Event('input', { bubbles: true }));
    });
    await page.locator('.forecast.is-held dd').first().waitFor();
  },
  energy: (page) => page.locator('.history').waitFor(),
  async keywords(page) {
    await page.getByRole('button', { name: 'Add a keyword' }).click();
    await page.getByLabel('Word or phrase').fill('hey kitchen');
  },
  async setup(page) {
    await page.locator('.checks').waitFor();
    await page.getByRole('button', { name: /Measure the level of Desk/ }).click();
    await page.locator('.devices .level').waitFor();
  },
  async tester(page) {
    await page.getByLabel('Choose a file').first().setInputFiles(join(ROOT, 'samples/demo.wav'));
    await page.locator('.heard-as .timeline-row').nth(3).waitFor();
  },
};

const wanted = process.argv.length > 2 ? process.argv.slice(2) : VIEWS;
const folder = mkdtempSync(join(tmpdir(), 'wakegate-pictures-'));
mkdirSync(OUT, { recursive: true });

/** Programs in place of PulseAudio's: three microphones, each of which hears the sample over and over. */
function soundServer() {
  const sources = ['Kitchen_ceiling', 'Desk_USB_microphone', 'Sofa_array_beam'].map(
    (name, i) => `${i}\\talsa_input.${name}\\tmodule\\ts16le 1ch 48000Hz\\tIDLE\\n`,
  );
  const pactl = `#!/bin/sh\nprintf '${sources.join('')}'\n`;
  const parec = `#!${process.execPath}
const spoken = require('node:fs').readFileSync(${JSON.stringify(join(ROOT, 'samples/demo.wav'))}).subarray(44);
// Then nobody speaks for a while.
const pause = new Int16Array(80 * 16000).map(() => 12 * (Math.random() + Math.random() - 1));
const sound = Buffer.concat([spoken, Buffer.from(pause.buffer)]);
const beganMs = Date.now();
let sent = 0;
setInterval(() => {
  for (; sent < (Date.now() - beganMs) * 32; sent += 2560) {
    const at = sent % (sound.length - (sound.length % 2560));
    process.stdout.write(sound.subarray(at, at + 2560));
  }
}, 80);
`;
  for (const [name, text] of Object.entries({ pactl, parec })) {
    writeFileSync(join(folder, name), text, { mode: 0o755 });
  }
}
soundServer();

const daemon = spawn(
  process.execPath,
  [
    join(ROOT, 'dist/src/cli/main.cjs'),
    ...['run', '--input', 'mic', '--recorder', 'parec', '--port', String(PORT), '--captures', 'on'],
    ...['--state-directory', join(folder, 'state'), '--log-level', 'warn'],
  ],
  {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, PATH: `${folder}:${process.env.PATH}` },
  },
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
  await fetch(`${url}v1/input`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ recorder: 'parec', device: 'alsa_input.Kitchen_ceiling' }),
  });
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
    if (view !== 'now' && !process.env.PHONES) continue;
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
