import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { WakegateError } from '../errors.js';
import { freeName } from '../model/index.js';
import { onDisk } from '../training/own/full-disk.js';
import { type MadeKeyword, makeKeyword } from '../training/own/make-keyword.js';
import { readPhrase } from '../training/own/phrase.js';
import { spokenFolder } from '../training/own/spoken-folder.js';
import { readTakes } from '../training/own/takes.js';
import { withTurn } from '../training/own/turn.js';
import type { AddOptions } from './keyword-options.js';
import { type KeywordPlaces, listenFor, packOf, placesOf } from './keyword-places.js';
import { KeywordProgressLines } from './keyword-progress.js';
import { forecastText } from './keyword-text.js';

/** `wakegate keyword add`. */
export async function addKeyword(typed: string, options: AddOptions): Promise<void> {
  const places = await placesOf(options);
  if (options.quick && options.record === undefined && options.recordings === undefined) {
    throw new WakegateError(
      'WG_USAGE',
      '--quick makes it from recordings alone: add --record 5, or --recordings',
    );
  }
  const phrase = await readPhrase(typed, options.language);
  const pack = await packOf(places);
  const { name, old } = await freeName({
    phrase: phrase.text,
    name: options.name,
    pack: { name: pack.name, taken: pack.keywords.map((keyword) => keyword.name) },
    own: places.folder,
    how: ' with --name',
  });
  const recorded = join(places.recorded, name);
  const files = await onDisk(places.state, () => takeFiles(options, phrase.text, recorded, places));
  const takes = await readTakes(files);
  const startedMs = performance.now();
  const lines = new KeywordProgressLines();
  const made = await withTurn(
    places.cache,
    () => lines.say('another keyword is being made: waiting for it'),
    async () =>
      makeKeyword({
        pack,
        name,
        phrase,
        takes,
        folder: await spokenFolder(places.cache, phrase),
        cache: places.cache,
        ...(options.quick && { quick: true }),
        ...(options.anyway && { anyway: true }),
        onProgress: (progress) => lines.report(progress),
      }),
  );
  lines.end();
  const isLive = await listenFor(made.keyword, places, options);
  await places.folder.keepTakes(name, files);
  await rm(recorded, { recursive: true, force: true });
  printMade(made, (performance.now() - startedMs) / 60_000);
  if (old)
    console.log(`It replaces the one of before: wakegate keyword improve ${name} --back takes that back.`);
  console.log(
    isLive ? 'The daemon listens for it now.' : 'No daemon runs: it is listened for from its next start.',
  );
}

async function takeFiles(
  { recordings, record }: AddOptions,
  phrase: string,
  recorded: string,
  { config }: KeywordPlaces,
): Promise<string[]> {
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
    files.push(...(await recordTakes({ phrase, count: record, folder: recorded, config })));
    console.error(
      `They are kept until it is made: if that is interrupted, continue with --recordings ${recorded}`,
    );
  }
  return files;
}

export function printMade({ keyword, forecast, advice }: MadeKeyword, minutes: number): void {
  console.log(`${keyword.name}: made in ${minutes.toFixed(1)} minutes`);
  for (const line of forecastText(forecast)) console.log(`  ${line}`);
  for (const sentence of advice) console.log(`  - ${sentence}`);
}
