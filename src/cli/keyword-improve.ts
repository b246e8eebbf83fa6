import { join } from 'node:path';
import { readAudioFile } from '../audio/index.js';
import { CaptureStore } from '../captures/index.js';
import { WakegateError } from '../errors.js';
import type { Capture } from '../protocol/index.js';
import { comparisonOf, improveKeyword as makeBetter, phraseOf } from '../training/own/improve-keyword.js';
import { spokenFolder } from '../training/own/spoken-folder.js';
import { readTakes } from '../training/own/takes.js';
import { withTurn } from '../training/own/turn.js';
import { printMade } from './keyword-add.js';
import type { KeywordOptions } from './keyword-options.js';
import { listenFor, packOf, placesOf } from './keyword-places.js';
import { KeywordProgressLines } from './keyword-progress.js';

const LIMITS = { count: 1e6, bytes: 1e12, days: 1e5 };

/** `wakegate keyword improve`. */
export async function improveKeyword(
  name: string,
  options: KeywordOptions & { readonly back?: boolean },
): Promise<void> {
  const places = await placesOf(options);
  if (options.back) {
    const earlier = await places.folder.earlier(name);
    await listenFor(earlier, places, options);
    console.log(`${name} is as it was before.`);
    return;
  }
  const old = await places.folder.get(name);
  const { right, wrong } = await labelled(name, join(places.state, 'captures'));
  if (right.length + wrong.length === 0) {
    throw new WakegateError(
      'WG_DATA_INVALID',
      `no capture of ${name} is labelled: turn captures on, then label some as right or wrong on the page or with ` +
        'POST /v1/captures/ID/label',
    );
  }
  const pack = await packOf(places);
  const lines = new KeywordProgressLines();
  const startedMs = performance.now();
  const improved = await withTurn(
    places.cache,
    () => lines.say('another keyword is being made: waiting for it'),
    async () =>
      makeBetter({
        pack,
        old,
        right,
        wrong,
        takes: await readTakes(await places.folder.takes(name)),
        folder: await spokenFolder(places.cache, phraseOf(old)),
        cache: places.cache,
        onProgress: (progress) => lines.report(progress),
      }),
  );
  lines.end();
  for (const sentence of comparisonOf(improved, { right, wrong })) console.log(sentence);
  if (!improved.isBetter) return;
  await listenFor(improved.made.keyword, places, options);
  printMade(improved.made, (performance.now() - startedMs) / 60_000);
  console.log(`To take it back: wakegate keyword improve ${name} --back`);
}

async function labelled(name: string, folder: string) {
  const store = new CaptureStore(folder, LIMITS);
  const right: Int16Array[] = [];
  const wrong: Int16Array[] = [];
  for (const capture of (await store.list()) as readonly Capture[]) {
    if (capture.keyword !== name || capture.label === null) continue;
    const samples = await readAudioFile(join(folder, `${capture.id}.wav`));
    (capture.label === 'right' ? right : wrong).push(samples);
  }
  return { right, wrong };
}
