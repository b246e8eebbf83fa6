import { join } from 'node:path';
import { readAudioFile } from '../audio/index.js';
import { CaptureStore, labelledCaptures, needLabelled } from '../captures/index.js';
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
  const captures = join(places.state, 'captures');
  const chosen = labelledCaptures(await new CaptureStore(captures, LIMITS).list(), name);
  needLabelled(chosen, name);
  const soundOf = (some: readonly Capture[]) =>
    Promise.all(some.map(({ id }) => readAudioFile(join(captures, `${id}.wav`))));
  const [right, wrong] = [await soundOf(chosen.right), await soundOf(chosen.wrong)];
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
