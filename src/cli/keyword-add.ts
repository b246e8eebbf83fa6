import { cp, mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { WakegateError } from '../errors.js';
import { keywordNameOf } from '../model/index.js';
import { type MadeKeyword, makeKeyword } from '../training/own/make-keyword.js';
import { readPhrase } from '../training/own/phrase.js';
import { readTakes } from '../training/own/takes.js';
import type { AddOptions } from './keyword-options.js';
import { listenFor, packOf, placesOf } from './keyword-places.js';
import { KeywordProgressLines } from './keyword-progress.js';
import { forecastText } from './keyword-text.js';
import { withTurn } from './keyword-turn.js';

/** `wakegate keyword add`. */
export async function addKeyword(typed: string, options: AddOptions): Promise<void> {
  const places = await placesOf(options);
  const phrase = await readPhrase(typed);
  const name = options.name ?? keywordNameOf(phrase.text);
  if (!/^[a-z0-9][a-z0-9_-]{0,63}$/.test(name)) {
    throw new WakegateError(
      'WG_USAGE',
      `--name ${JSON.stringify(name)}: use lower case letters, digits, _ and -, as in hey_kitchen`,
    );
  }
  const pack = await packOf(places);
  if (pack.keywords.some((keyword) => keyword.name === name)) {
    throw new WakegateError(
      'WG_KEYWORD_INVALID',
      `there is a keyword ${name} in ${pack.name} already: choose another name with --name`,
    );
  }
  const work = join(places.jobs, name);
  const files = await takeFiles(options, name, work);
  const takes = await readTakes(files);
  const startedMs = performance.now();
  const lines = new KeywordProgressLines();
  const made = await withTurn(places.jobs, lines, () =>
    makeKeyword({
      pack,
      name,
      phrase,
      takes,
      folder: work,
      cache: places.cache,
      ...(options.anyway && { anyway: true }),
      onProgress: (progress) => lines.report(progress),
    }),
  );
  lines.end();
  const isLive = await listenFor(made.keyword, places, options);
  await keepTakes(files, places.folder.path, name);
  await rm(work, { recursive: true, force: true });
  printMade(made, (performance.now() - startedMs) / 60_000);
  console.log(
    isLive ? 'The daemon listens for it now.' : 'No daemon runs: it is listened for from its next start.',
  );
}

async function takeFiles({ recordings, record }: AddOptions, name: string, work: string): Promise<string[]> {
  const files: string[] = [];
  if (recordings !== undefined) {
    const names = await readdir(recordings).catch(() => {
      throw new WakegateError(
        'WG_INPUT_NOT_FOUND',
        `${recordings} is no folder that can be read: name one with recordings`,
      );
    });
    files.push(
      ...names
        .filter((file) => /\.(wav|flac|ogg|opus|mp3|webm|aiff?)$/i.test(file))
        .sort()
        .map((file) => join(recordings, file)),
    );
    if (files.length === 0) {
      throw new WakegateError(
        'WG_INPUT_NOT_FOUND',
        `${recordings} holds no sound files: put recordings of the phrase there`,
      );
    }
  }
  if (record !== undefined) {
    const { recordTakes } = await import('./keyword-record.js');
    files.push(...(await recordTakes(name, record, join(work, 'recorded'))));
  }
  return files;
}

/** For improving it later. */
async function keepTakes(files: readonly string[], folder: string, name: string): Promise<void> {
  const to = join(folder, `${name}-takes`);
  await rm(to, { recursive: true, force: true });
  if (files.length === 0) return;
  await mkdir(to, { recursive: true });
  for (const [i, file] of files.entries())
    await cp(file, join(to, `take-${i + 1}${file.slice(file.lastIndexOf('.'))}`));
}

export function printMade({ keyword, forecast, advice }: MadeKeyword, minutes: number): void {
  console.log(`${keyword.name}: made in ${minutes.toFixed(1)} minutes`);
  for (const line of forecastText(forecast)) console.log(`  ${line}`);
  for (const sentence of advice) console.log(`  - ${sentence}`);
}
