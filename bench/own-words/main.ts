import { mkdir } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { readAudioFile } from '../../src/audio/index.js';
import { type ModelPack, type OwnKeyword, readPack } from '../../src/model/index.js';
import { levelsOf } from '../../src/training/bank/levels.js';
import { drawOf } from '../../src/training/bank/make-bank.js';
import { type Recording, readManifest } from '../../src/training/corpus/manifest.js';
import { countInterval, rateInterval } from '../../src/training/evaluation/intervals.js';
import { Embedder } from '../../src/training/own/embedder.js';
import { makeKeyword } from '../../src/training/own/make-keyword.js';
import { readPhrase } from '../../src/training/own/phrase.js';
import { hear, peaksOf } from '../../src/training/own/score.js';
import { scoresIn } from '../../src/training/own/score-clips.js';

/**
 * Own keywords from text alone, on words that a pack never had as keywords: what the forecast says, and what is measured on real
 * recordings of dev. False accepts are counted in those dev recordings that are not in the bank.
 *
 *   node dist/bench/own-words/main.js --model DIR --manifest CSV... --words happy,left --work DIR
 */
const { values } = parseArgs({
  options: {
    model: { type: 'string' },
    manifest: { type: 'string', multiple: true },
    words: { type: 'string' },
    work: { type: 'string', default: '.cache/own-words' },
    'dev-share': { type: 'string', default: '0.5' },
  },
});
const work = values.work;
const pack = await readPack(values.model!);
const recordings: (Recording & { readonly inBank: boolean })[] = [];
for (const manifest of values.manifest ?? []) {
  for (const recording of await readManifest(manifest)) {
    const inBank = drawOf(`dev ${relative(dirname(manifest), recording.file)}`) < Number(values['dev-share']);
    if (recording.split === 'dev') recordings.push({ ...recording, inBank });
  }
}
await mkdir(work, { recursive: true });
const unheard = recordings.filter(({ kind, inBank }) => kind !== 'word' && !inBank);
const negatives = await streamOf(unheard);
console.log(
  '| word | forecast: missed | measured: missed | forecast: false accepts an hour | measured | minutes |',
);
console.log('| --- | --- | --- | --- | --- | --- |');
for (const word of values.words!.split(',')) {
  const startedMs = performance.now();
  const { keyword, forecast } = await makeKeyword({
    pack,
    name: word,
    phrase: await readPhrase(word.replaceAll('_', ' ')),
    folder: join(work, word),
    cache: work,
    anyway: true,
  });
  const minutes = (performance.now() - startedMs) / 60_000;
  const clips: Int16Array[] = [];
  for (const { file, kind, label } of recordings) {
    if (kind === 'word' && label === word) clips.push(await readAudioFile(file));
  }
  const scores = await scoresIn(pack, keyword, clips);
  const missed = scores.filter((score) => score < keyword.threshold).length;
  const accepts = await acceptsOf(pack, keyword);
  const { missed: expected, falseAccepts } = forecast;
  const cells = [
    word,
    share(expected.count, expected.of),
    share(missed, clips.length),
    rate(falseAccepts.count, falseAccepts.hours),
    rate(accepts, negatives.hours),
    minutes.toFixed(1),
  ];
  console.log(`| ${cells.join(' | ')} |`);
}

async function streamOf(from: readonly Recording[]) {
  const pieces: Uint8Array[] = [];
  for (const { file } of from) pieces.push(levelsOf(pack, await readAudioFile(file)));
  const all = Buffer.concat(pieces);
  const { channels } = pack.compression;
  const steps = all.length / channels;
  const levels = new Uint8Array(all.subarray((steps % 2) * channels));
  const embedder = await Embedder.load(pack);
  const embedded = embedder.embed(levels);
  const stream = { values: embedded, count: embedded.length / embedder.size };
  return { embedder, levels, stream, hours: (steps * 0.04) / 3600 };
}

async function acceptsOf({ compression }: ModelPack, keyword: OwnKeyword): Promise<number> {
  const { embedder, levels, stream } = negatives;
  const head = { ...keyword.head, b2: Float32Array.of(keyword.head.b2) };
  const { channels } = compression;
  const heard = hear(embedder.backend.tf, head, keyword.gate, {
    stream,
    levels,
    size: embedder.size,
    channels,
  });
  return peaksOf(heard.scores, keyword.threshold).length;
}

function share(count: number, of: number): string {
  const [low, high] = rateInterval(count, of).map((value) => (100 * value).toFixed(1));
  return `${((100 * count) / of).toFixed(1)} % (${count} of ${of}; ${low} to ${high} %)`;
}

function rate(count: number, hours: number): string {
  const [low, high] = countInterval(count, hours).map((value) => value.toFixed(2));
  return `${(count / hours).toFixed(2)} (${count} in ${hours.toFixed(1)} h; ${low} to ${high})`;
}
