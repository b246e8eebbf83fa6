import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { readAudioFile } from '../../src/audio/index.js';
import { formatOwnKeyword, readPack } from '../../src/model/index.js';
import { drawOf } from '../../src/training/bank/chosen-recordings.js';
import { type Recording, readManifest } from '../../src/training/corpus/manifest.js';
import { countInterval, rateInterval } from '../../src/training/evaluation/intervals.js';
import { Embedder } from '../../src/training/own/embedder.js';
import { KeywordEar } from '../../src/training/own/keyword-ear.js';
import { makeKeyword } from '../../src/training/own/make-keyword.js';
import { readPhrase } from '../../src/training/own/phrase.js';
import type { ClipCounts } from '../../src/training/own/speak-phrase.js';
import { Unheard } from './unheard.js';

/**
 * Own keywords from text alone, on words that a pack never had as keywords: what the forecast says, and what is measured on real
 * recordings of dev. False accepts are counted in those dev recordings that are not in the bank.
 *
 *   node dist/bench/own-words/main.js --model DIR --manifest CSV... --words happy,left --work DIR
 *
 * `--corpora` counts false accepts in these alone, `--clips` is as in src/training/own/speak-phrase.ts, and `--splits train,dev` hears the
 * word in both.
 */
const { values } = parseArgs({
  options: {
    model: { type: 'string' },
    manifest: { type: 'string', multiple: true },
    words: { type: 'string' },
    work: { type: 'string', default: '.cache/own-words' },
    'dev-share': { type: 'string', default: '0.5' },
    corpora: { type: 'string' },
    clips: { type: 'string' },
    splits: { type: 'string', default: 'dev' },
  },
});
const work = values.work;
const pack = await readPack(values.model!);
const splits = values.splits.split(',');
const recordings: (Recording & { readonly inBank: boolean })[] = [];
for (const manifest of values.manifest ?? []) {
  for (const recording of await readManifest(manifest)) {
    const inBank = drawOf(`dev ${relative(dirname(manifest), recording.file)}`) < Number(values['dev-share']);
    const isWord = recording.kind === 'word' && splits.includes(recording.split);
    if (isWord || recording.split === 'dev') recordings.push({ ...recording, inBank });
  }
}
await mkdir(work, { recursive: true });
const kept = new Set(values.corpora?.split(','));
const negatives = recordings.filter(
  ({ kind, inBank, corpus }) => kind !== 'word' && !inBank && (kept.size === 0 || kept.has(corpus)),
);
const unheard = await Unheard.read(
  pack,
  negatives.map(({ file }) => file),
);
console.log(
  '| word | forecast: missed | measured: missed | forecast: false accepts an hour | measured | missed at 0.5, 0.2 an hour | minutes |',
);
console.log('| --- | --- | --- | --- | --- | --- | --- |');
const embedder = await Embedder.load(pack);
for (const word of values.words!.split(',')) {
  const startedMs = performance.now();
  const clips = values.clips ? { clips: JSON.parse(values.clips) as ClipCounts } : {};
  const { keyword, forecast } = await makeKeyword({
    pack,
    name: word,
    phrase: await readPhrase(word.replaceAll('_', ' ')),
    folder: join(work, word),
    cache: work,
    anyway: true,
    ...clips,
    onProgress: ({ stage }) => console.error(stage, word, Math.round(performance.now() - startedMs)),
  });
  const minutes = (performance.now() - startedMs) / 60_000;
  await writeFile(join(work, `${word}.json`), formatOwnKeyword(keyword));
  const ear = await KeywordEar.open(pack, keyword, embedder);
  const scores: number[] = [];
  for (const { file, kind, label } of recordings) {
    if (kind === 'word' && label === word) scores.push(bestIn(ear, await readAudioFile(file)));
  }
  const missedAt = (threshold: number) => scores.filter((score) => score < threshold).length;
  const peaks = await unheard.peaks(ear, 0.001);
  const accepts = peaks.filter((score) => score >= keyword.threshold).length;
  // With the threshold that has so many on these very hours: what the keyword could do, whatever the bank said.
  const at = (perHour: number) => missedAt((peaks[Math.floor(perHour * unheard.hours)] ?? 0) + 1e-9);
  const { missed: expected, falseAccepts } = forecast;
  const cells = [
    word,
    share(expected.count, expected.of),
    share(missedAt(keyword.threshold), scores.length),
    `${falseAccepts.perHour.toFixed(2)} (${falseAccepts.count} in ${falseAccepts.hours.toFixed(1)} h)`,
    rate(accepts, unheard.hours),
    `${at(0.5)}, ${at(0.2)} of ${scores.length}`,
    minutes.toFixed(1),
  ];
  console.log(`| ${cells.join(' | ')} |`);
}

/** The highest score in a clip, between silence. */
function bestIn(ear: KeywordEar, clip: Int16Array): number {
  const samples = new Int16Array(32_000 + clip.length + 16_000);
  samples.set(clip, 32_000);
  return ear.hear(samples).reduce((best, score) => Math.max(best, score), 0);
}

function share(count: number, of: number): string {
  const [low, high] = rateInterval(count, of).map((value) => (100 * value).toFixed(1));
  return `${((100 * count) / of).toFixed(1)} % (${count} of ${of}; ${low} to ${high} %)`;
}

function rate(count: number, hours: number): string {
  const [low, high] = countInterval(count, hours).map((value) => value.toFixed(2));
  return `${(count / hours).toFixed(2)} (${count} in ${hours.toFixed(1)} h; ${low} to ${high})`;
}
