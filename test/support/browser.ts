import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';

const executablePath = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(
  (path) => existsSync(path),
);

/** Why there is no browser here, for a test that is skipped; false where there is one. */
export const NO_BROWSER: string | false =
  executablePath === undefined && 'there is no Chromium here: apt-get install chromium';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** What is waited for comes within it on a slow machine too, or never does. */
const PATIENCE_MS = 75_000;

export function launchBrowser(args: readonly string[] = []): Promise<Browser> {
  return chromium.launch({ executablePath: executablePath!, args: ['--no-sandbox', ...args] });
}

/** A page, and what went wrong on it. */
export async function openPage(
  browser: Pick<Browser, 'newPage'> | BrowserContext,
  options: Parameters<Browser['newPage']>[0] = {},
) {
  const page = 'newContext' in browser ? await browser.newPage(options) : await browser.newPage();
  page.setDefaultTimeout(PATIENCE_MS);
  const faults: string[] = [];
  page.on('pageerror', ({ message }) => faults.push(message));
  page.on('console', (message) => {
    // The browser reports each answer that is an error, and each WebSocket that is not opened, by itself.
    if (message.type() === 'error' && !/^(Failed to load|WebSocket connection to)/.test(message.text()))
      faults.push(message.text());
  });
  return { page, faults };
}

/**
 * What axe finds, a sentence for each.
 *
 * @param rules those that are looked at; all of them by default
 */
export async function accessFaults(page: Page, rules?: readonly string[]): Promise<string[]> {
  if (!(await page.evaluate("'axe' in globalThis"))) await page.evaluate(AXE);
  const options = { resultTypes: ['violations'], ...(rules && { runOnly: { type: 'rule', values: rules } }) };
  return page.evaluate(
    `axe.run(${JSON.stringify(options)}).then(({ violations }) =>
      violations.flatMap(({ id, nodes }) => nodes.map(({ html, any, all }) =>
        id + ': ' + html.slice(0, 160) + ' ' + [...any, ...all].map(({ message }) => message).join('; '))))`,
  );
}

/** Shows a view from its beginning, as one that was opened: from another one, which is shown first. */
export async function showAnew(page: Page, url: string, view: string): Promise<void> {
  const other = view === 'tester' ? 'now' : 'tester';
  for (const hash of [other, view]) {
    await page.goto(`${url}/#/${hash}`);
    await page.locator(`nav a[href="#/${hash.split('/')[0]}"][aria-current]`).waitFor();
  }
}

/** Waits until something holds outside of the page, such as in the daemon. */
export async function becomes(holds: () => boolean | Promise<boolean>): Promise<void> {
  for (const startedMs = Date.now(); !(await holds()); ) {
    if (Date.now() - startedMs > PATIENCE_MS) throw new Error(`this did not become true: ${holds}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Waits until an expression is true on the page, which may be forbidden to evaluate one by itself. */
export async function until(page: Page, expression: string): Promise<void> {
  for (const startedMs = Date.now(); !(await page.evaluate(`Boolean(${expression})`)); ) {
    if (Date.now() - startedMs > PATIENCE_MS) throw new Error(`this did not become true: ${expression}`);
    await page.waitForTimeout(50);
  }
}
