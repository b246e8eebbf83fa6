import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { readAudioFile } from '../audio/index.js';
import { CaptureStore } from '../captures/index.js';
import { WakegateError } from '../errors.js';
import type { Capture } from '../protocol/index.js';
import { makeKeyword } from '../training/own/make-keyword.js';
import { readPhrase } from '../training/own/phrase.js';
import { scoresIn } from '../training/own/score-clips.js';
import { problemOf, type Take } from '../training/own/takes.js';
import { printMade } from './keyword-add.js';
import type { KeywordOptions } from './keyword-options.js';
import { listenFor, packOf, placesOf } from './keyword-places.js';
import { KeywordProgressLines } from './keyword-progress.js';
import { withTurn } from './keyword-turn.js';

const LIMITS = { count: 1e6, bytes: 1e12, days: 1e5 };
/** A capture ends a second after the word. */
const AFTER_SAMPLES = 14_000;
const WORD_SAMPLES = 28_000;

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
  const made = await withTurn(places.jobs, lines, async () =>
    makeKeyword({
      pack,
      name,
      phrase: await readPhrase(old.phrase),
      takes: [...(await keptTakes(places.folder.path, name)), ...wordsIn(right)],
      mistakes: wrong,
      folder: join(places.jobs, name),
      cache: places.cache,
      anyway: true,
      onProgress: (progress) => lines.report(progress),
    }),
  );
  lines.end();
  const before = await scoresIn(pack, old, [...right, ...wrong]);
  const after = await scoresIn(pack, made.keyword, [...right, ...wrong]);
  const count = (scores: readonly number[], threshold: number) => ({
    missed: scores.slice(0, right.length).filter((score) => score < threshold).length,
    wrong: scores.slice(right.length).filter((score) => score >= threshold).length,
  });
  const [was, is] = [count(before, old.threshold), count(after, made.keyword.threshold)];
  console.log(`right ones missed: ${was.missed} before, ${is.missed} now, of ${right.length}`);
  console.log(`wrong ones heard: ${was.wrong} before, ${is.wrong} now, of ${wrong.length}`);
  const bankBefore = (old.forecast as { falseAccepts?: { count: number } }).falseAccepts?.count ?? 0;
  const isBetter =
    is.missed + is.wrong < was.missed + was.wrong && made.forecast.falseAccepts.count <= bankBefore + 2;
  if (!isBetter) {
    console.log('That is not better, so the old one stays.');
    return;
  }
  await listenFor(made.keyword, places, options);
  printMade(made, (performance.now() - startedMs) / 60_000);
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

/** The words of captures, which are heard two seconds before their ends at most. */
function wordsIn(captures: readonly Int16Array[]): Take[] {
  return captures
    .map((samples, i) => {
      const end = Math.max(1, samples.length - AFTER_SAMPLES);
      return { name: `capture ${i + 1}`, samples: samples.slice(Math.max(0, end - WORD_SAMPLES), end) };
    })
    .filter(({ samples }) => problemOf(samples) === null);
}

async function keptTakes(folder: string, name: string): Promise<Take[]> {
  const path = join(folder, `${name}-takes`);
  const takes: Take[] = [];
  for (const file of (await readdir(path).catch(() => [])).sort()) {
    takes.push({ name: file, samples: await readAudioFile(join(path, file)) });
  }
  return takes;
}
